import type { Environment } from "./proxy.ts";

/** The options of `npm run up`, which passes them to the program in environment variables. */
export interface UpOptions {
  /** Retries steps that failed and are not required. */
  readonly retry: boolean;
  /** Upgrades tools to the newest version where the stack's policy is "latest". */
  readonly upgrade: boolean;
  /** Installs only tools whose version and checksum are in the lock file. */
  readonly frozen: boolean;
  /** Restores the stack's host key in a box that has another one. */
  readonly restoreHostKey: boolean;
}

export const readUpOptions = (environment: Environment): UpOptions => ({
  retry: environment.BENCHBOX_RETRY === "yes",
  upgrade: environment.BENCHBOX_UPGRADE === "yes",
  frozen: environment.BENCHBOX_FROZEN === "yes",
  restoreHostKey: environment.BENCHBOX_RESTORE_HOST_KEY === "yes",
});
