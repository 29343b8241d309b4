import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findChanges } from "../../src/state/planned-changes.ts";

const outputs = { ssh: { port: 22022 }, tools: ["uv"] };

/** The events of a preview, in the form of the Pulumi CLI 3.276. */
function logOf({
  stack = outputs,
  protect = true,
  changes = { same: 3 },
}: {
  readonly stack?: unknown;
  readonly protect?: boolean;
  readonly changes?: Readonly<Record<string, number>>;
}): string {
  const done = (op: string, type: string, old: unknown, next: unknown) => ({
    resOutputsEvent: { metadata: { op, type, old, new: next } },
  });
  const events = [
    { preludeEvent: { config: {} } },
    // A refresh of the stack is not followed by its new outputs.
    done("refresh", "pulumi:pulumi:Stack", { outputs }, null),
    done("same", "docker:index/volume:Volume", { protect: true, outputs: { a: 1 } }, { protect, outputs: {} }),
    done("same", "pulumi:pulumi:Stack", { outputs }, { outputs: stack }),
    { summaryEvent: { resourceChanges: changes } },
    { cancelEvent: {} },
  ];
  return `${events.map((event, sequence) => JSON.stringify({ sequence, ...event })).join("\n")}\n`;
}

describe("the events of a preview", () => {
  test("with unchanged resources and outputs announce no change", () => assert.equal(findChanges(logOf({})), false));

  test("announce a change of a resource", () => {
    for (const op of ["create", "update", "delete", "replace", "read"])
      assert.equal(findChanges(logOf({ changes: { same: 2, [op]: 1 } })), true, op);
  });

  test("announce a change of the stack's outputs alone, which the engine does not count", () => {
    assert.equal(findChanges(logOf({ stack: { ...outputs, ssh: { port: 22023 } } })), true);
    assert.equal(findChanges(logOf({ stack: { tools: ["uv"], ssh: { port: 22022 } } })), false, "in another order");
  });

  test("announce a change of a resource's protection, which only the state records", () =>
    assert.equal(findChanges(logOf({ protect: false })), true));

  test("count as a change when they are incomplete", () => {
    assert.equal(findChanges(""), true);
    assert.equal(findChanges(logOf({}).split("\n").slice(0, 4).join("\n")), true);
  });
});
