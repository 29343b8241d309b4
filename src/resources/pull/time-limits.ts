import { UserError } from "../../model/user-error.ts";

/** Time limits, in milliseconds. The whole pull has none: 9 GB over a slow line may take their time as long as they keep coming. */
export interface Limits {
  /** How long a source may take to answer. */
  readonly answer: number;
  /** How long a download may stall. */
  readonly stall: number;
  /** The interval between progress lines. */
  readonly report: number;
}

/** @throws UserError when a BENCHBOX_PULL_... variable is not a number of seconds */
export function readLimits(environment: NodeJS.ProcessEnv): Limits {
  const milliseconds = (name: string, fallback: number) => {
    const text = environment[name] || String(fallback);
    const seconds = Number(text);
    if (!(seconds > 0)) throw new UserError(`invalid ${name} "${text}": must be a number of seconds above 0`);
    return seconds * 1000;
  };
  return {
    answer: milliseconds("BENCHBOX_PULL_ANSWER_SECONDS", 10),
    stall: milliseconds("BENCHBOX_PULL_STALL_SECONDS", 30),
    report: milliseconds("BENCHBOX_PULL_REPORT_SECONDS", 5),
  };
}
