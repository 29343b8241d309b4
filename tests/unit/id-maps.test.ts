import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { evaluateSharedPath } from "../../src/checks/host-paths.ts";
import { checkStorage } from "../../src/checks/storage.ts";
import { hostId, type IdMaps } from "../../src/model/id-map.ts";
import { observeIdMaps } from "../../src/observe/id-maps.ts";
import { plainMachine } from "../support/machine.ts";
import { recordedEngines } from "../support/recorded-engines.ts";

const { plain, remapped, rootless } = recordedEngines;
const uidOf = (id: number, maps: IdMaps | undefined) => maps && hostId(id, maps.uids);

test("a user has the same id in the box and on the Docker host, unless the Docker Engine maps users", () => {
  assert.equal(uidOf(3100, observeIdMaps(plain)), 3100);
  const maps = observeIdMaps(remapped);
  assert.deepEqual([uidOf(0, maps), uidOf(3100, maps), uidOf(65536, maps)], [100000, 103100, undefined]);
});

test("a rootless Docker Engine maps users as its process does, where only one such engine runs", (t) => {
  const processes = mkdtempSync(join(tmpdir(), "bb-proc-"));
  t.after(() => rmSync(processes, { recursive: true }));
  const engine = (pid: number, map: string, name = "dockerd") => {
    const folder = join(processes, String(pid));
    mkdirSync(folder);
    writeFileSync(join(folder, "comm"), `${name}\n`);
    for (const file of ["uid_map", "gid_map"]) writeFileSync(join(folder, file), map);
  };
  // As the kernel prints them: for the system's engine, and for a rootless one.
  engine(1, "         0          0 4294967295\n");
  assert.equal(observeIdMaps(rootless, processes), undefined);
  const mapped = "         0       2000          1\n         1     200000      65536\n";
  engine(2, mapped, "rootlesskit");
  engine(3, mapped);
  const maps = observeIdMaps(rootless, processes);
  assert.deepEqual([uidOf(0, maps), uidOf(1, maps), uidOf(3100, maps)], [2000, 200000, 203099]);
  engine(4, mapped);
  assert.equal(observeIdMaps(rootless, processes), undefined, "whose is it?");
});

test("a shared folder must belong to the mapped user, and is not checked where the mapping is unknown", async () => {
  const mapped = { hostPath: "/data", uid: 103100, gid: 101100, boxUid: 3100 };
  const status = { uid: 3100, gid: 1100, mode: 0o40755 };
  const [finding] = evaluateSharedPath(mapped, status);
  assert.match(JSON.stringify(finding), /uid 103100 .*the box's uid 3100.*"sudo chown 103100:101100 \/data"/);
  assert.equal(evaluateSharedPath(mapped, { ...status, uid: 103100 })[0]?.severity, "ok");
  const mounts = [{ host: "/", path: "/data", readOnly: false }];
  const judged = await checkStorage({ ...plainMachine, mounts }, observeIdMaps(remapped));
  assert.match(JSON.stringify(judged), /uid 103100 \(gid 101100\)/);
  assert.deepEqual(await checkStorage({ ...plainMachine, mounts }, undefined), [{ severity: "unseen", subject: "/" }]);
});
