/** `docker info`'s list of what the engine does for security: `name=seccomp,profile=builtin`, `name=rootless` … */
export interface EngineSecurity {
  readonly SecurityOptions?: readonly string[] | null | undefined;
}

/** Whether the engine runs as an ordinary user, in a user namespace and a network of its own (`dockerd-rootless.sh`). */
export const isRootless = (engine: EngineSecurity): boolean => hasOption(engine, "rootless");

/** Whether root in a container is another user of the engine's machine (`userns-remap` in `daemon.json`). */
export const isRemapped = (engine: EngineSecurity): boolean => hasOption(engine, "userns");

const hasOption = ({ SecurityOptions }: EngineSecurity, name: string): boolean =>
  SecurityOptions?.includes(`name=${name}`) ?? false;
