import { z } from "zod";
import type { GpuSettings } from "../model/machine.ts";
import { gpuClocksSchema } from "./gpu-clock-options.ts";

/**
 * `benchbox:gpu`: the GPUs that the box gets, and how. The short form is `all`, `none` or a list of indices or UUIDs; the long form
 * is `{devices: …, mode: …, clocks: …}`.
 */

const uuid = /^(GPU|MIG)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** `1`, or `1:0` for the first MIG instance of GPU 1. */
const index = /^(0|[1-9][0-9]{0,2})(:(0|[1-9][0-9]?))?$/;

const deviceRule = "must be the index or the full UUID of a GPU, as listed by nvidia-smi -L";

const device = z
  .union([z.number(), z.string()], deviceRule)
  .transform(String)
  .refine((name) => index.test(name) || uuid.test(name), deviceRule);

const list = z
  .array(device)
  .min(1, 'must not be empty: write "none" for no GPU')
  .superRefine((names, context) => {
    for (const [position, name] of names.entries()) {
      if (names.indexOf(name) === position) continue;
      const message = "is listed twice; remove one of the two";
      context.addIssue({ code: "custom", path: [position], message, input: name });
    }
  });

const word = z.enum(["none", "all"], 'must be "all", "none" or a list of indices or UUIDs, for example [0, 1]');

/** Selects the schema by the form of the value: a union would report the problems of every alternative. */
const devices = z.unknown().transform((value, context): GpuSettings["devices"] => {
  return unwrap<GpuSettings["devices"]>(
    (Array.isArray(value) ? list : word).safeParse(value, { reportInput: true }),
    context,
  );
});

/** The forms for editors, which cannot look into a transformation. */
const devicesForm = {
  anyOf: [{ enum: ["all", "none"] }, { type: "array", items: { type: ["integer", "string"] }, minItems: 1 }],
};

const settings = z
  .strictObject({
    devices: devices.prefault("all").meta({
      ...devicesForm,
      description: "The GPUs: `all`, `none`, or indices and UUIDs as in `nvidia-smi -L`; `1:0` is a MIG instance.",
      examples: [[0, 1]],
    }),
    model: z
      .string("must be the name of a model")
      .regex(/^[\w.-]+( [\w.-]+)*$/, "must be the name of a model, for example H200 or RTX 4090")
      .optional()
      .meta({
        description: "The GPUs by model, instead of `devices`: words of the name that nvidia-smi prints.",
        defaultText: "any",
        examples: ["H200", "RTX 4090"],
      }),
    count: z
      .int("must be a whole number of GPUs, for example 2")
      .min(1, "must be at least 1; write `gpu: none` for no GPU")
      .max(64, "must be at most 64")
      .optional()
      .meta({
        description:
          "How many of them, instead of `devices`. A box keeps the GPUs that it has; a new one gets those that no other box of this " +
          "Docker Engine uses, by index.",
        defaultText: "all",
        examples: [2],
      }),
    mode: z
      .enum(["auto", "cdi", "runtime"], 'must be "auto", "cdi" or "runtime"')
      .default("auto")
      .meta({
        description:
          "How the GPUs get into the box: through the Container Device Interface, through NVIDIA's runtime, or as the Docker " +
          "Engine supports.",
        examples: ["cdi"],
      }),
    clocks: gpuClocksSchema.optional().meta({
      description: "Pins the clocks of the GPUs until the box is removed.",
      examples: [{ graphics: 1410 }],
      effect: "in place",
    }),
  })
  .superRefine(({ devices: chosen, model, count, clocks }, context) => {
    for (const [key, value] of Object.entries({ model, count })) {
      if (value === undefined || chosen === "all") continue;
      const message = "excludes `devices`, which names the GPUs; remove one of the two";
      context.addIssue({ code: "custom", path: [key], message, input: value });
    }
    if (clocks === undefined) return;
    const message = clockProblem(chosen);
    if (message !== undefined) context.addIssue({ code: "custom", path: ["clocks"], message });
  })
  .transform(({ model, count, ...others }): GpuSettings => {
    const isChoice = model !== undefined || count !== undefined;
    return { ...others, ...(isChoice && { choice: { model, count } }) };
  });

function clockProblem(chosen: GpuSettings["devices"]): string | undefined {
  if (chosen === "none") return 'has no GPU to apply to: devices is "none"';
  if (chosen === "all" || !chosen.some((name) => /^MIG-|:/.test(name))) return undefined;
  return "cannot be set for MIG instances, which share the clock of their GPU; select whole GPUs";
}

export const gpuSchema = z
  .unknown()
  .transform((value, context): GpuSettings => {
    const isLong = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isLong) return unwrap(settings.safeParse(value, { reportInput: true }), context);
    return { devices: unwrap(devices.safeParse(value, { reportInput: true }), context), mode: "auto" };
  })
  .meta({
    description: "GPUs that the box gets: the value of `devices`, or a mapping with the keys below.",
    examples: ["none", [0, 1], { model: "H200", count: 2 }],
    alternatives: [devices.meta(devicesForm), settings],
  });

/** The parsed value; on failure, adds its issues to those of the enclosing schema. */
function unwrap<T>(checked: z.ZodSafeParseResult<T>, context: z.RefinementCtx): T {
  if (checked.success) return checked.data;
  for (const issue of checked.error.issues) context.issues.push(issue as z.core.$ZodRawIssue);
  return z.NEVER;
}
