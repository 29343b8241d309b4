/** The security options in `docker info`: `name=seccomp,profile=builtin`, `name=rootless` … */
export interface EngineSecurity {
  readonly SecurityOptions?: readonly string[] | null | undefined;
}

/** Whether the Docker Engine runs rootless, in a user namespace and a network namespace of its own (`dockerd-rootless.sh`). */
export const isRootless = (engine: EngineSecurity): boolean => hasOption(engine, "rootless");

/** Whether root in a container is another user on the Docker host (`userns-remap` in `daemon.json`). */
export const isRemapped = (engine: EngineSecurity): boolean => hasOption(engine, "userns");

const hasOption = ({ SecurityOptions }: EngineSecurity, name: string): boolean =>
  SecurityOptions?.includes(`name=${name}`) ?? false;
