/** Lets sudo work in a container also where the engine's `daemon.json` has `"no-new-privileges": true`. */
export const newPrivileges = "no-new-privileges=false";

/** What is known of the box that is there; all undefined without one. */
export interface ExistingPrivileges {
  /** The security options that it was made with. */
  readonly securityOpts?: readonly string[] | undefined;
  /** Whether no program in it gains privileges. */
  readonly noNewPrivileges?: boolean | undefined;
}

/**
 * Whether the container of a box with sudo says `newPrivileges`. A new one always does: an engine before 23.0 does not
 * report the setting. The engine decides when a container is made, so one in which sudo works is not replaced for it.
 */
export const saysNewPrivileges = (box: ExistingPrivileges): boolean =>
  box.securityOpts?.some((option) => option.startsWith("no-new-privileges")) !== false || hasDeadSudo(box);

/** Whether sudo cannot work in the box although its container was not made so by the stack. */
export const hasDeadSudo = ({ securityOpts = [], noNewPrivileges = false }: ExistingPrivileges): boolean =>
  noNewPrivileges && !securityOpts.includes("no-new-privileges");
