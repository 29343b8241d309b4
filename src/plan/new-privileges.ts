/** The security option that lets sudo work even where the Docker Engine's `daemon.json` has `"no-new-privileges": true`. */
export const newPrivileges = "no-new-privileges=false";

/** Privileges in the current box; all undefined without one. */
export interface ExistingPrivileges {
  /** The security options that it was created with. */
  readonly securityOpts?: readonly string[] | undefined;
  /** Whether no program in it can gain privileges. */
  readonly noNewPrivileges?: boolean | undefined;
}

/**
 * Whether the container of a box with sudo has the option `newPrivileges`. A new container always has it, because a Docker Engine
 * before 23.0 does not report its setting. The setting applies when a container is created, so an existing container in which sudo
 * works needs no replacement.
 */
export const setsNewPrivileges = (box: ExistingPrivileges): boolean =>
  box.securityOpts?.some((option) => option.startsWith("no-new-privileges")) !== false || isSudoBroken(box);

/** Whether sudo cannot work in the box although the stack allows it. */
export const isSudoBroken = ({ securityOpts = [], noNewPrivileges = false }: ExistingPrivileges): boolean =>
  noNewPrivileges && !securityOpts.includes("no-new-privileges");
