import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import pMap from "p-map";
import { UserError } from "../../model/user-error.ts";
import { confirm } from "../../process/prompt.ts";
import { stackNames, userFolder } from "../../state/project.ts";
import type { FleetReport, FleetRow } from "../documents.ts";
import { checkDoctor, checkDrift, checkList, checkPreview, failureReason, type StackCheck } from "../fleet/ask.ts";
import { run } from "../fleet/run.ts";
import { exitCodeOf, fleetLine, fleetPage } from "../report/fleet-report.ts";
import { createCommand, exitWith } from "../stack-command.ts";
import { printJson } from "../ui/output.ts";

const fleet = createCommand("fleet")
  .summary("run a command for every stack of this clone")
  .description("run a command for every stack of this clone, several at a time, in one table")
  .addHelpText("after", "\nExit code: 0 no changes, 2 something differs or would change, 1 something failed.");

export default fleet;

const atATime = Math.min(4, availableParallelism() + 1);

const fleetCommand = (name: string, description: string, isDefault = false) =>
  fleet
    .command(name, { isDefault })
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

type Options = ReturnType<ReturnType<typeof fleetCommand>["opts"]>;

const list = fleetCommand("list", "each stack: drift, GPUs, tools, its Docker Engine, the last up", true);
// As the default command it receives unknown command names as arguments.
list.allowExcessArguments().action(
  exitWith(async (options) => {
    const [unknown] = list.args;
    if (unknown !== undefined) {
      const names = fleet.commands.map((command) => command.name()).join(", ");
      throw new UserError(`fleet has no command ${unknown} (commands: ${names})`);
    }
    const [answers, times] = await Promise.all([askAll(checkList, options, true), lastUps()]);
    const rows = answers.map((row) => ({ ...row, lastUp: times.get(row.stack) }));
    const width = Math.max(...rows.map(({ stack }) => stack.length));
    if (!options.json) for (const row of rows) console.log(fleetLine(row, width));
    return report("list", rows, options);
  }),
);

for (const [name, description, ask] of [
  ["drift", "the drift of each", checkDrift],
  ["preview", "how much an `up` would change on each", checkPreview],
  ["doctor", "whether each host can run its stack", checkDoctor],
] as const) {
  fleetCommand(name, description).action(
    exitWith(async (options) => report(name, await askAll(ask, options), options)),
  );
}

fleetCommand("up", "preview all, ask once, and bring up those that have changes")
  .option("-y, --yes", "do not ask")
  .option("--rolling", "bring up one stack after the other, and stop at the first failure")
  .action(exitWith(async (options) => report("up", await up(options, options), options)));

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
  const width = Math.max(...stacks.map(({ length }) => length));
  const askOne = async (stack: string): Promise<FleetRow> => {
    const started = performance.now();
    const row = { stack, ...(await ask(stack, timeout)), seconds: (performance.now() - started) / 1000 };
    if (!isQuiet && !json) console.log(fleetLine(row, width));
    return row;
  };
  return pMap(stacks, askOne, { concurrency: jobs });
}

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

async function up(
  options: Options,
  { yes, rolling }: { readonly yes?: true; readonly rolling?: true },
): Promise<FleetRow[]> {
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
    mkdirSync(".state/fleet", { recursive: true, mode: 0o700 });
    const file = `.state/fleet/${stack}.log`;
    const log = openSync(file, "w", 0o600);
    const { code } = await run(["bin/benchbox", "up", stack, "--yes", "--skip-preview"], { log });
    closeSync(log);
    if (code === 0) return { state: "ok", summary: "up" };
    mayContinue = !rolling;
    return { state: "failed", summary: `${failureReason(readFileSync(file, "utf8"))}; log: ${file}` };
  };
  console.error();
  const done = await askAll(bring, { ...options, only: wanted, jobs: rolling ? 1 : options.jobs });
  return plans.map((plan) => done.find(({ stack }) => stack === plan.stack) ?? plan);
}
