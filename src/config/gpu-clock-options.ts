import { z } from "zod";
import type { GpuClocks } from "../model/machine.ts";

/** `benchbox:gpu.clocks`: the values that the GPUs' clocks are pinned to, in MHz. */

const mhzRule = "must be a whole number of MHz between 100 and 20000, for example 1410";
const mhz = z.int(mhzRule).min(100, mhzRule).max(20_000, mhzRule);

/** One clock, or a range that the GPU may choose from. */
const lock = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value, value]),
  z
    .tuple([mhz, mhz], "must be a clock or a range, for example [1200, 1410]")
    .refine(([low, high]) => low <= high, "must list the lower clock first"),
);

export const gpuClocksSchema = z
  .strictObject({
    /** Lock of the graphics clock. */
    graphics: lock.optional(),
    /** Lock of the memory clock. */
    memory: lock.optional(),
    /** The application clocks, a pair that `nvidia-smi -q -d SUPPORTED_CLOCKS` lists. */
    applications: z.strictObject({ memory: mhz, graphics: mhz }).optional(),
  })
  .refine(
    ({ graphics, memory, applications }) => ((graphics ?? memory) === undefined) !== (applications === undefined),
    "must set either applications, or graphics, memory or both, which lock a clock",
  )
  .transform((clocks): GpuClocks => clocks);
