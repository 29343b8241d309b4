import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { containerSpec, partNames } from "../../src/plan/container-spec.ts";
import { planHardware } from "../../src/plan/hardware-plan.ts";
import { plainHost } from "../support/machine.ts";
import { loadStack } from "../support/stack.ts";

const folder = new URL("../../examples/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

for (const name of names) {
  test(`examples/${name} is valid, and a container can be planned from it`, () => {
    const text = readFileSync(new URL(name, folder), "utf8");
    const options = text.slice(text.indexOf("config:\n") + "config:\n".length);
    const machine = loadStack(options, { "home/.cache/huggingface/x": "" });
    const seen = { host: plainHost, box: { state: "absent", steps: new Map() } } as const;
    const spec = containerSpec(
      machine.name,
      { machine, ...planHardware(machine, seen) },
      partNames(machine.name, "i:1"),
    );
    assert.equal(spec.name, "benchbox-test");
    assert.match(text, /^# yaml-language-server: \$schema=docs\/schema\/stack\.json\n# /);
  });
}

test("examples/README.md lists the examples", () => {
  const readme = readFileSync(new URL("README.md", folder), "utf8");
  assert.deepEqual([...readme.matchAll(/\]\((\S+\.yaml)\)/g)].map(([, name]) => name).sort(), names.sort());
});
