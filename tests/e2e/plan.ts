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

const done = { created: "create", updated: "update", replaced: "replace", deleted: "delete" };

/** The changes that an `up` made according to its output, in the form of `plannedSteps`: the plan that it carried out. */
export function appliedSteps(clone: Clone, output: string): string[] {
  const lines = output.matchAll(
    /^ *(?:[+~-]|\+-) +[a-z]+:[a-zA-Z:]+ (\S+) (created|updated|replaced|deleted)(?= *[([\n])/gm,
  );
  return [...lines]
    .map(([, name = "", change = ""]) => `${done[change as keyof typeof done]} ${name.replace(`${clone.name}-`, "")}`)
    .sort();
}

/** Asserts that a refreshed preview plans no change. */
export async function assertSilent(clone: Clone, environment?: NodeJS.ProcessEnv): Promise<void> {
  assert.deepEqual(await plannedSteps(clone, ["--refresh"], environment), []);
}

/**
 * Asserts that a preview plans no change, with and without a refresh. After the last change of a file: the plan or the changes of the next
 * test show the one without a refresh before that.
 */
export async function assertSilentInFull(clone: Clone, environment?: NodeJS.ProcessEnv): Promise<void> {
  const [plain, refreshed] = await Promise.all([
    plannedSteps(clone, [], environment),
    plannedSteps(clone, ["--refresh"], environment),
  ]);
  assert.deepEqual({ plain, refreshed }, { plain: [], refreshed: [] });
}
