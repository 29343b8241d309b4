import { z } from "zod";
import { sizeInBytes, sizeText } from "../lib/size.ts";
import type { Limits } from "./machine.ts";

/** `benchbox:limits`: what the box may use of its machine. */

const mebibyte = 2 ** 20;

/** Whole MiB: the engine's plugin counts in them. */
const size = (least: number, example: string) =>
  z.string(`must be a size with its unit, for example ${example}`).transform((text, context): number => {
    const bytes = sizeInBytes(text);
    if (bytes !== undefined && bytes % mebibyte === 0 && bytes >= least) return bytes;
    const message =
      bytes === undefined
        ? `must be a size with its unit (m, g or t), for example ${example}`
        : `must be whole MiB and at least ${sizeText(least)}`;
    context.addIssue({ code: "custom", message, input: text });
    return z.NEVER;
  });

/**
 * Room for the batches that PyTorch's data loaders hand over: Docker's own 64 MiB end in "Bus error" or "insufficient
 * shared memory". An upper bound; only what is used takes memory.
 */
const usualShm = 8 * 2 ** 30;

export const limitsSchema = z
  .strictObject({
    /** Size of /dev/shm. */
    shm: size(mebibyte, "8g").optional(),
    /** Memory that a program may lock; `unlimited` as NVIDIA advises where the machine allows it. */
    memlock: z
      .union([z.literal("unlimited"), size(mebibyte, "64m")], "must be a size, for example 64m, or unlimited")
      .optional(),
    /** Size of a thread's stack; 64m as NVIDIA advises. */
    stack: size(mebibyte, "64m").optional(),
    cpus: z
      .number("must be a number of CPUs, for example 8 or 1.5")
      .min(0.01, "must be at least 0.01")
      .multipleOf(0.01, "must have at most two decimals")
      .optional(),
    /** Without swap beside it. */
    memory: size(64 * mebibyte, "64g").optional(),
  })
  .transform((limits, context): Limits => {
    const { memory, shm = Math.min(usualShm, memory ?? usualShm) } = limits;
    if (memory !== undefined && shm > memory) {
      const message = `must not be more than the box's memory, ${sizeText(memory)}, which it is a part of`;
      context.addIssue({ code: "custom", path: ["shm"], message, input: sizeText(shm) });
    }
    return { ...limits, shm };
  });
