import { text } from "node:stream/consumers";
import { type CheckResult, error, passed, warning } from "../model/check-result.ts";
import { formatReference, type ImageReference, pullSources } from "../model/image-reference.ts";
import type { RegistryBase } from "../model/machine.ts";
import { explain } from "../model/pull-reason.ts";
import { registryAuth } from "../observe/client-settings.ts";
import { Engine, messageOf } from "../observe/engine-api.ts";

/** Time limit for the answer of a registry, in milliseconds. */
const timeLimit = 10_000;

/** Whether one source has the base. */
export interface SourceAnswer {
  readonly registry: string;
  /** `unknown`: the registry did not answer in time, or the Docker Engine cannot query registries. */
  readonly state: "available" | "unavailable" | "unknown";
  /** See `Reason.words`; empty when the base is available. */
  readonly reason: string;
}

/**
 * Checks that at least one source has the base. The Docker Engine requests the manifest, as it will request the image: with its own
 * certificates, mirrors, proxy and insecure registries, also when it is on another host.
 */
export async function checkRegistries({ reference, mirrors }: RegistryBase): Promise<CheckResult[]> {
  try {
    const engine = new Engine();
    const answers = await Promise.all(pullSources(reference, mirrors).map((source) => requestManifest(engine, source)));
    return evaluateRegistries(reference, answers);
  } catch (problem) {
    return evaluateRegistries(reference, [{ registry: "", state: "unknown", reason: (problem as Error).message }]);
  }
}

/** Passes when one source has the base, warns when one may have it, and fails otherwise. */
export function evaluateRegistries(reference: string, answers: readonly SourceAnswer[]): CheckResult[] {
  const first = answers.find(({ state }) => state === "available");
  if (first !== undefined) return passed("base image", `${reference} is available from ${first.registry}`);
  const reasons = answers.map(({ registry, reason }) => (registry ? `${registry}: ${reason}` : reason)).join("; ");
  const report = answers.some(({ state }) => state === "unknown") ? warning : error;
  return report(
    "base image",
    `${reference} is not on the Docker Engine, and no source is known to have it: ${reasons}`,
    "a registry that has it",
    "check the reference, and the Docker Engine's network and proxy (docker info); add another registry (image.mirrors); " +
      "or load the image (docker load)",
  );
}

async function requestManifest(engine: Engine, source: ImageReference): Promise<SourceAnswer> {
  const { registry } = source;
  const auth = registryAuth(registry);
  const headers = auth === undefined ? {} : { "X-Registry-Auth": auth };
  const signal = AbortSignal.timeout(timeLimit);
  try {
    const { status, body } = await engine.send("GET", `/distribution/${formatReference(source)}/json`, headers, signal);
    const answer = await text(body);
    if (status === 200) return { registry, state: "available", reason: "" };
    const { words } = explain(messageOf(answer), { registry, hasLogin: auth !== undefined });
    return { registry, state: "unavailable", reason: words };
  } catch (problem) {
    const reason = signal.aborted ? `did not answer within ${timeLimit / 1000} s` : (problem as Error).message;
    return { registry, state: "unknown", reason };
  }
}
