import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { configurationDocs, editorSchemas, stackKeys, userKeys } from "../support/configuration-docs.ts";

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const renew = "renew it: node tests/support/configuration-docs.ts";

test(`docs/configuration.md describes the keys as they are (${renew})`, () => {
  assert.equal(read("docs/configuration.md"), configurationDocs());
});

test(`the editors' schemas have the keys as they are (${renew})`, () => {
  for (const [name, text] of Object.entries(editorSchemas())) assert.equal(read(`docs/schema/${name}`), text, name);
});

test("every key has a description, an example unless it is a mapping of keys, and the effect of a change", () => {
  const isMapping = ({ schema }: ReturnType<typeof stackKeys>[number]): boolean => schema.properties !== undefined;
  for (const key of [...userKeys(), ...stackKeys()]) {
    assert.ok(key.schema.description, `${key.path} has no description`);
    if (isMapping(key) || key.schema.items?.properties !== undefined) continue;
    assert.ok(key.schema.examples?.length, `${key.path} has no example`);
    assert.ok(key.effect, `${key.path} has no effect`);
  }
});

test("the shipped files name their schema for editors", () => {
  for (const [file, schema] of [
    ["user_config.yml", "user-config"],
    ["Pulumi.dev.yaml", "stack"],
    ["Pulumi.sandbox.yaml", "stack"],
  ] as const)
    assert.match(read(file), new RegExp(`^# yaml-language-server: \\$schema=docs/schema/${schema}\\.json\n`));
});
