import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { evaluateStorage } from "../../src/checks/storage.ts";
import { environmentOptions } from "../../src/config/env-options.ts";
import { hostnameOption } from "../../src/config/hostname-option.ts";
import { mountOptions, readMounts } from "../../src/config/mounts.ts";
import { portOptions, readPorts } from "../../src/config/ports.ts";
import { readStorage } from "../../src/config/storage.ts";
import type { Checked } from "../../src/model/checked.ts";
import { readHostFolder } from "../../src/observe/host-folder.ts";

const home = mkdtempSync(join(tmpdir(), "benchbox-home-"));
after(() => rmSync(home, { recursive: true }));
mkdirSync(join(home, "work"));
mkdirSync(join(home, "data"));
writeFileSync(join(home, "file"), "");
symlinkSync("/etc", join(home, "to-etc"));
const here = { home, isLocal: true };
const users = [
  { name: "peid", uid: 3100, gid: 1100, groups: [], shell: "bash", sudo: true, publicKeys: [], withAgent: false },
  { name: "guest", uid: 3101, gid: 1101, groups: [], shell: "bash", sudo: true, publicKeys: [], withAgent: false },
];

const at = (...path: (string | number)[]) => {
  const message = path.pop() as string;
  return { file: "f", line: 1, path: path.join("."), message };
};
function problems(checked: Checked<unknown>): string[] {
  return "problems" in checked ? checked.problems.map(({ path, message }) => `${path}: ${message}`) : [];
}
function accepted<T>(checked: Checked<T>): T {
  return "value" in checked ? checked.value : assert.fail(problems(checked).join("\n"));
}

test("a host folder is an absolute path or starts with ~/, and may not be a system folder", () => {
  assert.deepEqual(readHostFolder("~/work/", here), { folder: join(home, "work") });
  assert.deepEqual(readHostFolder(`${home}/data/../work`, here), { folder: join(home, "work") });
  assert.deepEqual(readHostFolder("/nowhere/yet", { home, isLocal: false }), { folder: "/nowhere/yet" });
  for (const [written, problem] of [
    ["work", /must be an absolute path/],
    ["/", /is a system folder/],
    ["/etc/benchbox", /is a system folder/],
    ["/usr", /is a system folder/],
    ["/var/lib/docker/volumes", /is a system folder/],
    ["/home", /is a system folder/],
    ["~/", /is your home folder, which holds your keys/],
    ["~/file", /is not a folder/],
    ["~/none", /does not exist on this computer; to create it: mkdir -p \/\S+\/none/],
    ["~/to-etc", /links to \/etc, which no box may use/],
  ] as const) {
    const read = readHostFolder(written, here);
    assert.match("problem" in read ? read.problem : `was taken ${read.folder}`, problem);
  }
  assert.match(
    JSON.stringify(readHostFolder("~/work", { home, isLocal: false })),
    /the Docker Engine is on another one/,
  );
});

test("homes, /soft and /workspace are volumes, unless the configuration names folders on the host", () => {
  const read = (options: Parameters<typeof readStorage>[0]) =>
    readStorage(options, users, here, (key, message) => at(...key, message));
  assert.deepEqual(accepted(read({})), [
    { key: "home-peid", path: "/home/peid" },
    { key: "home-guest", path: "/home/guest" },
    { key: "soft", path: "/soft" },
    { key: "workspace", path: "/workspace" },
  ]);
  assert.deepEqual(accepted(read({ home: "~/work", soft: "volume", data: "~/data" })), [
    { key: "home-peid", path: "/home/peid", hostPath: join(home, "work") },
    { key: "home-guest", path: "/home/guest" },
    { key: "soft", path: "/soft" },
    { key: "data", path: "/soft/data", hostPath: join(home, "data") },
    { key: "workspace", path: "/workspace" },
  ]);
  assert.deepEqual(problems(read({ workspace: "volumes" })), [
    'workspace: "volumes" must be an absolute path, or start with `~/`; or write `volume`',
  ]);
  assert.match(
    problems(read({ soft: "~/work", workspace: "~/work" }))[0] ?? "",
    /workspace: .*overlaps the folder of `soft`/,
  );
});

test("a mount must not overlap the box's storage, its system folders or another mount", () => {
  const storage = [{ path: "/home/peid" }, { path: "/soft" }, { path: "/workspace" }];
  const read = (...paths: string[]) =>
    readMounts(mountOptions.parse(paths.map((path) => ({ host: "~/data", path }))), storage, here, at);
  assert.deepEqual(accepted(read("/data/in/", "/mnt")), [
    { host: join(home, "data"), path: "/data/in", readOnly: false },
    { host: join(home, "data"), path: "/mnt", readOnly: false },
  ]);
  for (const [paths, wanted] of [
    [["/"], /path: \/ belongs to the box itself/],
    [["/x/../etc/ssh"], /path: \/etc\/ssh belongs to the box itself/],
    [["/var/lib/benchbox"], /belongs to the box itself/],
    [["/home"], /belongs to the box itself/],
    [["/soft/data"], /\/soft\/data overlaps \/soft, the box's storage; .*`storage`/],
    [["/home/peid/.ssh/config"], /holds the box's SSH keys/],
    [["/home/peid"], /overlaps \/home\/peid/],
    [["/data", "/data/in"], /1\.path: \/data\/in overlaps the mount at \/data/],
  ] as const) {
    assert.match(problems(read(...paths)).join("\n"), wanted);
  }
  assert.equal(mountOptions.safeParse([{ host: "~/data", path: "data" }]).success, false);
});

test("each port is published once, on the loopback address by default", () => {
  const ssh = { bind: "127.0.0.1", port: 22022 };
  const read = (ports: unknown, x11?: number) => readPorts(portOptions.parse(ports), { ssh, x11 }, at);
  assert.deepEqual(accepted(read([{ host: 8889 }, { host: 9000, container: 80, bind: "0.0.0.0" }])), [
    { host: 9000, container: 80, protocol: "tcp", bind: "0.0.0.0" },
    { host: 8889, container: 8889, protocol: "tcp", bind: "127.0.0.1" },
  ]);
  assert.deepEqual(problems(read([{ host: 22022, container: 1 }])), [
    "0.host: 22022 is already used by SSH (`ssh.port`); choose another",
  ]);
  assert.match(
    problems(read([{ host: 9, container: 22 }]))[0] ?? "",
    /22 is the SSH port, which `ssh\.port` publishes/,
  );
  const conflictsWithX11 = [
    { host: 6020, container: 1 },
    { host: 2, container: 6020 },
    { host: 6020, container: 3, bind: "10.0.0.1" },
  ];
  assert.deepEqual(problems(read(conflictsWithX11, 6020)), [
    "0.host: 6020 is already used by the X server (`x11.server.display`); choose another",
    "1.container: 6020 is the X server's port, which `x11.server` publishes; choose another port",
  ]);
  assert.equal(accepted(read(conflictsWithX11)).length, 3);
  const twice = [
    { host: 9000, container: 1 },
    { host: 9000, container: 2, bind: "0.0.0.0" },
    { host: 9001, container: 2 },
  ];
  assert.deepEqual(problems(read(twice)), ["1.host: 9000 is already used by another entry; choose another"]);
  assert.equal(
    accepted(
      read([
        { host: 1, bind: "10.0.0.1" },
        { host: 1, container: 2, bind: "10.0.0.2" },
      ]),
    ).length,
    2,
  );
  assert.equal(portOptions.safeParse([{ host: 1, bind: "localhost" }]).success, false);
});

test("environment variables have valid names, values that every session can have, and no credentials", () => {
  const good = { A: "1", B: "true", C: "two words $x" };
  assert.deepEqual(environmentOptions.parse(good), good);
  for (const bad of [
    { "1A": "" },
    { PATH: "/x" },
    { NVIDIA_VISIBLE_DEVICES: "all" },
    { A: 'a"b' },
    { A: "a\nb" },
    { A: "http://me:pw@proxy" },
    { A: [] },
    { A: 1 },
    { A: true },
  ]) {
    assert.equal(environmentOptions.safeParse(bad).success, false, JSON.stringify(bad));
  }
  for (const [name, isGood] of [
    ["bench-1", true],
    ["-x", false],
    ["a.b", false],
    ["A", false],
    ["a".repeat(64), false],
  ] as const) {
    assert.equal(hostnameOption.safeParse(name).success, isGood, name);
  }
});

test("a folder that the box's user cannot use as storage is refused with the command that fixes it", () => {
  const [user] = users as [(typeof users)[0]];
  const evaluated = (uid: number, gid: number, mode: number, path = "/workspace") =>
    evaluateStorage({ hostPath: "/srv/a b", path }, user, { uid, gid, mode: 0o40000 | mode })[0];
  assert.equal(evaluated(3100, 1100, 0o755)?.severity, "ok");
  assert.equal(evaluated(0, 1100, 0o775)?.severity, "ok");
  assert.equal(evaluated(0, 0, 0o777)?.severity, "ok");
  assert.equal(evaluated(3100, 1100, 0o700, "/home/peid")?.severity, "ok");
  for (const bad of [
    evaluated(0, 0, 0o755),
    evaluated(3100, 1100, 0o555),
    evaluated(3100, 1100, 0o775, "/home/peid"),
  ]) {
    assert.equal(bad?.severity, "error");
    assert.match(JSON.stringify(bad), /sudo chown 3100:1100/);
  }
});
