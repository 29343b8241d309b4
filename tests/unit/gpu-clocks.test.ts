import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { evaluateClocks } from "../../src/checks/gpu-clocks.ts";
import { check } from "../../src/config/check.ts";
import { sourceOf } from "../../src/config/config-source.ts";
import { gpuSchema } from "../../src/config/gpu-options.ts";
import { readYaml } from "../../src/config/yaml-source.ts";
import { clockWords } from "../../src/plan/gpu-clocks.ts";

function read(text: string) {
  const source = readYaml("stack.yaml", `gpu: ${text}`);
  const checked = check(z.strictObject({ gpu: gpuSchema }), sourceOf(source));
  if ("value" in checked) return checked.value.gpu;
  return checked.problems.map(({ path, message }) => `${path}: ${message}`);
}

test("clocks are a value, a range or application clocks, and become arguments of the script", () => {
  const words = (text: string) => {
    const gpu = read(text);
    return "clocks" in gpu && gpu.clocks ? clockWords(gpu, gpu.clocks).join(" ") : assert.fail(String(gpu));
  };
  assert.equal(
    words("{devices: [0, 2], clocks: {graphics: 1410, memory: [800, 1215]}}"),
    "0,2 --graphics 1410,1410 --memory 800,1215",
  );
  assert.equal(words("{clocks: {applications: {memory: 1215, graphics: 1410}}}"), "all --applications 1215,1410");
});

for (const [text, wanted] of [
  ["{devices: none, clocks: {memory: 800}}", /^gpu\.clocks: .*has no GPU to apply to/],
  ["{devices: ['0:1'], clocks: {memory: 800}}", /^gpu\.clocks: cannot be set for MIG instances/],
  ["{clocks: {}}", /^gpu\.clocks: .*must set either applications, or graphics, memory or both/],
  ["{clocks: {memory: 800, applications: {memory: 800, graphics: 900}}}", /must set either applications/],
  ["{clocks: {graphics: [1410, 1200]}}", /^gpu\.clocks\.graphics: .*must list the lower clock first/],
  ["{clocks: {graphics: 1.41}}", /must be a whole number of MHz between 100 and 20000/],
] as const) {
  test(`gpu: ${text} is rejected`, () => {
    assert.match(String(read(text)), wanted);
  });
}

test("pinned clocks are refused for GPUs of another host", () => {
  const clocks = { graphics: [1410, 1410] } as const;
  assert.match(JSON.stringify(evaluateClocks({ clocks }, "ssh://far")), /on another host, ssh:\/\/far/);
  assert.deepEqual(evaluateClocks({ clocks }, undefined), []);
  assert.deepEqual(evaluateClocks({}, "ssh://far"), []);
});
