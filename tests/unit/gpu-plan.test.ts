import assert from "node:assert/strict";
import { test } from "node:test";
import { type DeviceRequest, type GpuOffer, givenGpus } from "../../src/model/gpu.ts";
import type { GpuSettings } from "../../src/model/machine.ts";
import type { EngineInfo } from "../../src/observe/docker-engine.ts";
import { planGpus } from "../../src/plan/gpu-request.ts";
import { planHardware } from "../../src/plan/hardware-plan.ts";
import { plainMachine } from "../support/machine.ts";

const all: GpuSettings = { devices: "all", mode: "auto" };
const none: GpuOffer = { CDISpecDirs: null };
const offers = (...names: string[]): GpuOffer => ({
  CDISpecDirs: ["/etc/cdi"],
  DiscoveredDevices: names.map((name) => ({ ID: `nvidia.com/gpu=${name}` })),
});
/** The report of engines before 28.2: the specifications' folders without their devices. */
const silent: GpuOffer = { CDISpecDirs: ["/etc/cdi", "/var/run/cdi"] };

test("a stack without GPUs gets none, whatever the Docker Engine offers", () => {
  assert.equal(planGpus({ devices: "none", mode: "cdi" }, offers("all"), undefined), undefined);
});

test("by default a box gets CDI devices where the Docker Engine has all of them, else NVIDIA's runtime", () => {
  const wayOf = (settings: GpuSettings, offer: GpuOffer) => planGpus(settings, offer, undefined)?.mode;
  assert.equal(wayOf(all, offers("0", "all")), "cdi");
  assert.equal(wayOf({ ...all, devices: ["0", "1"] }, offers("0", "1")), "cdi");
  assert.equal(wayOf({ ...all, devices: ["0", "2"] }, offers("0", "1", "all")), "runtime");
  assert.equal(wayOf(all, none), "runtime");
  assert.equal(wayOf(all, silent), "runtime");
});

test("a mode set in the stack is used", () => {
  assert.equal(planGpus({ ...all, mode: "runtime" }, offers("all"), { mode: "cdi", devices: "all" })?.mode, "runtime");
  assert.equal(planGpus({ ...all, mode: "cdi" }, none, { mode: "runtime", devices: "all" })?.mode, "cdi");
});

test("a box keeps its mode while the Docker Engine supports it and the stack wants the same GPUs", () => {
  const runtime = { mode: "runtime", devices: "all" } as const;
  const cdi = { mode: "cdi", devices: "all" } as const;
  assert.deepEqual(planGpus(all, offers("all"), runtime), runtime, "the Docker Engine starts to offer CDI");
  assert.deepEqual(planGpus(all, silent, cdi), cdi, "an engine that does not list its devices");
  assert.deepEqual(planGpus(all, none, cdi), runtime, "an engine that no longer has CDI");
  const other: GpuSettings = { ...all, devices: ["1"] };
  assert.deepEqual(planGpus(other, offers("1"), runtime), { mode: "cdi", devices: ["1"] }, "replaced in any case");
  const both = { mode: "runtime", devices: ["1", "0"] } as const;
  assert.equal(planGpus({ ...all, devices: ["0", "1"] }, offers("0", "1"), both)?.mode, "runtime", "in another order");
});

test("a box that never started does not keep its mode: the Docker Engine may have rejected it", () => {
  const engine = { ...offers("all"), NCPU: 2, MemTotal: 2 ** 33 } as unknown as EngineInfo;
  const made = { state: "stopped", gpus: { mode: "runtime", devices: "all" }, steps: new Map() } as const;
  const modeOf = (hasStarted: boolean) =>
    planHardware(
      { ...plainMachine, gpu: all },
      { host: { engine, address: undefined, isRemote: false }, box: { ...made, hasStarted } },
    ).gpus?.mode;
  assert.equal(modeOf(false), "cdi");
  assert.equal(modeOf(true), "runtime");
});

test("a container's GPUs are read from its device requests", () => {
  const request = { Driver: "", Count: 0, DeviceIDs: null, Capabilities: null } satisfies DeviceRequest;
  const gpu = [["gpu"]];
  for (const [requests, wanted] of [
    [null, undefined],
    [[], undefined],
    [[{ ...request, Count: -1, Capabilities: gpu }], { mode: "runtime", devices: "all" }],
    [
      [{ ...request, Driver: "nvidia", DeviceIDs: ["0", "2"], Capabilities: gpu }],
      { mode: "runtime", devices: ["0", "2"] },
    ],
    [[{ ...request, Driver: "cdi", DeviceIDs: ["nvidia.com/gpu=all"] }], { mode: "cdi", devices: "all" }],
    [[{ ...request, Driver: "cdi", DeviceIDs: ["nvidia.com/gpu=1"] }], { mode: "cdi", devices: ["1"] }],
    [[{ ...request, Driver: "cdi", DeviceIDs: ["vendor.example/card=1"] }], undefined],
  ] as [DeviceRequest[] | null, ReturnType<typeof givenGpus>][]) {
    assert.deepEqual(givenGpus(requests), wanted);
  }
});
