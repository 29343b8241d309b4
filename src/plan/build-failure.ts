/** Lines of a log that are shown. */
const shownLines = 40;

/** How a build ended that did not get to its end. */
export interface BuildFailure {
  /** The step that failed or was under way, `7/12: RUN ...`; undefined when none was begun. */
  readonly step: string | undefined;
  /** Whether the log says of that step that it failed. It may be cut off before. */
  readonly isToldOf: boolean;
  /** What is known to have been at fault: the engine's disk, or another build; see `sharedWork`. */
  readonly cause: "full-disk" | "shared-work" | undefined;
}

interface Step {
  readonly title: string;
  readonly end: string | undefined;
}

/** What BuildKit's plain log says of a failure; undefined when the image was made. Pure. */
export function failureOf(log: string): BuildFailure | undefined {
  const steps = new Map<string, Step>();
  for (const line of log.split("\n")) {
    const [, number = "", words = ""] = /^#([1-9]\d*) (.*)$/.exec(line) ?? [];
    if (number === "" || /^(\d+\.\d+ |\.\.\.$)/.test(words)) continue; // what a step prints, and that another one goes on
    const known = steps.get(number);
    const end = /^(DONE|CACHED|ERROR|CANCELED)\b/.exec(words)?.[1];
    steps.delete(number); // the one that is spoken of last is the last
    steps.set(number, { title: known?.title ?? words, end: end ?? known?.end });
  }
  const all = [...steps.values()];
  if (all.some(({ title, end }) => title.startsWith("exporting to image") && end === "DONE")) return undefined;
  const failed = all.find(({ end }) => end === "ERROR");
  const step = failed ?? all.findLast(({ end }) => end === undefined || end === "CANCELED");
  return {
    step: step && nameOf(step),
    isToldOf: failed !== undefined,
    cause: causeIn(log),
  };
}

function causeIn(log: string): BuildFailure["cause"] {
  if (/no space left on device/i.test(log)) return "full-disk";
  return /no active sessions?/.test(log) ? "shared-work" : undefined;
}

/** `[stage-0  7/12] RUN --mount=... a b` as `7/12: RUN a b`. */
function nameOf({ title }: Step): string {
  const [, number, words] = /^\[\S+ +(\d+\/\d+)\] (.*)$/.exec(title) ?? [];
  return number && words ? `${number}: ${words.replace(/--mount=\S+\s+/g, "").trim()}` : title;
}

/** The failure with the end of the log, as a person is told it. */
export function tellFailure({ step, isToldOf, cause }: BuildFailure, log: string, path: string): string[] {
  const lines = log.trimEnd().split("\n");
  const where = step === undefined ? "before its first step" : `in step ${step}`;
  const told = [
    `benchbox: ${cause === "full-disk" ? "the engine's disk is full: " : ""}the image's build failed ${where}`,
  ];
  if (cause === "full-disk") told.push(...fullDisk);
  else if (cause === "shared-work" || !isToldOf) told.push(...sharedWork(cause === "shared-work"));
  return [...told, `  the end of its log (all of it: ${path}):`, ...lines.slice(-shownLines)];
}

const fullDisk = [
  "  What takes room there: docker system df. The caches of builds go by `docker builder prune`, images of no container by",
  "  `docker image prune --all`; volumes are data. Then run this again, it goes on from there.",
];

/**
 * What an engine with an older BuildKit does to two builds of the same steps: both live by the session of the first.
 *
 * @param isSure else the engine may have been ended itself, which a log cannot tell
 */
function sharedWork(isSure: boolean): string[] {
  return isSure
    ? [
        "  because another build that it shared this step with was ended.",
        "  The engine does a step once for all builds that want it at the same time. When one of them is killed, it may",
        "  drop the step for the others, too: run this again, it goes through.",
      ]
    : [
        "  and its log ends without a reason: the Docker Engine was ended in between (does `docker version` answer?), or",
        "  dropped the step because another build that wanted the same one was killed. Run this again, it goes on from there.",
      ];
}
