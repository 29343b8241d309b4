import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { UserError } from "../../src/model/user-error.ts";
import { recoverFromKill } from "../../src/state/recovery.ts";
import { docker } from "../support/clone.ts";

const urn = "urn:pulumi:lab::benchbox::docker:index/container:Container::box-container";

/** Puts a fake `pulumi` on PATH that exports a state with one pending creation. @returns a function that reads what was imported */
async function fakePulumi(
  t: TestContext,
  container: string,
  resources: readonly object[] = [],
): Promise<() => string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-recover-"));
  const { PATH: path } = process.env;
  t.after(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });
  const resource = { urn, type: "docker:index/container:Container", inputs: { name: container } };
  const state = { version: 3, deployment: { resources, pending_operations: [{ type: "creating", resource }] } };
  writeFileSync(join(folder, "state"), JSON.stringify(state));
  const fake = `#!/bin/sh\ncase $2 in export) cat ${folder}/state ;; import) cat >${folder}/imported ;; esac\n`;
  writeFileSync(join(folder, "pulumi"), fake);
  chmodSync(join(folder, "pulumi"), 0o755);
  process.env.PATH = `${folder}:${path}`;
  const imported = join(folder, "imported");
  return () => (existsSync(imported) ? readFileSync(imported, "utf8") : undefined);
}

test("a Docker Engine that does not answer leaves the record of a killed run for the next one", async (t) => {
  const imported = await fakePulumi(t, "box");
  const { DOCKER_HOST: host } = process.env;
  t.after(() => {
    if (host === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = host;
  });
  process.env.DOCKER_HOST = "unix:///no-such-socket";
  await assert.rejects(recoverFromKill("lab"), (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.match(
      error.message,
      /^checking whether a killed run left the container box failed: [^\n]+\n {2}Fix: [^\n]+$/,
    );
    return true;
  });
  assert.equal(imported(), undefined);
});

test("what a killed run was creating is removed from the state and from the Docker Engine", async (t) => {
  const name = `benchbox-recover-${process.pid}`;
  docker("import", "--change", "CMD true", "/dev/null", name);
  docker("create", "--name", name, name);
  t.after(() => docker("rmi", "--force", name));
  const imported = await fakePulumi(t, name);
  const printed = t.mock.method(console, "error", () => {});
  await recoverFromKill("lab");
  assert.match(
    String(printed.mock.calls[0]?.arguments[0]),
    new RegExp(`an earlier run was killed while it created the container ${name}; it will be created again`),
  );
  assert.deepEqual(JSON.parse(imported() ?? "").deployment.pending_operations, []);
  assert.equal(docker("ps", "--all", "--quiet", "--filter", `name=^/${name}$`), "");
});

test("the record of a container that was not created yet is removed", async (t) => {
  const imported = await fakePulumi(t, `benchbox-recover-none-${process.pid}`);
  const printed = t.mock.method(console, "error", () => {});
  await recoverFromKill("lab");
  assert.equal(printed.mock.callCount(), 0);
  assert.deepEqual(JSON.parse(imported() ?? "").deployment.pending_operations, []);
});

test("resources of a former type are removed from the state, with all references to them", async (t) => {
  const network = { urn: "urn:pulumi:lab::benchbox::x::box-network", type: "docker:index/network:Network" };
  const volume = { urn: "urn:pulumi:lab::benchbox::x::box-soft", type: "docker:index/volume:Volume" };
  const both = [network.urn, volume.urn];
  const box = { urn: "urn:pulumi:lab::benchbox::x::box", type: "box", dependencies: both, inputs: { list: ["a"] } };
  const imported = await fakePulumi(t, `benchbox-recover-none-${process.pid}`, [
    network,
    volume,
    { ...box, propertyDependencies: { networks: [network.urn], mounts: both } },
  ]);
  await recoverFromKill("lab");
  assert.deepEqual(JSON.parse(imported() ?? "").deployment.resources, [
    volume,
    { ...box, dependencies: [volume.urn], propertyDependencies: { networks: [], mounts: [volume.urn] } },
  ]);
});
