import { z } from "zod";
import type { GpuClocks } from "../model/machine.ts";

/** `benchbox:gpu.clocks`: what the GPUs' clocks are pinned to, in MHz. */

const mhzRule = "must be a whole number of MHz between 100 and 20000, for example 1410";
const mhz = z.int(mhzRule).min(100, mhzRule).max(20_000, mhzRule);

/** One clock, or the range in which the GPU may choose. */
const lock = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value, value]),
  z
    .tuple([mhz, mhz], "must be a clock or a range of two, for example [1200, 1410]")
    .refine(([low, high]) => low <= high, "must have the lower clock first"),
);

export const gpuClocksSchema = z
  .strictObject({
    /** What the graphics clock is locked to. */
    graphics: lock.optional(),
    /** Likewise the memory clock. */
    memory: lock.optional(),
    /** A pair that programs run at, of those that `nvidia-smi -q -d SUPPORTED_CLOCKS` lists. */
    applications: z.strictObject({ memory: mhz, graphics: mhz }).optional(),
  })
  .refine(
    ({ graphics, memory, applications }) => ((graphics ?? memory) === undefined) !== (applications === undefined),
    "must have either applications, or one or both of graphics and memory, which lock a clock",
  )
  .transform((clocks): GpuClocks => clocks);
