import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineInfo } from "../../src/observe/docker-engine.ts";
import type { Gpu } from "../../src/observe/nvidia-smi.ts";
import { imageFacts, machineFacts } from "../../src/plan/fingerprint.ts";

const engine: EngineInfo = {
  ServerVersion: "28.2.2",
  Driver: "overlay2",
  DockerRootDir: "/var/lib/docker",
  Runtimes: {},
  NCPU: 32,
  MemTotal: 134_986_000_000,
  KernelVersion: "6.8.0-60-generic",
  OperatingSystem: "Ubuntu 24.04.2 LTS",
  Architecture: "x86_64",
};
const gpu = (index: number): Gpu => ({
  index,
  uuid: `GPU-${index}`,
  name: "NVIDIA A100-SXM4-80GB",
  driver: "570.133.20",
  memoryMiB: 81920,
  persistence: "on",
  maxClocks: { sm: 1410, memory: 1593 },
  applicationClocks: { sm: 1275, memory: 1593 },
  mig: "off",
});
const host = { engine, address: undefined, isRemote: false, cpu: "AMD EPYC 7543", gpus: [gpu(0), gpu(1)] };

test("the fingerprint has the host's facts and the GPUs that the box has", () => {
  const facts = machineFacts(host, engine, ["1"]);
  assert.equal(facts.driver, "570.133.20");
  assert.deepEqual(
    facts.gpus?.map(({ index, name, persistence, mig }) => ({ index, name, persistence, mig })),
    [{ index: 1, name: "NVIDIA A100-SXM4-80GB", persistence: "on", mig: "off" }],
  );
  assert.deepEqual(facts.cpu, { model: "AMD EPYC 7543", count: 32, architecture: "x86_64" });
  assert.deepEqual([facts.memoryGiB, facts.kernel, facts.os], [126, "6.8.0-60-generic", "Ubuntu 24.04.2 LTS"]);
  assert.deepEqual(machineFacts(host, engine, "none").gpus, []);
});

test("the fingerprint has the clocks that the stack pins, whatever they were before", () => {
  const clocksOf = (sm: number) => ({ ...host, gpus: [{ ...gpu(0), applicationClocks: { sm, memory: 1593 } }] });
  const applications = { memory: 1593, graphics: 1410 };
  const before = machineFacts(clocksOf(1275), engine, "all", { applications });
  assert.deepEqual(before, machineFacts(clocksOf(1410), engine, "all", { applications }));
  assert.deepEqual(before.gpus?.[0]?.applicationClocks, { sm: 1410, memory: 1593 });
});

test("a few pages of memory more or less do not change the fingerprint", () => {
  const other = { ...engine, MemTotal: engine.MemTotal - 4_096_000 };
  assert.deepEqual(machineFacts(host, other, "all"), machineFacts(host, engine, "all"));
});

test("for a remote host the fingerprint has what its Docker Engine reports", () => {
  const facts = machineFacts({ engine, address: "ssh://gpu", isRemote: true }, engine, "all");
  assert.equal(facts.gpus, undefined);
  assert.deepEqual([facts.cpu.model, facts.cpu.count, facts.kernel], [undefined, 32, "6.8.0-60-generic"]);
});

test("an image's CUDA and cuDNN versions come from its environment", () => {
  const environment = ["PATH=/usr/bin", "CUDA_VERSION=12.8.1", "NV_CUDNN_VERSION=9.8.0.87-1", "X=CUDA_VERSION=1"];
  assert.deepEqual(imageFacts(environment), { cuda: "12.8.1", cudnn: "9.8.0.87-1" });
  assert.deepEqual(imageFacts([]), { cuda: undefined, cudnn: undefined });
});
