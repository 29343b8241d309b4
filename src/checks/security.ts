import { type CheckResult, error } from "../model/check-result.ts";
import { isRemapped, isRootless } from "../model/engine-traits.ts";
import type { Machine } from "../model/machine.ts";
import type { EngineInfo } from "../observe/docker-engine.ts";

/** Refuses security settings with which the Docker Engine would not start the box. */
export function evaluateSecurity(
  { security: { apparmor, privileged }, pid }: Pick<Machine, "security" | "pid">,
  engine: Pick<EngineInfo, "SecurityOptions">,
): CheckResult[] {
  const remove = (option: string): string => `remove ${option} from Pulumi.<stack>.yaml`;
  const cannot = (option: string, reason: string): CheckResult[] =>
    error(
      `benchbox:${option}`,
      `${reason}: the box would not start`,
      "a Docker Engine that supports it",
      remove(option),
    );
  const shared = { "security.privileged": privileged, "pid: host": pid === "host" };
  const wanted = Object.entries(shared).flatMap(([option, isSet]) => (isSet ? [option] : []));
  return [
    ...(isRemapped(engine)
      ? wanted.flatMap((one) => cannot(one, "a Docker Engine with userns-remap cannot do that"))
      : []),
    ...(isRootless(engine) && pid === "host"
      ? cannot("pid: host", "a rootless Docker Engine has processes of its own")
      : []),
    ...(apparmor !== undefined && apparmor !== "unconfined" && !engine.SecurityOptions?.includes("name=apparmor")
      ? cannot("security.apparmor", "the Docker host has no AppArmor")
      : []),
  ];
}
