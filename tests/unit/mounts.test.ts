import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { evaluateSharedPath } from "../../src/checks/host-paths.ts";
import { mountedVolume } from "../../src/model/volume-name.ts";
import { readHostPath } from "../../src/observe/host-folder.ts";
import { containerSpec, partNames } from "../../src/plan/container-spec.ts";
import { plainMachine } from "../support/machine.ts";
import { loadStack, stackProblems } from "../support/stack.ts";

const folder = mkdtempSync(join(tmpdir(), "benchbox-mounts-"));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "file"), "");

const mountsOf = (...lines: string[]) =>
  loadStack(`  benchbox:mounts:\n${lines.map((one) => `    - ${one}\n`).join("")}`).mounts;
const problemsOf = (...lines: string[]) =>
  stackProblems(`  benchbox:mounts:\n${lines.map((one) => `    - ${one}\n`).join("")}`);
const nfs = '{ volume: lab, path: /lab, options: { type: nfs, o: "addr=nas", device: ":/data" } }';

test("folders below a home, files, volumes and memory are mounts", () => {
  assert.deepEqual(
    mountsOf(
      `{ host: ${folder}, path: ~/.cache/huggingface }`,
      `{ host: ${folder}/file, path: /etc/app.conf, read_only: true }`,
      "{ volume: datasets, path: /datasets }",
      "{ tmpfs: 2g, path: /scratch/ }",
      "{ volume: own, path: /own, driver: local }",
    ),
    [
      { host: folder, path: "/home/peid/.cache/huggingface", readOnly: false },
      { host: `${folder}/file`, path: "/etc/app.conf", readOnly: true },
      { volume: "datasets", path: "/datasets", readOnly: false },
      { path: "/scratch", tmpfs: 2 ** 31 },
      { volume: "own", path: "/own", readOnly: false, created: { driver: "local", options: {} } },
    ],
  );
});

test("a wrong mount is refused with its line", () => {
  assert.deepEqual(
    problemsOf(
      "{ path: /a }",
      "{ host: /srv/x, volume: xx, path: /b }",
      '{ tmpfs: "lots", path: /c }',
      "{ tmpfs: 1g, path: /d, driver: local }",
      "{ tmpfs: 1g, path: e }",
      "{ volume: a/b, path: /f }",
    ),
    [
      "3: mounts[0]: has no source: set one of host, volume, tmpfs",
      "4: mounts[1]: has several sources, host and volume: set one of host, volume, tmpfs",
      '5: mounts[2].tmpfs: "lots" must be a size with a unit (m, g or t), for example 8g',
      "6: mounts[3].driver: requires `volume`, the volume to create",
      '7: mounts[4].path: "e" must be an absolute path in the box, or start with `~/`, without `:` and `,`',
      '8: mounts[5].volume: "a/b" must be the name of a volume: letters, digits, `_`, `.` and `-`',
    ],
  );
  for (const [line, rule] of [
    [`{ host: ${folder}, path: ~/.ssh }`, /home\/peid\/\.ssh holds the box's SSH keys/],
    [`{ host: ${folder}, path: /run/x }`, /\/run\/x belongs to the box itself/],
    [`{ host: ${folder}/file, path: /etc/passwd }`, /\/etc\/passwd belongs to the box itself/],
    ["{ host: /etc/hostname, path: /x }", /"\/etc\/hostname" is in a system folder; set `read_only: true`/],
    ["{ host: /etc, path: /x, read_only: true }", /"\/etc" is a system folder/],
    ["{ tmpfs: 1g, path: ~/. }", /overlaps \/home\/peid/],
  ] as const)
    assert.match(problemsOf(line).join("\n"), rule);
});

test("a socket may be in a system folder, and Docker's own is warned about", async () => {
  const path = join(folder, "docker.sock");
  const server = createServer().listen(path);
  await new Promise((resolve) => server.once("listening", resolve));
  const read = readHostPath(path, { home: homedir(), isLocal: true });
  const { notices } = loadStack(`  benchbox:mounts: [{ host: ${path}, path: /run/docker.sock }]\n`);
  await new Promise((resolve) => server.close(resolve));
  assert.deepEqual(read, { path, kind: "socket" });
  assert.match(
    notices.map(({ text }) => text).join("\n"),
    /docker\.sock is mounted into the box: .* root on the Docker host/,
  );
});

test("a volume that the stack creates has a name for its options, so that other options lose no data", () => {
  const [one] = mountsOf(nfs);
  const [other] = mountsOf(nfs.replace("nas", "nas2"));
  assert.ok(one && "volume" in one && other && "volume" in other);
  assert.match(mountedVolume("box", one), /^box-lab-[0-9a-f]{6}$/);
  assert.notEqual(mountedVolume("box", one), mountedVolume("box", other));
  assert.equal(mountedVolume("box", { volume: "datasets" }), "datasets");
});

test("the container gets each kind of mount", () => {
  const mounts = mountsOf("{ volume: datasets, path: /datasets, read_only: true }", "{ tmpfs: 1g, path: /scratch }");
  const machine = { ...plainMachine, mounts };
  const settings = { machine, gpus: undefined, devices: [], limits: { args: {} }, setsNewPrivileges: true };
  const { volumes, tmpfs } = containerSpec("box", settings, partNames("box", "box:1"));
  assert.deepEqual((volumes as object[]).at(-1), {
    volumeName: "datasets",
    containerPath: "/datasets",
    readOnly: true,
  });
  assert.deepEqual(tmpfs, { "/scratch": "rw,exec,nosuid,nodev,mode=1777,size=1073741824" });
});

test("a file needs no execute permission, and a folder of an NFS server is not fixed by chown on this host", () => {
  const path = { hostPath: "/data", uid: 3100, gid: 1100 };
  assert.equal(evaluateSharedPath(path, { uid: 3100, gid: 0, mode: 0o100600 })[0]?.severity, "ok");
  const status = { uid: 1000, gid: 1000, mode: 0o40755, isNfs: true };
  assert.match(
    JSON.stringify(evaluateSharedPath(path, status)),
    /is on an NFS server, and belongs.*on the NFS server, change its owner to 3100:1100 \(root_squash/,
  );
});
