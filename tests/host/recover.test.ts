import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { docker } from "../support/clone.ts";

const recovery = new URL("../../src/state/recovery.ts", import.meta.url).href;
const runner = new URL("../../src/process/run-command.ts", import.meta.url).href;
const program = `import { recoverFromKill } from "${recovery}"; import { runCommand } from "${runner}";
runCommand(async () => { await recoverFromKill("lab"); return 0; });`;
const urn = "urn:pulumi:lab::benchbox::docker:index/container:Container::box-container";

/** Runs recover.ts with a fake `pulumi`, which exports a state with one unfinished creation and keeps what is imported. */
function recover(t: TestContext, container: string, environment: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-recover-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const resource = { urn, type: "docker:index/container:Container", inputs: { name: container } };
  const state = { version: 3, deployment: { resources: [], pending_operations: [{ type: "creating", resource }] } };
  writeFileSync(join(folder, "state"), JSON.stringify(state));
  const fake = `#!/bin/sh\ncase $2 in export) cat ${folder}/state ;; import) cat >${folder}/imported ;; esac\n`;
  writeFileSync(join(folder, "pulumi"), fake);
  chmodSync(join(folder, "pulumi"), 0o755);
  const env = { ...process.env, ...environment, PATH: `${folder}:${process.env.PATH}` };
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
    env,
  });
  const imported = join(folder, "imported");
  return { status, stderr, imported: existsSync(imported) ? readFileSync(imported, "utf8") : undefined };
}

test("a Docker Engine that does not answer leaves the record of a killed run for the next one", (t) => {
  const { status, stderr, imported } = recover(t, "box", { DOCKER_HOST: "unix:///no-such-socket" });
  assert.equal(status, 1, stderr);
  assert.match(
    stderr,
    /^benchbox: the Docker Engine did not report whether a killed run left the container box: [^\n]+\n {2}Fix: [^\n]+\n$/,
  );
  assert.equal(imported, undefined);
});

test("what a killed run was creating goes from the state and from the Docker Engine", (t) => {
  const name = `benchbox-recover-${process.pid}`;
  docker("import", "--change", "CMD true", "/dev/null", name);
  docker("create", "--name", name, name);
  t.after(() => docker("rmi", "--force", name));
  const { status, stderr, imported } = recover(t, name);
  assert.equal(status, 0, stderr);
  assert.match(
    stderr,
    new RegExp(`an earlier run was killed while it created the container ${name}; it is created anew`),
  );
  assert.deepEqual(JSON.parse(imported ?? "").deployment.pending_operations, []);
  assert.equal(docker("ps", "--all", "--quiet", "--filter", `name=^/${name}$`), "");
});

test("a container that was not made yet is nobody's, and its record goes", (t) => {
  const { status, stderr, imported } = recover(t, `benchbox-recover-none-${process.pid}`);
  assert.equal(status, 0, stderr);
  assert.equal(stderr, "");
  assert.deepEqual(JSON.parse(imported ?? "").deployment.pending_operations, []);
});
