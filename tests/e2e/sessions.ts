import type { Clone } from "../support/clone.ts";

/**
 * What `env` prints in each kind of session that a box can be entered by, under the session's name.
 *
 * @param docker how its engine is asked: `["docker"]`, or with the engine's address
 */
export async function environments(
  clone: Clone,
  docker: readonly string[] = ["docker"],
): Promise<Record<string, string>> {
  const exec = (...words: string[]): Promise<string> => clone.ok([...docker, "exec", ...words]);
  return {
    "docker exec": await exec("--user", "peid", clone.name, "env"),
    "docker exec, login shell": await exec("--user", "peid", clone.name, "bash", "-lc", "env"),
    "ssh command": await clone.ssh("env"),
    "ssh, login shell": await clone.ssh("bash -lc env"),
    "ssh, interactive shell": await clone.ssh("bash -ic env 2>/dev/null"),
    // VSCode starts its server by a shell that reads a script; PyCharm by a plain command.
    "ssh, a script as VSCode sends it": await clone.ssh("bash -s <<<'exec sh -c env'"),
    "ssh, sh as PyCharm starts it": await clone.ssh("sh -c env"),
    su: await exec(clone.name, "su", "-", "peid", "-c", "env"),
    sudo: await exec(clone.name, "sudo", "--user=peid", "--login", "env"),
  };
}
