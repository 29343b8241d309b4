import assert from "node:assert/strict";
import { test } from "node:test";
import { declaredHash } from "../../src/model/container-mark.ts";
import { roundedSize } from "../../src/model/size.ts";
import { describeUnsaved, readDiff } from "../../src/model/unsaved-files.ts";

test("arguments that the Docker provider updates in place do not change the hash of the container", () => {
  const args = { image: "a:1", restart: "no", envs: ["A=1", "B=2"], ports: [{ internal: 22, ip: "x" }] };
  const hash = declaredHash(args);
  for (const same of [
    { ...args, restart: "always", memory: 100, destroyGraceSeconds: 3, mustRun: false },
    { ...args, envs: ["B=2", "A=1"], ports: [{ ip: "x", internal: 22 }], gpus: undefined },
  ]) {
    assert.equal(declaredHash(same), hash);
  }
  for (const other of [
    { ...args, image: "a:2" },
    { ...args, envs: ["A=1"] },
    { ...args, init: true },
  ]) {
    assert.notEqual(declaredHash(other), hash);
  }
});

const diff = `C /etc
A /etc/my.conf
C /etc/shadow
C /etc/passwd
A /etc/subuid-
A /etc/benchbox/gitconfig
C /opt
A /opt/thing
A /opt/thing/a
A /opt/thing/a/big
A /opt/thing/small
D /usr/bin/nano
C /root
A /root/.bash_history
A /run/sshd.pid
A /tmp/x
A /soft
A /data
A /data/in
A /usr/lib/python3/__pycache__/x.pyc
A /usr/lib/x86_64-linux-gnu/libcuda.so.570
`;

test("of the files that differ from the image, disposable ones are ignored", () => {
  assert.deepEqual(readDiff(diff, ["/soft", "/data/in"]), [
    "/etc/my.conf",
    "/opt/thing/a/big",
    "/opt/thing/small",
    "/usr/lib/x86_64-linux-gnu/libcuda.so.570",
  ]);
});

test("files that would be lost are listed by folder, the largest first, without the driver files of the NVIDIA runtime", () => {
  const text = describeUnsaved(
    [
      { path: "/etc/my.conf", bytes: 10 },
      { path: "/opt/thing/a/big", bytes: 2_500_000 },
      { path: "/opt/thing/small", bytes: 1 },
      { path: "/usr/lib/x86_64-linux-gnu/libcuda.so.570", bytes: 0 },
    ],
    ["/home/peid", "/soft"],
  );
  assert.deepEqual(text.split("\n"), [
    "The container will be replaced. Files in /home/peid, /soft are kept. These files are elsewhere and will be LOST (3 files, 2.5 MB):",
    "     2.5 MB       2 files  /opt/thing",
    "       10 B        1 file  /etc",
    "Before you continue, move the files that you need to a folder that is kept. Add what you installed to build.packages or custom.on_build.",
  ]);
  assert.equal(describeUnsaved([], []), "");
  assert.match(
    describeUnsaved([{ path: "/etc/my.conf", bytes: 10 }], ["/soft"], "removed"),
    /^The container will be removed\./,
  );
});

test("the list of files that would be lost fits on one screen", () => {
  const files = Array.from({ length: 300 }, (_, index) => ({ path: `/srv/folder${index}/file` }));
  const lines = describeUnsaved(files, ["/soft"]).split("\n");
  assert.ok(lines.length < 20 && lines.every((line) => line.length < 200));
  assert.match(lines[0] ?? "", /300 files; start the box to see sizes\)/);
  assert.match(lines.at(-2) ?? "", /and 290 more folders/);
});

test("sizes are rounded for people", () => {
  assert.deepEqual([0, 999, 1000, 123_456, 999_999, 45e6, 2.5e9].map(roundedSize), [
    "0 B",
    "999 B",
    "1.0 kB",
    "123 kB",
    "1.0 MB",
    "45.0 MB",
    "2.5 GB",
  ]);
});
