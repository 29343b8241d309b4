import type { Finding } from "../model/check-result.ts";
import type { Limits, Ulimit } from "../model/machine.ts";
import { sizeText } from "../model/size.ts";

/** NVIDIA's advice for containers that use its GPUs, in bytes. */
const advised: Readonly<Partial<Record<Ulimit, number>>> = { memlock: Number.POSITIVE_INFINITY, stack: 64 * 2 ** 20 };

/**
 * Plans the container's ulimits. NVIDIA's advice that the stack does not set itself applies where the current box already has it.
 *
 * @param allowed the Docker Engine's own hard limits; Infinity where it has none or may raise them, undefined where not visible
 * @param existing the names of the ulimits that the box was created with
 */
export function planUlimits(
  limits: Pick<Limits, Ulimit>,
  allowed: Readonly<Record<Ulimit, number>> | undefined,
  existing: readonly string[] | undefined,
  hasGpu: boolean,
) {
  const findings: Finding[] = [];
  const args = (["memlock", "stack", "nofile", "nproc", "rtprio"] as const).flatMap((name) => {
    const written = limits[name] === "unlimited" ? Number.POSITIVE_INFINITY : limits[name];
    const wanted = written ?? advised[name];
    if (wanted === undefined) return [];
    const most = allowed?.[name];
    if (most !== undefined && wanted > most) {
      if (written !== undefined) findings.push(refusal(name, written, most));
      else if (hasGpu) findings.push(advice(name, wanted, most));
      return [];
    }
    const follows = existing?.includes(name) ?? most !== undefined;
    return written !== undefined || follows ? [ulimit(name, wanted)] : [];
  });
  return { args, findings };
}

function ulimit(name: Ulimit, wanted: number) {
  const value = Number.isFinite(wanted) ? wanted : -1;
  return { name, soft: value, hard: value };
}

export const limitError = (option: string, found: string, needed: string, remedy: string): Finding => ({
  severity: "error",
  subject: `benchbox:limits.${option}`,
  found,
  needed,
  remedy,
});

const remedies: Readonly<Record<Ulimit, string>> = {
  memlock:
    "LimitMEMLOCK=infinity in a drop-in of docker.service (sudo systemctl edit docker), then restart the Docker Engine",
  stack:
    "LimitSTACK=infinity in a drop-in of docker.service (sudo systemctl edit docker), then restart the Docker Engine",
  nproc:
    "LimitNPROC=infinity in a drop-in of docker.service (sudo systemctl edit docker), then restart the Docker Engine",
  rtprio: "LimitRTPRIO=99 in a drop-in of docker.service (sudo systemctl edit docker), then restart the Docker Engine",
  nofile: "LimitNOFILE=… in a drop-in of docker.service (sudo systemctl edit docker), or sudo sysctl fs.nr_open=…",
};

const ulimitText = (name: Ulimit, value: number): string => {
  if (!Number.isFinite(value)) return "unlimited";
  return name === "memlock" || name === "stack" ? sizeText(value) : String(value);
};

function refusal(name: Ulimit, written: number, allowed: number): Finding {
  const own = ulimitText(name, allowed);
  const found = `${ulimitText(name, written)}, but the Docker Engine's own limit is ${own}: the box would not start`;
  return limitError(name, found, `at most ${own}`, `${remedies[name]}; or remove the line from Pulumi.<stack>.yaml`);
}

function advice(name: Ulimit, wanted: number, allowed: number): Finding {
  return {
    severity: "warning",
    subject: `benchbox:limits.${name}`,
    found: `not set, so the box gets the Docker Engine's own limit, ${ulimitText(name, allowed)}`,
    needed: `${ulimitText(name, wanted)}, as NVIDIA advises`,
    remedy: remedies[name],
  };
}
