import { z } from "zod";
import { all, type Checked, isChecked } from "../model/checked.ts";
import type { Hook, Hooks } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { environmentSchema, line, stepName, userIn } from "./first-run.ts";
import { readScripts } from "./scripts.ts";

/**
 * `custom.on_every_start` and `custom.on_login`: scripts that run in the box again and again. An entry is a line "path arguments", or a
 * mapping with that line as `run` and further options.
 */

const seconds = z.int("must be a whole number of seconds").min(1, "must be at least 1");

const shared = {
  run: line.meta({
    description: "The script and its arguments.",
    examples: ["stage-2/custom/start-services.sh --user peid"],
  }),
  id: stepName.optional().meta({
    description: "Name of the hook, and of its log.",
    defaultText: "the name of the tool's folder, or of the script",
    examples: ["services"],
  }),
  env: environmentSchema.meta({
    description: "Environment variables for the script. The state and the box store them, so set no secrets.",
    examples: [{ PORT: "6006" }],
  }),
};

const startHook = z.strictObject(
  {
    ...shared,
    user: z
      .string("must be a user name")
      .optional()
      .meta({
        description: "The user who runs the script, one of `ssh.users` or root.",
        defaultText: "the user that `--user` names, or the first user",
        examples: ["root"],
      }),
    timeout: seconds
      .max(86_400, "must be at most 86400, a day")
      .default(300)
      .meta({ description: "Time limit in seconds.", examples: [60] }),
    required: z
      .boolean("must be true or false")
      .default(true)
      .meta({
        description: "Whether `up` fails, and a preview reports drift, when the script fails.",
        examples: [false],
      }),
  },
  "must be a line, or a mapping with `run`",
);

const loginHook = z.strictObject(
  {
    ...shared,
    user: z
      .string("must be a user name")
      .optional()
      .meta({
        description: "The only user at whose logins the script runs, one of `ssh.users`.",
        defaultText: "each user",
        examples: ["peid"],
      }),
    timeout: seconds
      .max(600, "must be at most 600: the login waits for it")
      .default(10)
      .meta({ description: "Time limit in seconds. The login waits for the script.", examples: [5] }),
  },
  "must be a line, or a mapping with `run`",
);

const entries = <T extends z.ZodType>(entry: T) =>
  z.array(z.preprocess((one) => (typeof one === "string" ? { run: one } : one), entry));

export const startHookOptions = entries(startHook);
export const loginHookOptions = entries(loginHook);

type Entry = z.output<typeof startHook> | z.output<typeof loginHook>;

/**
 * Validates both lists and fills in their defaults.
 *
 * @param problem creates a problem with the entry at `index` of a list
 */
export function readHooks(
  { on_every_start: start, on_login: login }: { on_every_start: readonly Entry[]; on_login: readonly Entry[] },
  users: readonly string[],
  directory: string,
  problem: (key: "on_every_start" | "on_login", index: number, message: string) => Problem,
): Checked<Hooks> {
  const first = users[0] ?? "";
  return all({
    start: readList(
      start,
      [...users, "root"],
      ({ user, run }) => user ?? userIn(run) ?? first,
      directory,
      (...at) => problem("on_every_start", ...at),
    ),
    login: readList(
      login,
      users,
      ({ user }) => user,
      directory,
      (...at) => problem("on_login", ...at),
    ),
  });
}

function readList(
  list: readonly Entry[],
  users: readonly string[],
  userOf: (entry: Entry) => string | undefined,
  directory: string,
  problem: (index: number, message: string) => Problem,
): Checked<Hook[]> {
  const lines = list.map(({ run }) => run);
  const scripts = readScripts(
    lines,
    directory,
    problem,
    list.map(({ id }) => id),
  );
  const unknown = list.flatMap((entry, index) => {
    const user = userOf(entry);
    if (user === undefined || users.includes(user)) return [];
    return [problem(index, `runs as ${user}, who is not one of: ${users.join(", ")}`)];
  });
  if (!isChecked(scripts)) return { problems: [...scripts.problems, ...unknown] };
  if (unknown.length > 0) return { problems: unknown };
  return {
    value: scripts.value.map((script, index): Hook => {
      const entry = list[index] as Entry;
      const required = "required" in entry && entry.required;
      return { ...script, user: userOf(entry), environment: entry.env, timeout: entry.timeout, required };
    }),
  };
}
