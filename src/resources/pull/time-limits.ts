import { UserError } from "../../model/user-error.ts";

/** Time limits, in milliseconds. None is on the whole: 9 GB over a slow line are in order as long as they come. */
export interface Limits {
  /** Until a source has said anything. */
  readonly answer: number;
  /** How long a download may stand still. */
  readonly stall: number;
  /** Between two lines about progress. */
  readonly report: number;
}

/** @throws UserError when a BENCHBOX_PULL_... variable is no number of seconds. */
export function readLimits(environment: NodeJS.ProcessEnv): Limits {
  const milliseconds = (name: string, fallback: number) => {
    const text = environment[name] || String(fallback);
    const seconds = Number(text);
    if (!(seconds > 0)) throw new UserError(`${name} is "${text}"; needed: a number of seconds above 0`);
    return seconds * 1000;
  };
  return {
    answer: milliseconds("BENCHBOX_PULL_ANSWER_SECONDS", 10),
    stall: milliseconds("BENCHBOX_PULL_STALL_SECONDS", 30),
    report: milliseconds("BENCHBOX_PULL_REPORT_SECONDS", 5),
  };
}
