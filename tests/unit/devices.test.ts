import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluateDeviceFiles } from "../../src/checks/device-files.ts";
import { matchesPattern } from "../../src/model/device.ts";
import { observeDevices } from "../../src/observe/devices.ts";
import { containerSpec, partNames } from "../../src/plan/container-spec.ts";
import { planDevices } from "../../src/plan/devices.ts";
import { plainMachine } from "../support/machine.ts";
import { loadStack, stackProblems, withEngine } from "../support/stack.ts";

const rwm = (path: string) => ({ path, permissions: "rwm" });
const found = (path: string, ...files: string[]) => ({
  path,
  files: files.map((file) => ({ path: file, gid: 44, mode: 0o20660 })),
});

test("devices are read with their permissions", () => {
  const { devices } = loadStack('  benchbox:devices: [/dev/video*, /dev/infiniband/, "/dev/fuse:rw"]\n');
  assert.deepEqual(devices, [rwm("/dev/video*"), rwm("/dev/infiniband"), { path: "/dev/fuse", permissions: "rw" }]);
});

test("what is not a device file, or is given twice, is refused with its line", () => {
  assert.deepEqual(
    stackProblems('  benchbox:devices:\n    - /etc/passwd\n    - "/dev/fuse:rwx"\n    - "/dev/null:rr"\n'),
    [
      '3: devices[0]: "/etc/passwd" must be a device file, for example /dev/video0, /dev/video* or /dev/fuse:rw',
      '4: devices[1]: "/dev/fuse:rwx" must end with permissions of r, w and m (mknod), for example :rw',
      '5: devices[2]: "/dev/null:rr" must end with permissions of r, w and m (mknod), for example :rw',
    ],
  );
  const twice = "  benchbox:devices:\n    - /dev/fuse\n    - /dev/../etc\n    - /dev/nvidia0\n    - /dev//fuse\n";
  assert.deepEqual(stackProblems(twice), [
    "4: devices[1]: /etc is not below /dev; name a device file",
    "5: devices[2]: /dev/nvidia0 belongs to the GPUs, which `gpu` gives to the box; remove it",
    "6: devices[3]: /dev/fuse is listed twice; remove one of the two",
  ]);
});

test("a pattern is refused where the Docker host is another computer, and a path is not", () => {
  withEngine("ssh://me@lab-3", () => {
    assert.equal(loadStack("  benchbox:devices: [/dev/video0]\n").devices.length, 1);
    const [problem = ""] = stackProblems("  benchbox:devices: [/dev/video*]\n");
    assert.match(
      problem,
      /^2: devices\[0\]: \/dev\/video\* cannot be resolved here: the Docker host is another computer/,
    );
  });
});

test("patterns match as in a shell", () => {
  for (const [pattern, path, isMatch] of [
    ["/dev/video*", "/dev/video12", true],
    ["/dev/video*", "/dev/video/x", false],
    ["/dev/video?", "/dev/video12", false],
    ["/dev/ttyUSB[0-3]", "/dev/ttyUSB2", true],
    ["/dev/ttyUSB[!0-3]", "/dev/ttyUSB2", false],
    ["/dev/dri/render*", "/dev/dri/renderD128", true],
    ["/dev/*", "/dev/.hidden", false],
    ["/dev/a.b*", "/dev/axb", false],
  ] as const)
    assert.equal(matchesPattern(path, pattern), isMatch, `${pattern} ${path}`);
});

test("the devices of this host are found by path, by folder and by pattern", async () => {
  const seen = await observeDevices(["/dev/null", "/dev/nul[a-m]", "/dev/pts", "/dev/none*", "/dev/none"].map(rwm));
  assert.deepEqual(
    seen.map(({ files }) => files.map(({ path }) => path)),
    [["/dev/null"], ["/dev/null"], ["/dev/pts"], [], []],
  );
});

test("a box that is up keeps a device of a pattern that was unplugged, and a new one joins", () => {
  const wanted = [rwm("/dev/video*"), rwm("/dev/fuse")];
  const now = [found("/dev/video*", "/dev/video1"), found("/dev/fuse", "/dev/fuse")];
  const paths = (existing: string[]) => planDevices(wanted, now, existing).map(({ path }) => path);
  assert.deepEqual(paths([]), ["/dev/fuse", "/dev/video1"]);
  assert.deepEqual(paths(["/dev/video0", "/dev/kvm"]), ["/dev/fuse", "/dev/video0", "/dev/video1"]);
  assert.deepEqual(planDevices(wanted, undefined, []), [rwm("/dev/fuse")]);
});

test("the container gets each device with all three fields, and none by default", () => {
  const settings = { machine: plainMachine, gpus: undefined, limits: { args: {} }, setsNewPrivileges: true };
  const spec = (devices: ReturnType<typeof rwm>[]) =>
    containerSpec("box", { ...settings, devices }, partNames("box", "box:1")).devices;
  assert.equal(spec([]), undefined);
  assert.deepEqual(spec([rwm("/dev/fuse")]), [
    { hostPath: "/dev/fuse", containerPath: "/dev/fuse", permissions: "rwm" },
  ]);
});

test("preflight reports a missing device, one for root only, and what cannot be seen", () => {
  const [fuse] = [[rwm("/dev/fuse")]];
  const severities = (...args: Parameters<typeof evaluateDeviceFiles>) =>
    evaluateDeviceFiles(...args).map(({ severity }) => severity);
  assert.deepEqual(severities(fuse, undefined, []), ["unseen"]);
  assert.deepEqual(severities(fuse, [found("/dev/fuse")], []), ["error"]);
  assert.deepEqual(severities(fuse, [found("/dev/fuse")], ["/dev/fuse"]), ["warning"]);
  assert.deepEqual(severities([rwm("/dev/fu*")], [found("/dev/fu*")], ["/dev/fuse"]), ["warning"]);
  assert.deepEqual(severities(fuse, [found("/dev/fuse", "/dev/fuse")], []), ["ok"]);
  const rootOnly = [{ path: "/dev/fuse", files: [{ path: "/dev/fuse", gid: 0, mode: 0o20600 }] }];
  assert.deepEqual(severities(fuse, rootOnly, []), ["warning"]);
});
