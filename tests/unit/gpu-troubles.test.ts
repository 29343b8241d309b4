import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gpuTroubles } from "../../src/plan/gpu-troubles.ts";

const project = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "bb-trouble-"));
after(() => rmSync(folder, { recursive: true }));

/** What the box says of its GPUs when its nvidia-smi prints a recorded answer. */
function troubleOf(recording: string) {
  const [code, ...said] = readFileSync(join(project, "tests/fixtures/nvidia-smi", recording), "utf8").split("\n");
  const nvidiaSmi = `#!/bin/sh\ncat <<'SAID'\n${said.join("\n")}SAID\nexit ${Number(code)}\n`;
  writeFileSync(join(folder, "nvidia-smi"), nvidiaSmi, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const { status, stdout } = spawnSync(join(project, "image/box/gpu-trouble"), { env, encoding: "utf8" });
  return { status, stdout };
}

for (const [recording, said] of [
  ["unknown-error.txt", "lost Failed to initialize NVML: Unknown Error\n"],
  ["no-devices.txt", "lost No devices were found\n"],
  ["mismatch.txt", "driver Failed to initialize NVML: Driver/library version mismatch\n"],
  ["no-driver.txt", ""],
] as const) {
  test(`a box whose nvidia-smi answers ${recording} says ${JSON.stringify(said)} of its GPUs`, () => {
    assert.deepEqual(troubleOf(recording), { status: said === "" ? 1 : 0, stdout: said });
  });
}

test("a box without nvidia-smi was given no GPU that it could have lost", () => {
  const env = { ...process.env, PATH: "/usr/bin:/bin" };
  const { status, stdout } = spawnSync(join(project, "image/box/gpu-trouble"), { env, encoding: "utf8" });
  assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
});

test("a loss is told with what an update does, another driver with what it cannot do", () => {
  assert.deepEqual(gpuTroubles({}), []);
  const [nvml] = gpuTroubles({ lostGpus: "Failed to initialize NVML: Unknown Error" });
  assert.match(nvml ?? "", /has lost its GPUs: "Failed .*restarts the same container.*CDI devices/);
  const [gone] = gpuTroubles({ lostGpus: "No devices were found" });
  assert.match(gone ?? "", /restarts the same container/);
  assert.doesNotMatch(gone ?? "", /CDI/);
  const [driver] = gpuTroubles({ otherDriver: "Driver/library version mismatch" });
  assert.match(driver ?? "", /no restart of the box mends that: restart the machine/);
});
