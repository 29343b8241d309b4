import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadMachine } from "../../src/config/load.ts";
import type { Machine } from "../../src/model/machine.ts";
import { ConfigurationError } from "../../src/model/problem.ts";

const userConfig = `image: { base: debian:trixie }
ssh: { users: [{ name: peid, uid: 3100, gid: 1100 }], pubkey_file: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtTFY9GAhtEMZc1veMu53Yx9V68QdQDRy4GPNiTdbvy" }
`;

/**
 * Loads a stack with these options, the lines below `config:` of its file.
 *
 * @param files more files of the project; `home/` is the user's home
 */
export function loadStack(options: string, files: Readonly<Record<string, string>> = {}): Machine {
  const directory = mkdtempSync(join(tmpdir(), "benchbox-stack-"));
  const all = { "user_config.yml": userConfig, "Pulumi.test.yaml": `config:\n${options}`, "home/x": "", ...files };
  try {
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    const home = join(directory, "home");
    return loadMachine({ directory, project: "benchbox", stack: "test", engineConfig: undefined, home });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The problems of a stack with these options, as `LINE: PATH: MESSAGE`. */
export function stackProblems(options: string, files?: Readonly<Record<string, string>>): string[] {
  try {
    loadStack(options, files);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.problems.map(
      ({ line, path, message }) => `${line}: ${path.replace("config.benchbox:", "")}: ${message}`,
    );
  }
  return assert.fail("the configuration was accepted");
}

/** Calls `work` with another DOCKER_HOST. */
export function withEngine<T>(address: string, work: () => T): T {
  const before = process.env.DOCKER_HOST;
  process.env.DOCKER_HOST = address;
  try {
    return work();
  } finally {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
  }
}
