import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluateChoice } from "../../src/checks/gpu-choice.ts";
import type { Gpu } from "../../src/observe/nvidia-smi.ts";
import { chooseGpus, withChosenGpus } from "../../src/plan/gpu-choice.ts";
import { plainHost } from "../support/machine.ts";
import { loadStack, stackProblems } from "../support/stack.ts";

const gpus = ["NVIDIA H200", "NVIDIA A100-SXM4-80GB", "NVIDIA H200", "NVIDIA A10", "NVIDIA H200"].map(
  (name, index): Gpu => {
    return { index, uuid: `GPU-${index}`, name, driver: "570.1", maxClocks: {}, applicationClocks: {} };
  },
);
const absent = { state: "absent", steps: new Map() } as const;
const seenOn = (host: object, devices?: string[]) => ({
  host: { ...plainHost, ...host },
  box: { ...absent, ...(devices && { gpus: { mode: "cdi" as const, devices } }) },
});
const machineOf = (gpu: string) => loadStack(`  benchbox:gpu: ${gpu}\n`);

test("GPUs are chosen by words of their name and by count, in the order of their indices", () => {
  assert.deepEqual(chooseGpus({ model: "H200", count: 2 }, gpus, [], []), ["GPU-0", "GPU-2"]);
  assert.deepEqual(chooseGpus({ model: "h200" }, gpus, [], []), ["GPU-0", "GPU-2", "GPU-4"]);
  assert.deepEqual(chooseGpus({ model: "A10" }, gpus, [], []), ["GPU-3"], "not the A100");
  assert.deepEqual(chooseGpus({ model: "A100-SXM4" }, gpus, [], []), ["GPU-1"]);
  assert.deepEqual(chooseGpus({ count: 1 }, gpus, [], []), ["GPU-0"]);
});

test("a box keeps its GPUs, and a new one gets those that no other box uses", () => {
  assert.deepEqual(chooseGpus({ model: "H200", count: 1 }, gpus, ["GPU-4"], ["GPU-4"]), ["GPU-4"]);
  assert.deepEqual(chooseGpus({ model: "H200", count: 2 }, gpus, [], ["0"]), ["GPU-2", "GPU-4"]);
  assert.deepEqual(chooseGpus({ model: "H200", count: 3 }, gpus, [], ["0"]), ["GPU-0", "GPU-2", "GPU-4"]);
});

test("the plan has the UUIDs of the chosen GPUs, where they are visible", () => {
  const machine = machineOf("{ model: H200, count: 2, mode: cdi }");
  assert.deepEqual(machine.gpu, { devices: "all", mode: "cdi", choice: { model: "H200", count: 2 } });
  assert.deepEqual(withChosenGpus(machine, seenOn({ gpus })).gpu.devices, ["GPU-0", "GPU-2"]);
  assert.deepEqual(withChosenGpus(machine, seenOn({ gpus }, ["GPU-2", "GPU-4"])).gpu.devices, ["GPU-2", "GPU-4"]);
  assert.equal(withChosenGpus(machine, seenOn({})), machine);
  const named = machineOf("[0]");
  assert.equal(withChosenGpus(named, seenOn({ gpus })), named);
});

test("a wrong choice is refused with its line", () => {
  assert.deepEqual(stackProblems("  benchbox:gpu:\n    model: H200\n    count: 0\n"), [
    "4: gpu.count: 0 must be at least 1; write `gpu: none` for no GPU",
  ]);
  assert.deepEqual(stackProblems("  benchbox:gpu:\n    model: H200\n    devices: [0]\n"), [
    '3: gpu.model: "H200" excludes `devices`, which names the GPUs; remove one of the two',
  ]);
});

test("preflight reports too few GPUs, shared ones, and those of a host that is not visible", () => {
  const found = (gpu: string, host: object) =>
    evaluateChoice(machineOf(gpu), seenOn(host)).map((one) => `${one.severity}: ${"found" in one ? one.found : ""}`);
  assert.deepEqual(found("[0]", { gpus }), []);
  assert.deepEqual(found("{ model: A10, count: 1 }", { gpus }), ["ok: GPU-3"]);
  assert.match(found("{ model: A10, count: 2 }", { gpus }).join(), /^error: the host has 0: NVIDIA H200, 1: /);
  assert.match(found("{ model: B200 }", { gpus }).join(), /^error/);
  assert.deepEqual(found("{ count: 5 }", { gpus, gpusOfOthers: ["GPU-2"] }), [
    "warning: another box uses GPU-2 as well",
  ]);
  assert.match(found("{ count: 1 }", { isRemote: true }).join(), /^error: the GPUs of the Docker host are not visible/);
  assert.deepEqual(found("{ count: 1 }", { gpus: { problem: "absent", reason: "" } }), ["unseen: "]);
});
