import type { Clone } from "../support/clone.ts";

/**
 * The output of `env` in each kind of session in a box, by the session's name.
 *
 * @param docker the docker command, with the address of the box's Docker Engine if needed
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
    // VSCode starts its server with a script on the standard input of a shell, PyCharm with a plain command.
    "ssh, a script as VSCode sends it": await clone.ssh("bash -s <<<'exec sh -c env'"),
    "ssh, sh as PyCharm starts it": await clone.ssh("sh -c env"),
    su: await exec(clone.name, "su", "-", "peid", "-c", "env"),
    sudo: await exec(clone.name, "sudo", "--user=peid", "--login", "env"),
  };
}
