import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { jsonDocs } from "../support/json-docs.ts";

test("docs/json.md describes the documents as they are (renew it: node tests/support/json-docs.ts > docs/json.md)", () => {
  const written = readFileSync(new URL("../../docs/json.md", import.meta.url), "utf8");
  assert.equal(written.trimEnd(), jsonDocs().trimEnd());
});
