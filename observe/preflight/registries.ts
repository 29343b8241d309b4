import type { RegistryBase } from "../../config/machine.ts";
import { fetchByProxy } from "../../lib/fetch.ts";
import { hostOf, pullSources } from "../../lib/image-reference.ts";
import { isLoopback } from "../../lib/proxy.ts";
import { error, type Verdict, well } from "./verdict.ts";

/** How long a registry may take to answer, in milliseconds. */
const timeLimit = 10_000;

/** Whether one of the base's registries answers. Asked from here, so for an engine on this machine only. */
export async function checkRegistries(base: RegistryBase): Promise<Verdict[]> {
  const sources = pullSources(base.reference, base.mirrors).map(({ registry }) => registry);
  const registries = [...new Set(sources.map((host) => (host === "docker.io" ? "registry-1.docker.io" : host)))];
  const answers = await Promise.all(registries.map(answersHttp));
  return judgeRegistries(base.reference, registries, answers);
}

export function judgeRegistries(
  reference: string,
  registries: readonly string[],
  answers: readonly boolean[],
): Verdict[] {
  const first = registries[answers.indexOf(true)];
  if (first !== undefined) return well("base image", `${reference} can be had, ${first} answers`);
  const silent =
    registries.length === 1
      ? `its registry ${registries[0]} does not answer`
      : `none of its registries ${registries.join(", ")} answers`;
  return error(
    "base image",
    `${reference} is not on the Docker Engine, and ${silent}`,
    "a registry that has it",
    "check the network or the proxy, name a registry that can be reached (image.mirrors), or get the image onto the engine (docker load)",
  );
}

/** Any answer will do, "401 Unauthorized" as well. Registries on a loopback address are not asked for TLS by the engine. */
async function answersHttp(registry: string): Promise<boolean> {
  const scheme = isLoopback(hostOf(registry)) ? "http" : "https";
  try {
    await fetchByProxy(`${scheme}://${registry}/v2/`, { signal: AbortSignal.timeout(timeLimit) });
    return true;
  } catch {
    return false;
  }
}
