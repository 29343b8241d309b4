import assert from "node:assert/strict";
import type { Clone } from "../support/clone.ts";

/** The plan of a preview: `operation name` for each resource that changes, with the name's stack prefix removed. */
export async function plannedSteps(
  clone: Clone,
  options: readonly string[] = [],
  environment?: NodeJS.ProcessEnv,
): Promise<string[]> {
  const words = ["bin/pulumi", "preview", "--json", ...options, "--stack", clone.stack];
  const output = await clone.ok(words, environment);
  const { steps } = JSON.parse(output.slice(output.indexOf("\n{") + 1)) as { steps: { op: string; urn: string }[] };
  return steps
    .filter(({ op }) => !["same", "refresh", "read"].includes(op))
    .map(({ op, urn }) => `${op} ${(urn.split("::").at(-1) ?? "").replace(`${clone.name}-`, "")}`)
    .filter((step) => !/^(create-replacement|delete-replaced) /.test(step)) // also listed as "replace"
    .sort();
}

/** Asserts that a preview plans no change, with and without a refresh. */
export async function assertSilent(clone: Clone, environment?: NodeJS.ProcessEnv): Promise<void> {
  const [plain, refreshed] = await Promise.all([
    plannedSteps(clone, [], environment),
    plannedSteps(clone, ["--refresh"], environment),
  ]);
  assert.deepEqual({ plain, refreshed }, { plain: [], refreshed: [] });
}
