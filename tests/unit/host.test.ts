import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { observeHost } from "../../src/observe/host.ts";
import { startFakeDockerd } from "../support/fake-dockerd.ts";

const folder = mkdtempSync(join(tmpdir(), "bb-host-"));
const kept = { PATH: process.env.PATH, DOCKER_HOST: process.env.DOCKER_HOST };
let endEngine: () => void;

before(async () => {
  for (const name of ["bin", "cdi"]) mkdirSync(join(folder, name));
  const devices = ["0", "all"].map((name) => ({ name, containerEdits: {} }));
  writeFileSync(join(folder, "cdi/nvidia.json"), JSON.stringify({ kind: "nvidia.com/gpu", devices }));
  endEngine = await startFakeDockerd(folder, join(folder, "bin"));
  process.env.PATH = `${join(folder, "bin")}:${kept.PATH}`;
});
after(() => {
  endEngine();
  for (const [name, value] of Object.entries(kept))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  rmSync(folder, { recursive: true });
});

/** The observation of an engine through a fake docker client that prints its `docker info`. */
async function seenOf(address: string, info: object) {
  const answer = JSON.stringify({ DockerRootDir: folder, Runtimes: {}, CDISpecDirs: [join(folder, "cdi")], ...info });
  writeFileSync(join(folder, "bin/docker"), `#!/bin/sh\ncat <<'INFO'\n${answer}\nINFO\n`, { mode: 0o755 });
  process.env.DOCKER_HOST = address;
  const { engine, gpuHook, cdi } = await observeHost({ gpu: { devices: "all", mode: "auto" }, devices: [] });
  assert.ok(!("problem" in engine));
  return { devices: engine.DiscoveredDevices?.map(({ ID }) => ID), gpuHook, cdi: cdi?.map(({ name }) => name) };
}

test("for an engine on this computer the specifications on disk supply the devices that an older docker client omits", async () => {
  const address = `unix://${folder}/docker.sock`;
  const onDisk = ["nvidia.com/gpu=0", "nvidia.com/gpu=all"];
  const seen = { gpuHook: "missing", cdi: ["0", "all"] };
  assert.deepEqual(await seenOf(address, { ServerVersion: "29.0.0" }), { devices: onDisk, ...seen });
  assert.deepEqual(
    await seenOf(address, { ServerVersion: "29.0.0", DiscoveredDevices: [{ ID: "nvidia.com/gpu=7" }] }),
    { devices: ["nvidia.com/gpu=7"], ...seen },
    "the engine's own list",
  );
  assert.deepEqual(
    await seenOf(address, { ServerVersion: "26.1.5" }),
    { devices: undefined, ...seen },
    "an engine whose CDI is an experiment",
  );
});

test("for an engine whose process is not found neither hook nor specifications are known", async () => {
  const nothing = { devices: undefined, gpuHook: undefined, cdi: undefined };
  for (const address of ["ssh://gpu", `unix://${folder}/other/docker.sock`]) {
    assert.deepEqual(await seenOf(address, { ServerVersion: "29.0.0" }), nothing);
  }
});
