import assert from "node:assert/strict";
import type { Clone } from "../support/clone.ts";

/** What a preview would do, as `operation name` for each resource that is not left alone; `name` without the stack's prefix. */
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
    .filter((step) => !/^(create-replacement|delete-replaced) /.test(step)) // said again as "replace"
    .sort();
}

/** That nothing would be changed, whether the engine looks again or not. */
export async function assertSilent(clone: Clone, environment?: NodeJS.ProcessEnv): Promise<void> {
  const [plain, refreshed] = await Promise.all([
    plannedSteps(clone, [], environment),
    plannedSteps(clone, ["--refresh"], environment),
  ]);
  assert.deepEqual({ plain, refreshed }, { plain: [], refreshed: [] });
}
