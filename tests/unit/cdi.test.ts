import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { observeCdi } from "../../src/observe/cdi.ts";

const folder = mkdtempSync(join(tmpdir(), "bb-cdi-"));
after(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** As `nvidia-ctk cdi generate` writes it, much shortened. */
const specification = (library: string) => `---
cdiVersion: 0.5.0
kind: nvidia.com/gpu
containerEdits:
  env:
    - NVIDIA_VISIBLE_DEVICES=void
  deviceNodes:
    - path: /dev/null
    - path: /dev/nvidia-described-by-its-numbers
      type: c
      major: 195
      minor: 254
  hooks:
    - hookName: createContainer
      path: /bin/sh
      args: [nvidia-cdi-hook, update-ldcache]
  mounts:
    - hostPath: ${library}
      containerPath: ${library}
      options: [ro, nosuid, nodev, rbind, rprivate]
devices:
  - name: "0"
    containerEdits:
      deviceNodes:
        - path: /dev/nvidia0
          hostPath: /dev/null
  - name: all
    containerEdits:
      deviceNodes:
        - path: /dev/zero
        - path: /dev/nvidia-that-is-gone
`;

test("a specification's GPUs are read with their missing files, both their own and the shared ones", async () => {
  write("one/nvidia.yaml", specification(join(folder, "libcuda.so.1")));
  const file = join(folder, "one/nvidia.yaml");
  assert.deepEqual(await observeCdi([join(folder, "one")]), [
    { name: "0", specification: file, missing: [join(folder, "libcuda.so.1")] },
    { name: "all", specification: file, missing: [join(folder, "libcuda.so.1"), "/dev/nvidia-that-is-gone"] },
  ]);
  write("libcuda.so.1", "");
  const [first] = await observeCdi([join(folder, "one")]);
  assert.deepEqual(first?.missing, []);
});

test("of two specifications of one GPU the one in the later folder wins, as in the Docker Engine", async () => {
  write("etc/nvidia.yaml", specification("/gone/libcuda.so.535"));
  write(
    "run/nvidia.json",
    JSON.stringify({ cdiVersion: "0.6.0", kind: "nvidia.com/gpu", devices: [{ name: "all", containerEdits: {} }] }),
  );
  const devices = await observeCdi([join(folder, "etc"), join(folder, "run")]);
  assert.deepEqual(
    devices.map(({ name, specification: file, missing }) => [name, file.slice(folder.length), missing.length]),
    [
      ["0", "/etc/nvidia.yaml", 1],
      ["all", "/run/nvidia.json", 0],
    ],
  );
});

test("files that are not specifications of NVIDIA's GPUs are skipped, and a missing folder has none", async () => {
  write("odd/broken.yaml", "kind: [");
  write("odd/other.yaml", "kind: amd.com/gpu\ndevices: [{name: all}]\n");
  write("odd/readme.txt", specification("/dev/null"));
  assert.deepEqual(await observeCdi([join(folder, "odd"), join(folder, "none")]), []);
});
