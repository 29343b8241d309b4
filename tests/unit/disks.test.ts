import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { imageFolder, observeDisks } from "../../src/observe/disks.ts";
import { recordedEngines } from "../support/recorded-engines.ts";

const { plain, remapped, machinesContainerd, ownContainerd, silentContainerd } = recordedEngines;

/** A host's files: containerd's settings, and its socket where it runs. */
function machineWith(t: { after(end: () => void): void }, settings?: string, isRunning = false): string {
  const root = mkdtempSync(join(tmpdir(), "bb-machine-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const folder of ["etc/containerd", "run/containerd"]) mkdirSync(join(root, folder), { recursive: true });
  if (settings !== undefined) writeFileSync(join(root, "etc/containerd/config.toml"), settings);
  if (isRunning) writeFileSync(join(root, "run/containerd/containerd.sock"), "");
  return `${root}/`;
}

test("images are in the data root, unless the system's containerd stores them", async (t) => {
  const machine = machineWith(t);
  for (const engine of [plain, ownContainerd, silentContainerd])
    assert.equal(await imageFolder(engine, machine), "/mnt/data");
  assert.equal(await imageFolder(remapped, machine), "/mnt/data/100000.100000");
  assert.equal(await imageFolder(machinesContainerd, machine), "/var/lib/containerd");
});

test("an engine that does not report its containerd uses the system's where there is one", async (t) => {
  assert.equal(await imageFolder(silentContainerd, machineWith(t, undefined, true)), "/var/lib/containerd");
  assert.equal(
    await imageFolder(ownContainerd, machineWith(t, undefined, true)),
    "/mnt/data",
    "this engine reports it",
  );
});

test("the system's containerd stores images in the folder from its settings", async (t) => {
  const settings = 'version = 3\n# root = "/not/this"\nroot = "/big/containerd"\n[plugins."x"]\nroot = "/nor/this"\n';
  assert.equal(await imageFolder(machinesContainerd, machineWith(t, settings)), "/big/containerd");
  const elsewhere = '[plugins."x"]\n  root = "/nor/this"\n';
  assert.equal(await imageFolder(machinesContainerd, machineWith(t, elsewhere)), "/var/lib/containerd");
});

test("volumes on another disk than the images are listed separately", async (t) => {
  const onDisk = { ...plain, DockerRootDir: import.meta.dirname };
  const one = await observeDisks(onDisk);
  assert.deepEqual([one?.images.folder, one?.volumes], [import.meta.dirname, undefined]);
  const machine = machineWith(t, 'root = "/dev/shm"\n'); // in memory
  const two = await observeDisks({ ...machinesContainerd, DockerRootDir: import.meta.dirname }, machine);
  assert.deepEqual([two?.images.folder, two?.volumes?.folder], ["/dev/shm", import.meta.dirname]);
  assert.equal(await observeDisks({ ...plain, DockerRootDir: "/not/here" }), undefined);
});
