import { readdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { UserError } from "../model/user-error.ts";
import { runCommand } from "../process/run-command.ts";
import { type Ask, askDoctor, askDrift, askList, askPreview, whyIn } from "./fleet-rows/ask.ts";
import { eachOf, run } from "./fleet-rows/run.ts";
import { exitCodeOf, type FleetRow, fleetLine, fleetPage } from "./report/fleet.ts";

// The second half of `src/cli/fleet`, which says what it does. Arguments: the user's folder, the command and its options.

const asks: Readonly<Record<string, Ask>> = { list: askList, drift: askDrift, preview: askPreview, doctor: askDoctor };

interface Options {
  readonly stacks: readonly string[];
  readonly jobs: number;
  readonly seconds: number;
  readonly isQuiet: boolean;
}

/** Asks all of them; tells of each as soon as it has answered. */
async function askAll(ask: Ask, { stacks, jobs, seconds, isQuiet }: Options): Promise<FleetRow[]> {
  const rows = new Map<string, FleetRow>();
  const width = Math.max(...stacks.map(({ length }) => length));
  await eachOf(stacks, jobs, async (stack) => {
    const started = performance.now();
    const row = { stack, ...(await ask(stack, seconds)), seconds: (performance.now() - started) / 1000 };
    rows.set(stack, row);
    if (!isQuiet) console.log(fleetLine(row, width, inColour()));
  });
  return stacks.flatMap((stack) => rows.get(stack) ?? []);
}

const inColour = (): boolean => process.stdout.isTTY === true && !process.env.NO_COLOR;

/** When each stack was last changed. */
async function lastUps(): Promise<ReadonlyMap<string, string>> {
  const { code, stdout } = await run(["bin/pulumi", "stack", "ls", "--json"], { seconds: 60 });
  const stacks = code === 0 ? (JSON.parse(stdout) as { name: string; lastUpdate?: string }[]) : [];
  return new Map(stacks.flatMap(({ name, lastUpdate }) => (lastUpdate ? [[name, lastUpdate]] : [])));
}

async function up(options: Options, how: { readonly yes: boolean; readonly rolling: boolean }): Promise<FleetRow[]> {
  const plans = await askAll(askPreview, options);
  const wanted = plans.filter(({ state }) => state === "differs").map(({ stack }) => stack);
  const unable = plans.filter(({ state }) => state === "failed");
  if (wanted.length === 0) {
    console.error(unable.length > 0 ? "\nNone can be brought up." : "\nAll machines are as declared.");
    return plans;
  }
  if (how.rolling && unable.length > 0)
    throw new UserError(`nothing was changed: ${unable.map(({ stack }) => stack).join(", ")} failed`);
  await confirm(
    `\n${wanted.length} of ${plans.length} machines would be changed: ${wanted.join(", ")}. Go on?`,
    how.yes,
  );
  let mayGoOn = true;
  const bring: Ask = async (stack) => {
    if (!mayGoOn) return { state: "failed", says: "not begun, since another one failed" };
    const log = `.state/fleet/${stack}.log`;
    const { code, stdout, stderr } = await run(["src/cli/up", stack, "--yes", "--skip-preview"], { log });
    if (code === 0) return { state: "well", says: "up" };
    mayGoOn = !how.rolling;
    return { state: "failed", says: `${whyIn(`${stdout}\n${stderr}`)}; all that it said: ${log}` };
  };
  console.error();
  const done = await askAll(bring, { ...options, stacks: wanted, jobs: how.rolling ? 1 : options.jobs });
  return plans.map((plan) => done.find(({ stack }) => stack === plan.stack) ?? plan);
}

async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return console.error(question.replace(" Go on?", ""));
  if (!process.stdin.isTTY) throw new UserError(`${question.trim()} Without a terminal to ask on, say --yes`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [yes/no] `);
  terminal.close();
  if (answer.trim() !== "yes") throw new UserError("the answer was not yes; nothing was changed");
}

function stacksOf(only: string | undefined): string[] {
  const all = readdirSync(".")
    .flatMap((file) => /^Pulumi\.([^.]+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
  if (only === undefined) return all;
  const chosen = only.split(",").map((name) => name.trim());
  const unknown = chosen.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new UserError(`there is no stack ${unknown.join(", ")}; there are: ${all.join(", ")}`);
  return chosen;
}

function wholeNumber(option: string, text: string | undefined, standard: number): number {
  if (text === undefined) return standard;
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new UserError(`--${option} must be a whole number above 0, not ${text}`);
  return Number(text);
}

async function main(from: string, words: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      only: { type: "string" },
      jobs: { type: "string" },
      timeout: { type: "string" },
      json: { type: "boolean", default: false },
      html: { type: "string" },
      yes: { type: "boolean", default: false },
      rolling: { type: "boolean", default: false },
    },
  });
  const [command = "list", ...names] = positionals;
  const ask = asks[command];
  if (ask === undefined && command !== "up")
    throw new UserError(`there is no command ${command}; there are: ${[...Object.keys(asks), "up"].join(", ")}`);
  if (names.length > 0)
    throw new UserError(`machines are named by an option: npm run fleet -- ${command} --only ${names.join(",")}`);
  const options: Options = {
    stacks: stacksOf(values.only),
    jobs: wholeNumber("jobs", values.jobs, Math.min(4, availableParallelism() + 1)),
    seconds: wholeNumber("timeout", values.timeout, 120),
    isQuiet: values.json || command === "list",
  };
  const [answers, times] = await Promise.all([
    ask === undefined ? up(options, values) : askAll(ask, options),
    command === "list" ? lastUps() : new Map<string, string>(),
  ]);
  const rows = answers.map((row) => ({ ...row, lastUp: times.get(row.stack) }));
  if (values.json) console.log(JSON.stringify(rows, undefined, 2));
  else if (command === "list") {
    const width = Math.max(...rows.map(({ stack }) => stack.length));
    for (const row of rows) console.log(fleetLine(row, width, inColour()));
  }
  if (values.html !== undefined)
    writeFileSync(resolve(from, values.html), fleetPage(command, rows, new Date().toISOString()));
  return exitCodeOf(rows);
}

const [from = ".", ...words] = process.argv.slice(2);
runCommand(() => main(from, words));
