import { z } from "zod";
import { type Checked, isChecked, problemsOf } from "../model/checked.ts";
import type { FirstRunStep } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { readScripts, scriptOf, toolOf } from "./scripts.ts";

/**
 * `custom.on_first_run`: the scripts that install tools in the running box. An entry is a line "path arguments", as in PeiDocker (see
 * user-config.ts), or a mapping with that line as `run` and further options.
 */

const line = z
  .string("must be a line such as `stage-1/system/uv/install-uv.sh --user peid`")
  .min(1, "must name a script");

const stepName = z
  .string("must be the name of a step")
  .regex(/^[a-z0-9][a-z0-9._-]*$/, "must be a step name: a-z, 0-9, `.`, `_` and `-`");

const step = z.strictObject(
  {
    run: line,
    /** Name of the step. @default the name of the tool's folder, or of the script */
    id: stepName.optional(),
    /** The user who runs the step, one of `ssh.users`. @default the user that `--user` names, or the first user */
    user: z.string("must be a user name").optional(),
    /** Steps that must succeed before this one. @default the known needs of the tool; see `knownNeeds` */
    needs: z.array(stepName, "must be a list of steps").optional(),
    /** Environment variables for the script. The state stores them: no secrets. */
    env: z
      .record(
        z
          .string()
          .regex(
            /^[A-Za-z_][A-Za-z0-9_]*$/,
            "is not a variable name: use letters, digits and _, not starting with a digit",
          ),
        z.string("must be a string"),
      )
      .default({}),
    /** Time limit in seconds. */
    timeout: z
      .int("must be a whole number of seconds")
      .min(1, "must be at least 1")
      .max(86_400, "must be at most 86400, a day")
      .default(1800),
    /** Number of retries after a network failure. */
    retries: z.int("must be a whole number").min(0, "must not be negative").max(10, "must be at most 10").default(1),
    /** A shell command that succeeds while the tool works; each preview runs it. */
    probe: z
      .string("must be a shell command")
      .regex(/^[^\n\r]+$/, "must be one line")
      .optional(),
    /** Whether `up` fails when the step fails. */
    required: z.boolean("must be true or false").default(true),
  },
  "must be a line, or a mapping with `run`",
);

export const firstRunOptions = z.array(
  z.preprocess((entry) => (typeof entry === "string" ? { run: entry } : entry), step),
);

/** Needs of this project's own scripts. A need that is not in `on_first_run` is ignored. */
const knownNeeds: Readonly<Record<string, readonly string[]>> = {
  "setup-workspace": ["pixi", "bun", "nodejs"],
};

type Entry = z.output<typeof step>;

/**
 * Validates the entries, fills in their defaults, and sorts them so that each step follows the ones it needs.
 *
 * @param problem creates a problem with the entry at `index`
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
      problems.push(problem(index, `runs as ${user}, who is not one of ssh.users: ${users.join(", ")}`));
    for (const need of entry.needs ?? []) {
      if (!ids.includes(need))
        problems.push(problem(index, `needs ${need}, which is not one of the steps: ${ids.join(", ")}`));
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
  const cycle = findCycle(steps);
  if (cycle !== undefined)
    problems.push(problem(ids.indexOf(cycle[0] as string), `depends on itself: ${cycle.join(" -> ")}`));
  return problems.length > 0 ? { problems } : { value: sortByNeeds(steps) };
}

/** The ids of all steps, including invalid ones. */
export const stepIds = (entries: readonly Pick<Entry, "id" | "run">[]): string[] =>
  entries.map(({ id, run }) => id ?? toolOf(scriptOf(run)));

/**
 * Marks the steps that `tools.not_required` of a stack lists as not required.
 *
 * @param steps undefined where they are invalid
 * @param ids see `stepIds`
 */
export function applyNotRequired(
  steps: readonly FirstRunStep[] | undefined,
  ids: readonly string[],
  notRequired: readonly string[],
  problem: (index: number, message: string) => Problem,
): Checked<FirstRunStep[]> {
  const problems = notRequired.flatMap((id, index) =>
    ids.includes(id) ? [] : [problem(index, `${id} is not one of the steps of custom.on_first_run: ${ids.join(", ")}`)],
  );
  if (problems.length > 0) return { problems };
  return { value: (steps ?? []).map((one) => ({ ...one, required: one.required && !notRequired.includes(one.id) })) };
}

/** The user that a line names with `--user`. */
function userIn(run: string): string | undefined {
  const words = run.trim().split(/\s+/);
  const index = words.indexOf("--user");
  return index < 0 ? undefined : words[index + 1];
}

/** The ids of a circular dependency, with the first one repeated at the end; undefined when there is none. */
function findCycle(steps: readonly FirstRunStep[]): string[] | undefined {
  const needs = new Map(steps.map((one) => [one.id, one.needs]));
  const follow = (id: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    for (const need of needs.get(id) ?? []) {
      const cycle = follow(need, [...path, id]);
      if (cycle !== undefined) return cycle;
    }
    return undefined;
  };
  for (const { id } of steps) {
    const cycle = follow(id, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Each step after the ones it needs, otherwise in the written order. The steps must have no cycle. */
function sortByNeeds(steps: readonly FirstRunStep[]): FirstRunStep[] {
  const sorted: FirstRunStep[] = [];
  const add = (one: FirstRunStep): void => {
    if (sorted.includes(one)) return;
    for (const need of one.needs) for (const other of steps) if (other.id === need) add(other);
    sorted.push(one);
  };
  steps.forEach(add);
  return sorted;
}
