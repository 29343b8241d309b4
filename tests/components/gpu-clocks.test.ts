import assert from "node:assert/strict";
import { test } from "node:test";
import { GpuClocks } from "../../components/gpu-clocks.ts";
import { registeredBy } from "./mocked-program.ts";

test("pinned clocks have a command that resets the same GPUs, and are pinned again after a boot", async () => {
  const inputsAt = async (boot: string) => {
    const args = { gpu: { devices: ["0", "2"] }, clocks: { graphics: [1410, 1410] as const }, boot };
    const outputs = { "command:local:Command": { stdout: "", stderr: "" } };
    const registered = await registeredBy(() => new GpuClocks("box", args), outputs);
    return registered.find(({ name }) => name === "box-gpu-clocks")?.inputs ?? assert.fail("no box-gpu-clocks");
  };
  const first = await inputsAt("boot-1");
  assert.equal(first.create, "src/resources/gpu-clocks set 0,2 --graphics 1410,1410");
  assert.equal(first.delete, "src/resources/gpu-clocks reset 0,2 --graphics 1410,1410");
  assert.deepEqual((await inputsAt("boot-1")).triggers, first.triggers);
  assert.notDeepEqual((await inputsAt("boot-2")).triggers, first.triggers);
});
