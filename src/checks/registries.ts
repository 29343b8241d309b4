import { type CheckResult, error, passed, warning } from "../model/check-result.ts";
import { formatReference, type ImageReference, pullSources } from "../model/image-reference.ts";
import type { RegistryBase } from "../model/machine.ts";
import { explain } from "../model/pull-reason.ts";
import { Engine, messageOf, readAll } from "../observe/engine-api.ts";
import { registryAuth } from "../observe/registry-credentials.ts";

/** How long a registry may take to answer, in milliseconds. */
const timeLimit = 10_000;

/** Whether one of a base's sources has it. */
export interface SourceAnswer {
  readonly registry: string;
  /** `unknown`: it did not answer in time, or the engine does not ask registries. */
  readonly state: "has it" | "fails" | "unknown";
  /** The end of a sentence that starts with the registry. */
  readonly reason: string;
}

/**
 * Whether one of the base's sources has it. The Docker Engine asks for the manifest, as it will for the image: with its certificates,
 * its mirrors, its proxy and its insecure registries, wherever it is.
 */
export async function checkRegistries({ reference, mirrors }: RegistryBase): Promise<CheckResult[]> {
  try {
    const engine = new Engine();
    const answers = await Promise.all(pullSources(reference, mirrors).map((source) => ask(engine, source)));
    return evaluateRegistries(reference, answers);
  } catch (problem) {
    return evaluateRegistries(reference, [{ registry: "", state: "unknown", reason: (problem as Error).message }]);
  }
}

export function evaluateRegistries(reference: string, answers: readonly SourceAnswer[]): CheckResult[] {
  const first = answers.find(({ state }) => state === "has it");
  if (first !== undefined) return passed("base image", `${reference} can be had, ${first.registry} has it`);
  const reasons = answers.map(({ registry, reason }) => `${registry} ${reason}`.trim()).join("; ");
  const report = answers.some(({ state }) => state === "unknown") ? warning : error;
  return report(
    "base image",
    `${reference} is not on the Docker Engine, and no source of it is known to have it: ${reasons}`,
    "a registry that has it",
    "check the reference, the engine's network and proxy (docker info), name another registry (image.mirrors), or load the image into the engine (docker load)",
  );
}

async function ask(engine: Engine, source: ImageReference): Promise<SourceAnswer> {
  const { registry } = source;
  const auth = registryAuth(registry);
  const headers = auth === undefined ? {} : { "X-Registry-Auth": auth };
  const signal = AbortSignal.timeout(timeLimit);
  try {
    const { status, body } = await engine.send("GET", `/distribution/${formatReference(source)}/json`, headers, signal);
    const text = await readAll(body);
    if (status === 200) return { registry, state: "has it", reason: "" };
    const { words } = explain(messageOf(text), { registry, hasLogin: auth !== undefined });
    return { registry, state: "fails", reason: words };
  } catch (problem) {
    const reason = signal.aborted ? `did not answer within ${timeLimit / 1000} s` : (problem as Error).message;
    return { registry, state: "unknown", reason };
  }
}
