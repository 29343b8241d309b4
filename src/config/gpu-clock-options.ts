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

/** The form of `lock` for editors: the schema accepts it before a transformation, which JSON Schema cannot express. */
const lockForm = {
  anyOf: [{ type: "integer" }, { type: "array", items: { type: "integer" }, minItems: 2, maxItems: 2 }],
};

export const gpuClocksSchema = z
  .strictObject({
    graphics: lock.optional().meta({
      ...lockForm,
      description: "Lock of the graphics clock in MHz: one clock, or a range that the GPU may choose from.",
      examples: [1410, [1200, 1410]],
    }),
    memory: lock
      .optional()
      .meta({ ...lockForm, description: "Lock of the memory clock in MHz, in the same form.", examples: [1593] }),
    applications: z
      .strictObject({
        memory: mhz.meta({ description: "Memory clock in MHz.", examples: [1593] }),
        graphics: mhz.meta({ description: "Graphics clock in MHz.", examples: [1410] }),
      })
      .optional()
      .meta({
        description: "The application clocks instead of locks: a pair that `nvidia-smi -q -d SUPPORTED_CLOCKS` lists.",
        examples: [{ memory: 1593, graphics: 1410 }],
      }),
  })
  .refine(
    ({ graphics, memory, applications }) => ((graphics ?? memory) === undefined) !== (applications === undefined),
    "must set either applications, or graphics, memory or both, which lock a clock",
  )
  .transform((clocks): GpuClocks => clocks);
