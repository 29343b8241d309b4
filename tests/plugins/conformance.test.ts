import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { notBuilt, type ProviderName, pluginsFolder, providerNames, servedSchema } from "./built-plugins.ts";
import { recordedStack } from "./recorded-stack.ts";
import { schemaDifferences } from "./schema-differences.ts";
import { schemaSurface } from "./schema-surface.ts";
import { sdkSurface } from "./sdk-surface.ts";
import { differences } from "./surface.ts";

const project = join(import.meta.dirname, "../..");
const nodeModules = join(project, "node_modules");
const shared = join(project, "../shared");

const officialSchemas: Record<ProviderName, string> = {
  docker: join(shared, "schema/docker-5.1.json"),
  command: join(shared, "schema/command-1.2.1.json"),
};
const recording = join(shared, "recordings/official");

const unserved: Record<ProviderName, string[]> = {
  docker: Object.keys(JSON.parse(readFileSync(join(project, "plugins/docker/unserved.json"), "utf8"))),
  command: JSON.parse(readFileSync(join(project, "plugins/command/unserved.json"), "utf8")),
};

const container = "docker:index/container:Container";
const upload = "types > docker:index/ContainerUpload:ContainerUpload > properties";
const replaces = '"type":"string","willReplaceOnChanges":true';
const rules = '"items":{"type":"string"},"type":"array"';
/** The intended differences from the available official schema, whose release is older than the SDK's. */
const newerUpstream: Record<ProviderName, string[]> = {
  docker: [
    // New upstream and in SDK 5.2.0: rules for devices that appear later ...
    `resources > ${container} > inputProperties > deviceCgroupRules: expected nothing, found {${rules},"willReplaceOnChanges":true}`,
    `resources > ${container} > properties > deviceCgroupRules: expected nothing, found {${rules}}`,
    `resources > ${container} > stateInputs > properties > deviceCgroupRules: expected nothing, found {${rules},"willReplaceOnChanges":true}`,
    // ... and the owner of an uploaded file.
    `${upload} > group: expected nothing, found {${replaces}}`,
    `${upload} > owner: expected nothing, found {${replaces}}`,
    // Fixed upstream: a changed healthcheck was silently ignored. Now it replaces the container.
    `resources > ${container} > inputProperties > healthcheck > willReplaceOnChanges: expected nothing, found true`,
    `resources > ${container} > stateInputs > properties > healthcheck > willReplaceOnChanges: expected nothing, found true`,
  ],
  command: [],
};

for (const name of providerNames) {
  test(`the ${name} provider serves exactly the names of its npm SDK, without those that plugins/README.md lists`, {
    skip: notBuilt(name),
  }, async () => {
    const expected = sdkSurface(join(nodeModules, "@pulumi", name));
    const found = schemaSurface(await servedSchema(name));
    assert.ok(expected.size > 5, `only ${expected.size} tokens read out of the SDK: is its layout different?`);
    const expectedDifferences = unserved[name].map((token) => `${token}: expected, not found`);
    assertSameLines(differences(expected, found), expectedDifferences);
  });

  test(`the ${name} provider has the official schema's types and flags, except for what is newer`, {
    skip: notBuilt(name) ?? absent(officialSchemas[name]),
  }, async () => {
    const official = JSON.parse(readFileSync(officialSchemas[name], "utf8"));
    assertSameLines(schemaDifferences(official, await servedSchema(name), unserved[name]), newerUpstream[name]);
  });
}

test("a stack created by the official providers previews as unchanged, without a Docker Engine", {
  skip: notBuilt("docker") ?? notBuilt("command") ?? absent(recording),
}, async (t) => {
  const stack = await recordedStack(recording, nodeModules, pluginsFolder, unserved.command);
  t.after(stack.remove);
  for (const state of ["state-after-up.json", "state-after-refresh.json"]) {
    await t.test(state, async () => {
      await stack.restore(state);
      await stack.previewUnchanged();
    });
  }
});

function absent(path: string): string | undefined {
  return existsSync(path) ? undefined : `${path} does not exist`;
}

function assertSameLines(found: string[], expected: string[]): void {
  const surplus = found.filter((line) => !expected.includes(line));
  const missing = expected.filter((line) => !found.includes(line)).map((line) => `no longer found: ${line}`);
  assert.ok(surplus.length + missing.length === 0, `\n${[...surplus, ...missing].join("\n")}`);
}
