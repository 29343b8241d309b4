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

/** The box's report on its GPUs when its nvidia-smi prints a recorded answer. */
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
  test(`a box whose nvidia-smi prints ${recording} reports ${JSON.stringify(said)}`, () => {
    assert.deepEqual(troubleOf(recording), { status: said === "" ? 1 : 0, stdout: said });
  });
}

test("a box without nvidia-smi has no GPU to lose", () => {
  const env = { ...process.env, PATH: "/usr/bin:/bin" };
  const { status, stdout } = spawnSync(join(project, "image/box/gpu-trouble"), { env, encoding: "utf8" });
  assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
});

test("the warning about lost GPUs says what `up` does, and the one about another driver what it cannot do", () => {
  assert.deepEqual(gpuTroubles({}), []);
  const [nvml] = gpuTroubles({ lostGpus: "Failed to initialize NVML: Unknown Error" });
  assert.match(nvml ?? "", /has lost its GPUs: "Failed .*restarts the same container.*CDI devices/);
  const [gone] = gpuTroubles({ lostGpus: "No devices were found" });
  assert.match(gone ?? "", /restarts the same container/);
  assert.doesNotMatch(gone ?? "", /CDI/);
  const [driver] = gpuTroubles({ otherDriver: "Driver/library version mismatch" });
  assert.match(driver ?? "", /restarting the box does not fix that\.\n {2}Fix: restart the host/);
});
