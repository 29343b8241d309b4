import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { UserError } from "../../model/user-error.ts";
import { confirm } from "../../process/prompt.ts";
import { stackNames, userFolder } from "../../state/project.ts";
import type { FleetReport, FleetRow } from "../documents.ts";
import { checkDoctor, checkDrift, checkList, checkPreview, failureReason, type StackCheck } from "../fleet/ask.ts";
import { run, runConcurrently } from "../fleet/run.ts";
import { exitCodeOf, fleetLine, fleetPage } from "../report/fleet-report.ts";
import { exitWith } from "../stack-command.ts";
import { hasColour, printJson } from "../ui/output.ts";

interface Options {
  readonly only?: readonly string[];
  readonly jobs: number;
  readonly timeout: number;
  readonly json?: boolean;
  readonly html?: string;
}

interface UpOptions extends Options {
  readonly yes?: boolean;
  readonly rolling?: boolean;
}

const fleet = new Command("fleet")
  .summary("run a command for every stack of this clone")
  .description("run a command for every stack of this clone, several at a time, in one table")
  .addHelpText("after", "\nExit code: 0 no changes, 2 something differs or would change, 1 something failed.");

const list = fleetCommand("list", "each stack: drift, GPUs, tools, its Docker Engine, the last up");
// As the default command it receives unknown command names as arguments.
list.allowExcessArguments().action(
  exitWith(async (options: Options) => {
    const [unknown] = list.args;
    if (unknown !== undefined) {
      const names = fleet.commands.map((command) => command.name()).join(", ");
      throw new UserError(`fleet has no command ${unknown} (commands: ${names})`);
    }
    const [answers, times] = await Promise.all([askAll(checkList, options, true), lastUps()]);
    const rows = answers.map((row) => ({ ...row, lastUp: times.get(row.stack) }));
    if (!options.json) for (const row of rows) console.log(fleetLine(row, widthOf(rows), hasColour()));
    return report("list", rows, options);
  }),
);
fleet.addCommand(list, { isDefault: true });

for (const [name, description, ask] of [
  ["drift", "the drift of each", checkDrift],
  ["preview", "how much an `up` would change on each", checkPreview],
  ["doctor", "whether each host can run its stack", checkDoctor],
] as const) {
  const command = fleetCommand(name, description);
  command.action(exitWith(async (options: Options) => report(name, await askAll(ask, options), options)));
  fleet.addCommand(command);
}

fleet.addCommand(
  fleetCommand("up", "preview all, ask once, and bring up those that have changes")
    .option("-y, --yes", "do not ask")
    .option("--rolling", "bring up one stack after the other, and stop at the first failure")
    .action(exitWith(async (options: UpOptions) => report("up", await up(options), options))),
);

export default fleet;

function fleetCommand(name: string, description: string): Command {
  const atATime = Math.min(4, availableParallelism() + 1);
  return new Command(name)
    .description(description)
    .addOption(new Option("--only <stacks>", "only these stacks, separated by commas").argParser(readNames))
    .addOption(new Option("--jobs <number>", "stacks at a time").argParser(readCount).default(atATime))
    .addOption(
      new Option(
        "--timeout <seconds>",
        "give up on a host that does not answer for this long; an `up` has no time limit",
      )
        .argParser(readCount)
        .default(120),
    )
    .option("--json", "print the rows as JSON")
    .option("--html <file>", "write one self-contained page");
}

function readNames(text: string): string[] {
  const all = stackNames();
  const chosen = text.split(",").map((name) => name.trim());
  const unknown = chosen.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new InvalidArgumentError(`No stack ${unknown.join(", ")} (existing stacks: ${all.join(", ")}).`);
  return chosen;
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError("It must be a whole number above 0.");
  return Number(text);
}

/** Checks all stacks. Prints a line for each as soon as it is done. */
async function askAll(
  ask: StackCheck,
  { only: stacks = stackNames(), jobs, timeout, json }: Options,
  isQuiet = false,
): Promise<FleetRow[]> {
  const rows = new Map<string, FleetRow>();
  const width = Math.max(...stacks.map(({ length }) => length));
  await runConcurrently(stacks, jobs, async (stack) => {
    const started = performance.now();
    const row = { stack, ...(await ask(stack, timeout)), seconds: (performance.now() - started) / 1000 };
    rows.set(stack, row);
    if (!isQuiet && !json) console.log(fleetLine(row, width, hasColour()));
  });
  return stacks.flatMap((stack) => rows.get(stack) ?? []);
}

const widthOf = (rows: readonly FleetRow[]): number => Math.max(...rows.map(({ stack }) => stack.length));

function report(command: string, rows: readonly FleetRow[], { json, html }: Options): number {
  if (json) printJson({ version: 1, stacks: [...rows] } satisfies FleetReport);
  if (html !== undefined) writeFileSync(resolve(userFolder, html), fleetPage(command, rows, new Date().toISOString()));
  return exitCodeOf(rows);
}

/** When each stack was last changed. */
async function lastUps(): Promise<ReadonlyMap<string, string>> {
  const { code, stdout } = await run(["bin/pulumi", "stack", "ls", "--json"], { seconds: 60 });
  const stacks = code === 0 ? (JSON.parse(stdout) as { name: string; lastUpdate?: string }[]) : [];
  return new Map(stacks.flatMap(({ name, lastUpdate }) => (lastUpdate ? [[name, lastUpdate]] : [])));
}

async function up(options: UpOptions): Promise<FleetRow[]> {
  const { yes = false, rolling = false } = options;
  const plans = await askAll(checkPreview, options);
  const wanted = plans.filter(({ state }) => state === "drift").map(({ stack }) => stack);
  const unable = plans.filter(({ state }) => state === "failed");
  if (wanted.length === 0) {
    console.error(unable.length > 0 ? "\nNo stack can be brought up." : "\nNo changes.");
    return plans;
  }
  if (rolling && unable.length > 0)
    throw new UserError(`the preview of ${unable.map(({ stack }) => stack).join(", ")} failed; nothing was changed`);
  const consequence = `${wanted.length} of ${plans.length} stacks will be changed: ${wanted.join(", ")}.`;
  console.error();
  if (yes) console.error(consequence);
  else await confirm(consequence, "--yes");
  let mayContinue = true;
  const bring: StackCheck = async (stack) => {
    if (!mayContinue) return { state: "failed", summary: "skipped: another stack failed" };
    const log = `.state/fleet/${stack}.log`;
    const { code, stdout, stderr } = await run(["bin/benchbox", "up", stack, "--yes", "--skip-preview"], { log });
    if (code === 0) return { state: "ok", summary: "up" };
    mayContinue = !rolling;
    return { state: "failed", summary: `${failureReason(`${stdout}\n${stderr}`)}; log: ${log}` };
  };
  console.error();
  const done = await askAll(bring, { ...options, only: wanted, jobs: rolling ? 1 : options.jobs });
  return plans.map((plan) => done.find(({ stack }) => stack === plan.stack) ?? plan);
}
