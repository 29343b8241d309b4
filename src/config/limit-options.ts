import { z } from "zod";
import type { Limits } from "../model/machine.ts";
import { sizeInBytes, sizeText } from "../model/size.ts";

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
    /** Files that a program may have open; the engine's own limit if not said. */
    nofile: z
      .int("must be a whole number of files, for example 1048576")
      .min(1024, "must be at least 1024: programs count on that many")
      .optional(),
    /** `host` for programs that share memory with others on the machine; `shareable` for other containers to join. */
    ipc: z.enum(["private", "shareable", "host"], 'must be "private", "shareable" or "host"').default("private"),
    cpus: z
      .number("must be a number of CPUs, for example 8 or 1.5")
      .min(0.01, "must be at least 0.01")
      .multipleOf(0.01, "must have at most two decimals")
      .optional(),
    memory: size(64 * mebibyte, "64g").optional(),
    /** What may be swapped out beyond the memory; nothing if not said. */
    swap: size(mebibyte, "16g").optional(),
    /** Processes and threads together. */
    pids: z
      .union(
        [z.literal("unlimited"), z.int().min(256, "must be at least 256: a few sessions have that many")],
        "must be a whole number of processes and threads, for example 16384, or unlimited",
      )
      .optional(),
    /** Of what the SSH server and the entrypoint say (`docker logs`). */
    log: z
      .strictObject({
        max_size: size(mebibyte, "10m").default(10 * mebibyte),
        max_file: z
          .int("must be a whole number of files, for example 3")
          .min(1, "must be at least 1")
          .max(100, "must be at most 100")
          .default(3),
      })
      .prefault({}),
  })
  .transform((limits, context): Limits => {
    const { memory, swap, ipc, log } = limits;
    const refuse = (path: string, message: string, input: unknown): void =>
      context.addIssue({ code: "custom", path: [path], message, input });
    if (swap !== undefined && memory === undefined) {
      refuse("swap", "goes beyond `memory`, which is not there: write it, too", sizeText(swap));
    }
    if (ipc === "host" && limits.shm !== undefined) {
      refuse("shm", "cannot be set with ipc: host, where /dev/shm is the machine's own", sizeText(limits.shm));
    }
    const shm = ipc === "host" ? undefined : (limits.shm ?? Math.min(usualShm, memory ?? usualShm));
    if (memory !== undefined && shm !== undefined && shm > memory) {
      const whole = `must not be more than the box's memory, ${sizeText(memory)}, which it is a part of`;
      refuse("shm", whole, sizeText(shm));
    }
    return { ...limits, shm, log: { maxSize: log.max_size, maxFile: log.max_file } };
  });
