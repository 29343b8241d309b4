import { error, type Verdict } from "./verdict.ts";

/**
 * The docker client, the plugin and the image build each find the engine in their own way, and a build goes to the local
 * one when in doubt. They agree when DOCKER_HOST says which it is.
 *
 * @param declared `docker_host` of the stack
 * @param address DOCKER_HOST
 * @param context the docker client's context, as far as DOCKER_HOST does not win
 */
export function judgeWhichEngine(
  declared: string | undefined,
  address: string | undefined,
  context: string | undefined,
): Verdict[] {
  if (declared !== undefined && address !== declared) {
    return error(
      "DOCKER_HOST",
      `${address ?? "not set"}: the image would be built elsewhere`,
      `the stack's engine, ${declared} (docker_host)`,
      `use npm run up, or: export DOCKER_HOST=${declared}`,
    );
  }
  if (address !== undefined || context === undefined || context === "default") return [];
  return error(
    "DOCKER_HOST",
    `not set, and the docker client uses the context ${context}, which the plugins do not know`,
    "the context's engine, or the image would be built elsewhere",
    "use npm run up, or: export DOCKER_HOST=$(docker context inspect --format '{{.Endpoints.docker.Host}}')",
  );
}
