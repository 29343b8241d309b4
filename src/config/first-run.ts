import { z } from "zod";
import { type Checked, isChecked, problemsOf } from "../model/checked.ts";
import type { FirstRunStep } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { readScripts, scriptOf, toolOf } from "./scripts.ts";

/**
 * `custom.on_first_run`: what is installed in the running box. An entry is a line "path arguments", as PeiDocker writes it, or the
 * same as `run` with more.
 */

const line = z
  .string("must be a line such as `stage-1/system/uv/install-uv.sh --user peid`")
  .min(1, "must name a script");

const stepName = z
  .string("must be the name of a step")
  .regex(/^[a-z0-9][a-z0-9._-]*$/, "must be a step's name: a-z, 0-9, `.`, `_` and `-`");

const step = z.strictObject(
  {
    run: line,
    /** What the step is called; by default the tool's folder, or the script's name. */
    id: stepName.optional(),
    /** One of `ssh.users`, who runs it; by default whom `--user` names, or the first. */
    user: z.string("must be a user's name").optional(),
    /** Steps that must have succeeded before. */
    needs: z.array(stepName, "must be a list of steps").optional(),
    /** Variables for the script. They stand in the state: no secrets. */
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is no variable's name"), z.string("must be a string"))
      .default({}),
    /** Seconds after which it is ended. */
    timeout: z
      .int("must be a whole number of seconds")
      .min(1, "must be at least 1")
      .max(86_400, "must be at most 86400, a day")
      .default(1800),
    /** How often it is tried again when the network is the reason that it failed. */
    retries: z.int("must be a whole number").min(0, "must not be negative").max(10, "must be at most 10").default(1),
    /** A shell command that succeeds as long as all is well; each preview runs it. */
    probe: z
      .string("must be a shell command")
      .regex(/^[^\n\r]+$/, "must be one line")
      .optional(),
    /** Whether an `up` fails when it does. */
    required: z.boolean("must be true or false").default(true),
  },
  "must be a line, or a mapping with `run`",
);

export const firstRunOptions = z.array(
  z.preprocess((entry) => (typeof entry === "string" ? { run: entry } : entry), step),
);

/** What the tools of this project are known to need; only what is in the list counts. */
const knownNeeds: Readonly<Record<string, readonly string[]>> = {
  "setup-workspace": ["pixi", "bun", "nodejs"],
};

type Entry = z.output<typeof step>;

/**
 * @param problem makes a problem of what is wrong in the entry of that index
 */
export function readFirstRun(
  entries: readonly Entry[],
  users: readonly string[],
  directory: string,
  problem: (index: number, message: string) => Problem,
): Checked<FirstRunStep[]> {
  const scripts = readScripts(
    entries.map(({ run }) => run),
    directory,
    problem,
    entries.map(({ id }) => id),
  );
  const ids = stepIds(entries);
  const problems = [...problemsOf(scripts)];
  const userOf = ({ user, run }: Entry): string => user ?? userIn(run) ?? users[0] ?? "";
  for (const [index, entry] of entries.entries()) {
    const user = userOf(entry);
    if (!users.includes(user))
      problems.push(problem(index, `runs as ${user}, who is none of ssh.users: ${users.join(", ")}`));
    for (const need of entry.needs ?? []) {
      if (!ids.includes(need))
        problems.push(problem(index, `needs ${need}, which is none of the steps: ${ids.join(", ")}`));
    }
  }
  if (!isChecked(scripts)) return { problems };
  const steps = scripts.value.map((script, index): FirstRunStep => {
    const entry = entries[index] as Entry;
    const user = userOf(entry);
    const known = (knownNeeds[script.tool] ?? []).filter((need) => ids.includes(need));
    const { timeout, retries, probe, required, env } = entry;
    return { ...script, user, needs: entry.needs ?? known, timeout, retries, probe, required, environment: env };
  });
  const circle = circleOf(steps);
  if (circle !== undefined)
    problems.push(problem(ids.indexOf(circle[0] as string), `needs itself: ${circle.join(" -> ")}`));
  return problems.length > 0 ? { problems } : { value: inOrder(steps) };
}

/** What the steps are called, also those that something is wrong with. */
export const stepIds = (entries: readonly Pick<Entry, "id" | "run">[]): string[] =>
  entries.map(({ id, run }) => id ?? toolOf(scriptOf(run)));

/**
 * The steps as a stack wants them that can do without some.
 *
 * @param steps undefined where something is wrong with them
 * @param ids see `stepIds`
 * @param notRequired ids of those that it can do without
 */
export function dispenseWith(
  steps: readonly FirstRunStep[] | undefined,
  ids: readonly string[],
  notRequired: readonly string[],
  problem: (index: number, message: string) => Problem,
): Checked<FirstRunStep[]> {
  const problems = notRequired.flatMap((id, index) =>
    ids.includes(id) ? [] : [problem(index, `${id} is none of the steps of custom.on_first_run: ${ids.join(", ")}`)],
  );
  if (problems.length > 0) return { problems };
  return { value: (steps ?? []).map((one) => ({ ...one, required: one.required && !notRequired.includes(one.id) })) };
}

/** Whom a line names by `--user`. */
function userIn(run: string): string | undefined {
  const words = run.trim().split(/\s+/);
  const index = words.indexOf("--user");
  return index < 0 ? undefined : words[index + 1];
}

function circleOf(steps: readonly FirstRunStep[]): string[] | undefined {
  const needs = new Map(steps.map((one) => [one.id, one.needs]));
  const follow = (id: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    for (const need of needs.get(id) ?? []) {
      const circle = follow(need, [...path, id]);
      if (circle !== undefined) return circle;
    }
    return undefined;
  };
  for (const { id } of steps) {
    const circle = follow(id, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** Those that are needed before those that need them, and else as written. No step needs itself. */
function inOrder(steps: readonly FirstRunStep[]): FirstRunStep[] {
  const sorted: FirstRunStep[] = [];
  const add = (one: FirstRunStep): void => {
    if (sorted.includes(one)) return;
    for (const need of one.needs) for (const other of steps) if (other.id === need) add(other);
    sorted.push(one);
  };
  steps.forEach(add);
  return sorted;
}
