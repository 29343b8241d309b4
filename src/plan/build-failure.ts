/** How many lines of the log's end are shown. */
const shownLines = 40;

/** Where and why a build failed. */
export interface BuildFailure {
  /** The step that failed or was running, `7/12: RUN ...`; undefined when the build failed before its first step. */
  readonly step: string | undefined;
  /** Whether the log reports the failure of that step; false when the log ends before it does. */
  readonly isLogged: boolean;
  /** The cause, where the log shows it: a full disk of the Docker Engine, or another build; see `sharedWork`. */
  readonly cause: "full-disk" | "shared-work" | undefined;
}

interface Step {
  readonly title: string;
  readonly end: string | undefined;
}

/** Finds the failure in BuildKit's plain log; undefined when the image was built. Pure. */
export function findBuildFailure(log: string): BuildFailure | undefined {
  const steps = new Map<string, Step>();
  for (const line of log.split("\n")) {
    const [, number = "", words = ""] = /^#([1-9]\d*) (.*)$/.exec(line) ?? [];
    if (number === "" || /^(\d+\.\d+ |\.\.\.$)/.test(words)) continue; // a step's output, and the mark of a switch to another step
    const known = steps.get(number);
    const end = /^(DONE|CACHED|ERROR|CANCELED)\b/.exec(words)?.[1];
    steps.delete(number); // so that the step mentioned last is the map's last
    steps.set(number, { title: known?.title ?? words, end: end ?? known?.end });
  }
  const all = [...steps.values()];
  if (all.some(({ title, end }) => title.startsWith("exporting to image") && end === "DONE")) return undefined;
  const failed = all.find(({ end }) => end === "ERROR");
  const step = failed ?? all.findLast(({ end }) => end === undefined || end === "CANCELED");
  return {
    step: step && nameOf(step),
    isLogged: failed !== undefined,
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

/** The report of a failed build: the failure, its fix, and the end of the log. */
export function formatBuildFailure({ step, isLogged, cause }: BuildFailure, log: string, path: string): string[] {
  const lines = log.trimEnd().split("\n");
  const where = step === undefined ? "before its first step" : `in step ${step}`;
  const report = [
    `benchbox: ${cause === "full-disk" ? "the Docker Engine's disk is full: " : ""}the image build failed ${where}`,
  ];
  if (cause === "full-disk") report.push(...fullDisk);
  else if (cause === "shared-work" || !isLogged) report.push(...sharedWork(cause === "shared-work"));
  return [...report, `  the last lines of its log (full log: ${path}):`, ...lines.slice(-shownLines)];
}

const fullDisk = [
  "  To see what uses the space: docker system df",
  "  Fix: remove the build cache (docker builder prune) or the images that no container uses (docker image prune --all), but no",
  "  volumes, which hold data; then run this again: it resumes where it stopped",
];

/**
 * Explains a failure of Docker Engines with an older BuildKit: two builds that share a step both depend on the first one's session.
 *
 * @param isSure whether the log names this cause; if not, the Docker Engine may have stopped instead
 */
function sharedWork(isSure: boolean): string[] {
  return isSure
    ? [
        "  because another build that shared this step was killed.",
        "  The Docker Engine runs a step once for all builds that need it at the same time, and may cancel it for all of them",
        "  when one is killed.",
        "  Fix: run this again",
      ]
    : [
        "  and its log ends without a reason: the Docker Engine stopped during the build, or canceled the step because another",
        "  build that shared it was killed.",
        "  Fix: check that `docker version` answers, then run this again: it resumes where it stopped",
      ];
}
