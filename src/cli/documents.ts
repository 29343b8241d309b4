import { z } from "zod";

/**
 * The documents that commands print with `--json`. They are an interface: increase `version` when a key is renamed, removed or changes its
 * meaning. docs/json.md is generated from them (tests/support/json-docs.ts). Commands import only the types, which costs nothing at run
 * time.
 */

const severity = z.enum(["ok", "warning", "error", "unseen"]);

const check = z
  .strictObject({
    severity: severity.describe("`unseen`: not visible from this host"),
    subject: z.string().describe("what was checked, for example `NVIDIA driver`"),
    found: z.string().optional().describe("what is there; absent where it is not visible"),
    needed: z.string().optional().describe("what a failed check requires"),
    remedy: z.string().optional().describe("the fix: a command, or a line to change"),
  })
  .describe("a preflight check");

export const doctorReport = z
  .strictObject({
    version: z.literal(1),
    stack: z.string(),
    canRun: z.boolean().describe("`true` if no check failed with an error"),
    checks: z.array(check),
  })
  .describe("npm run doctor -- STACK --json");

const driftRow = z
  .strictObject({
    part: z.string().describe("what differs, for example `tool uv`"),
    desired: z.string().describe("what the stack's files describe"),
    actual: z.string().describe("what is there"),
    kind: z
      .enum(["drift", "changed", "alarm"])
      .describe("`drift`: the host or the box changed; `changed`: the files did; `alarm`: a person must decide"),
    plannedAction: z.string().describe("what the next `up` does about it, or what you must do"),
    losesData: z.boolean().describe("whether the planned action removes files that are in no volume"),
    lostData: z.string().describe("those files in a few words; empty for none"),
  })
  .describe("a part that differs");

export const driftReport = z
  .strictObject({
    version: z.literal(1),
    stack: z.string(),
    checkedAt: z.iso.datetime().describe("ISO 8601 in UTC"),
    drifts: z.array(driftRow),
    notChecked: z.array(z.string()).describe("what could not be checked, and why"),
    dockerEngine: z.string().describe("version and address of the Docker Engine"),
    gpus: z
      .array(z.string())
      .describe("the host's GPUs, each with its driver; empty where they are not visible, or the stack requests none"),
    tools: z.record(z.string(), z.string()).describe("version of each tool that is installed in the box"),
  })
  .describe("npm run drift -- STACK --json");

export const driftHistory = z
  .array(
    z
      .strictObject({
        checkedAt: z.iso.datetime().describe("ISO 8601 in UTC"),
        drifts: z.array(z.strictObject({ part: z.string(), actual: z.string() })).describe("empty: no drift any more"),
      })
      .describe("the drift from a time on"),
  )
  .describe("npm run drift -- STACK --history --json");

const fleetRow = z
  .strictObject({
    stack: z.string(),
    state: z.enum(["ok", "drift", "failed"]),
    summary: z.string().describe("one line"),
    dockerEngine: z.string().optional().describe("version and address of its Docker Engine"),
    gpus: z.array(z.string()).optional().describe("the host's GPUs, each with its driver"),
    tools: z.record(z.string(), z.string()).optional().describe("version of each installed tool"),
    lastUp: z.iso.datetime().optional().describe("ISO 8601 in UTC"),
    seconds: z.number().describe("how long the check took"),
  })
  .describe("the status of one stack");

export const fleetReport = z
  .strictObject({ version: z.literal(1), stacks: z.array(fleetRow) })
  .describe("npm run fleet -- list|drift|preview|doctor|up --json");

const toolRow = z
  .strictObject({
    step: z.string().describe("id of the first-run step"),
    state: z
      .enum(["installed", "unavailable", "broken", "missing"])
      .describe("`unavailable`: no source could be reached; `missing`: it has not run, or failed"),
    required: z.boolean().describe("whether an `up` fails without it"),
    version: z.string().optional(),
    path: z.string().optional().describe("in the box"),
    source: z.string().optional().describe("the site that delivered it"),
    proof: z.string().optional().describe("what verified it"),
    sha256: z.string().optional().describe("of the archive"),
    packages: z
      .array(z.string())
      .readonly()
      .optional()
      .describe("name and version of each package, for a step that installs packages"),
    seconds: z.number().optional().describe("how long the step took"),
    reason: z.string().optional().describe("why it is not installed, or what is broken"),
  })
  .describe("a first-run step");

export const toolsReport = z
  .strictObject({ version: z.literal(1), stack: z.string(), tools: z.array(toolRow) })
  .describe("npm run tools -- STACK --json");

const guestKey = z.strictObject({
  key: z.string().describe("type and base64 of the public key"),
  comment: z.string().describe("empty if the key has none"),
  until: z
    .string()
    .optional()
    .describe("the last day on which it can log in, `YYYY-MM-DD` in the time zone of the box; absent if it has none"),
});

export const keysReport = z
  .strictObject({ version: z.literal(1), stack: z.string(), keys: z.array(guestKey) })
  .describe("npm run key -- list STACK --json");

export const documents = { doctorReport, driftReport, driftHistory, fleetReport, toolsReport, keysReport };

export type DoctorReport = z.output<typeof doctorReport>;
export type DriftReport = z.output<typeof driftReport>;
export type DriftRow = z.output<typeof driftRow>;
export type DriftHistoryEntry = z.output<typeof driftHistory>[number];
export type FleetRow = z.output<typeof fleetRow>;
export type FleetReport = z.output<typeof fleetReport>;
export type ToolRow = z.output<typeof toolRow>;
export type ToolsReport = z.output<typeof toolsReport>;
export type GuestKey = z.output<typeof guestKey>;
export type KeysReport = z.output<typeof keysReport>;
