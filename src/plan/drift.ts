import type { Machine, Notice } from "../model/machine.ts";
import type { LimitChange } from "../model/running-limits.ts";
import type { BoxChange, BoxObservation } from "../observe/box-observation.ts";
import { isSudoBroken } from "./new-privileges.ts";
import type { PlannedStep } from "./step-plan.ts";

/** A difference between the desired state in the stack's files and the actual state. */
export interface Drift {
  /** What differs, in a few words: `box`, `tool uv`, `password of peid`. */
  readonly part: string;
  readonly desired: string;
  readonly actual: string;
  /** The action of the next `up`, as the rest of a sentence that begins with `up`. */
  readonly plan: string;
  /** `drift`: the box or its host changed. `changed`: the stack's files did. `alarm`: a person must decide. */
  readonly kind: "drift" | "changed" | "alarm";
  /** The resource that the planned action changes: a step's id, or one of the box's own resources. */
  readonly by: string;
  /** Whether the planned action replaces the container, and so removes the files that are in no volume. */
  readonly isReplacing: boolean;
  /** Whether a preview reports it in a notice; false where the plan shows the difference, or another message covers it. */
  readonly isReported: boolean;
}

/** The drift of the box itself. */
export function boxDrifts(
  machine: Pick<Machine, "users">,
  box: BoxObservation,
  limits: readonly LimitChange[],
): Drift[] {
  return [
    ...stateDrifts(box),
    ...limits.map(({ name, found, wanted }) =>
      drift(name, wanted, found, "sets it on the same container, while it runs", "start"),
    ),
    ...(box.changes ?? []).map(changeDrift),
    ...sudoDrifts(machine, box),
    ...machine.users.flatMap(({ name, uid, gid }) => {
      const [actual, desired] = [box.ids?.get(name), `${uid}:${gid}`];
      return actual === undefined || actual === desired
        ? []
        : [drift(`ids of ${name}`, desired, actual, "restores them, and the owner of the files in the home", "start")];
    }),
    ...gpuDrifts(box),
  ];
}

function stateDrifts({ state, stoppedAt, startedUnder, isByHand }: BoxObservation): Drift[] {
  if (isByHand) {
    const aside = "stops it, keeps it under another name, and creates the stack's own; the volumes are kept";
    return [drift("box", "the stack's own container", "a container created by hand has its name", aside, "container")];
  }
  const start = "starts the same container; nothing in it is lost";
  switch (state) {
    case "absent":
      return [{ ...drift("box", "running", "absent", "creates it", "container"), isReported: false }];
    case "paused":
      return [drift("box", "running", "paused", "resumes the same container; nothing in it is lost", "start")];
    case "stopped": {
      const since = stoppedAt === undefined || stoppedAt.startsWith("0001-") ? "" : ` since ${stoppedAt.slice(0, 19)}Z`;
      return [drift("box", "running", `stopped${since}`, start, "start")];
    }
    case "running":
      return startedUnder === undefined
        ? [
            drift(
              "box",
              "has its keys and passwords",
              "does not have them yet: nobody can log in",
              "installs them",
              "start",
            ),
          ]
        : [];
    case "unreachable":
      return [];
  }
}

const replacing = "replaces the container; volumes stay, and `npm run preview` lists the files that are in no volume";

function changeDrift({ what, name }: BoxChange): Drift {
  switch (what) {
    case "host-key":
      return {
        ...drift("SSH host key", "the stack's", "another one", "stops until you investigate", "nothing"),
        kind: "alarm",
        isReported: false,
      };
    case "sshd-config":
      return drift("SSH server", "as in the image", "/etc/ssh/sshd_config was edited", "restores it", "start");
    case "packages":
      return {
        ...drift("packages", "as in the image", `missing: ${name}`, replacing, "container"),
        isReplacing: true,
      };
    case "authorized-keys":
      return drift(
        `keys of ${name}`,
        "the stack's keys, and the user's own",
        "some of the stack's keys are missing from ~/.ssh/authorized_keys",
        "restores them",
        "start",
      );
    case "password":
      return drift(`password of ${name}`, "the stack's", "another one", "sets it", "start");
  }
}

function sudoDrifts({ users }: Pick<Machine, "users">, box: BoxObservation): Drift[] {
  if (!users.some(({ sudo }) => sudo) || !isSudoBroken(box)) return [];
  const actual =
    'fails: the container was created while the Docker Engine had "no-new-privileges": true in its daemon.json';
  return [{ ...drift("sudo", "works", actual, replacing, "container"), isReplacing: true }];
}

function gpuDrifts({ lostGpus, otherDriver }: BoxObservation): Drift[] {
  const restart = "restarts the same container, which ends the programs in it";
  const cannot = "cannot fix that: restart the host, or reload its driver";
  return [
    ...(lostGpus === undefined ? [] : [drift("GPUs", "in the box", `lost: ${lostGpus}`, restart, "start")]),
    ...(otherDriver === undefined ? [] : [drift("GPUs", "in the box", otherDriver, cannot, "nothing")]),
  ].map((one) => ({ ...one, isReported: false }));
}

/** The first-run steps that the next `up` runs. */
export function stepDrifts(steps: readonly PlannedStep[], box: BoxObservation): Drift[] {
  const isThere = box.state !== "absent" && box.state !== "unreachable";
  const desired = new Set(steps.map(({ step }) => step.id));
  const undesired = [...box.steps.keys()].filter((id) => !desired.has(id));
  return [
    ...(isThere ? steps.filter(({ hasRun }) => !hasRun).map(({ step }) => stepDrift(step.id, box)) : []),
    ...undesired.map((id) => changed(`tool ${id}`, "none", "installed", "removes it", id)),
  ];
}

function stepDrift(id: string, { steps, state }: BoxObservation): Drift {
  const found = steps.get(id);
  const part = `tool ${id}`;
  const what = found?.tool ? `${id} ${found.tool.version}` : "run";
  if (found === undefined) {
    const missing = drift(part, "run", "has not run, or failed", "runs it", id);
    return { ...missing, isReported: state === "running" };
  }
  if (found.broken !== undefined) return drift(part, what, found.broken, "repairs it and nothing else", id);
  if (found.state === "unavailable")
    return { ...drift(part, "run", `unavailable: ${found.reason ?? ""}`, "tries it again", id), isReported: false };
  return changed(part, "the current configuration", `${what} of an earlier configuration`, "runs it again", id);
}

/** @param network see `MachineObservation`. A stack without a box has no drift. */
export const networkDrifts = (network: string | undefined, { state }: Pick<BoxObservation, "state">): Drift[] =>
  network === undefined && state !== "absent"
    ? [drift("network", "present", "missing", "creates it again; the box stays", "network")]
    : [];

/** @param declared the hash that the stack's image must have; see `ImagePlan` */
export function imageDrifts(
  { declared, isBuilt }: { readonly declared: string; readonly isBuilt: boolean },
  images: readonly { readonly declared: string }[],
): Drift[] {
  if (isBuilt || images.length === 0) return []; // without a box there is no drift
  return images.some((image) => image.declared === declared)
    ? [
        drift(
          "image",
          "on the Docker Engine",
          "missing, or another image has its name",
          "builds it again; the box stays",
          "image",
        ),
      ]
    : [
        {
          ...changed(
            "image",
            "the current configuration",
            "of an earlier configuration",
            `builds it and ${replacing}`,
            "image",
          ),
          isReplacing: true,
        },
      ];
}

/** @param isMade whether the container was created with the current configuration */
export const containerDrifts = (isMade: boolean): Drift[] =>
  isMade
    ? []
    : [
        {
          ...changed("container", "the current configuration", "created with other settings", replacing, "container"),
          isReplacing: true,
        },
      ];

/** @param before the host's facts in the box's fingerprint */
export function machineDrifts(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): Drift[] {
  return Object.keys(now)
    .filter((key) => key in before && textOf(before[key]) !== textOf(now[key]))
    .map((key) =>
      drift(`host's ${key}`, textOf(before[key]), textOf(now[key]), "writes it into the fingerprint", "fingerprint"),
    );
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "unknown"));

/** Notices that a preview prints beside its plan: why the plan contains a resource. */
export const driftNotices = (drifts: readonly Drift[]): Notice[] =>
  drifts
    .filter(({ isReported }) => isReported)
    .map(({ part, desired, actual, plan }) => ({
      severity: "info",
      text: `${part}: ${actual}; desired: ${desired}. \`up\` ${plan}.`,
    }));

const drift = (part: string, desired: string, actual: string, plan: string, by: Drift["by"]): Drift => ({
  part,
  desired,
  actual,
  plan,
  kind: "drift",
  by,
  isReplacing: false,
  isReported: true,
});

const changed = (...words: Parameters<typeof drift>): Drift => ({
  ...drift(...words),
  kind: "changed",
  isReported: false,
});
