import type { Environment } from "./proxy.ts";

/** What somebody asked for beside what is declared: the options of `npm run up` say it by the environment. */
export interface UpOptions {
  /** To try again what failed and is not required. */
  readonly retry: boolean;
  /** To bring tools to the publishers' newest, where the stack's policy is "latest". */
  readonly upgrade: boolean;
  /** To install nothing whose version and checksum the lock file does not have. */
  readonly frozen: boolean;
  /** To give the box the stack's host key again, though it has another one. */
  readonly restoreHostKey: boolean;
}

export const readUpOptions = (environment: Environment): UpOptions => ({
  retry: environment.BENCHBOX_RETRY === "yes",
  upgrade: environment.BENCHBOX_UPGRADE === "yes",
  frozen: environment.BENCHBOX_FROZEN === "yes",
  restoreHostKey: environment.BENCHBOX_RESTORE_HOST_KEY === "yes",
});
