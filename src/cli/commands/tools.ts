import { machineOf } from "../../config/stack-values.ts";
import { type FirstRunStep, type Machine, stepUsers } from "../../model/machine.ts";
import { ConfigurationError } from "../../model/problem.ts";
import { observeBox } from "../../observe/box.ts";
import type { StepObservation } from "../../observe/box-observation.ts";
import { docker } from "../../observe/docker.ts";
import { userNamespacesFault } from "../../observe/user-namespaces.ts";
import type { ToolRow, ToolsReport } from "../documents.ts";
import { exitWith, stackCommand } from "../stack-command.ts";
import { printJson } from "../ui/output.ts";

export default stackCommand("tools")
  .summary("status of the installed tools")
  .description(
    "print the status of the first-run steps: versions, sources, and why a step failed; exit code 1 if a required one is not installed",
  )
  .option("--json", "print the status as JSON")
  .action(exitWith((stack, { json }) => tools(stack, { json })));

/** @param lastLines last line of the log, by step */
function rowOf(
  { id, required, needs }: FirstRunStep,
  steps: ReadonlyMap<string, StepObservation>,
  lastLines: ReadonlyMap<string, string>,
): ToolRow {
  const found = steps.get(id);
  if (found === undefined) {
    const missing = needs.filter((need) => steps.get(need)?.state !== "installed");
    const reason =
      missing.length > 0 ? `it needs ${missing.join(" and ")}` : (lastLines.get(id) ?? "it has not run yet");
    return { step: id, state: "missing", required, reason };
  }
  const { tool, packages, seconds, broken } = found;
  const unbroken = found.state === "installed" ? "installed" : "unavailable"; // a failed step has no marker
  const state = broken === undefined ? unbroken : "broken";
  return { step: id, state, required, ...tool, packages, seconds, reason: broken ?? found.reason };
}

/** The cells of a row: several columns for an installed tool, one text for any other step. */
function cellsOf(row: ToolRow): string[] {
  const { step, state, required, reason, packages, version = "", source = "", proof, seconds = 0 } = row;
  if (reason !== undefined) return [step, state, `${required ? "" : "not required; "}${reason}`];
  if (version === "") return [step, state, [...(packages ?? []), `${seconds} s`].join(", ")];
  return [step, version, source, proof ? `verified by ${proof}` : "", `${seconds} s`];
}

function tableOf(rows: readonly ToolRow[]): string[] {
  const cells = rows.map(cellsOf);
  const isColumn = (row: readonly string[], column: number): boolean => column < 2 || row.length > 3;
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...cells.map((row) => (isColumn(row, column) ? (row[column]?.length ?? 0) : 0))),
  );
  const marks = { installed: "+", unavailable: "-", broken: "x", missing: "x" };
  return rows.map(({ state }, index) => {
    const texts = (cells[index] ?? []).map((text, column) => text.padEnd(widths[column] ?? 0));
    return `${marks[state]} ${texts.join("  ").trimEnd()}`;
  });
}

interface Options {
  readonly json?: boolean | undefined;
  /** Whether it runs after an `up`, which has already reported problems with the files or the box itself. @default false */
  readonly isAfterUp?: boolean;
}

/** Prints the status of a stack's first-run steps. @returns 1 if a required one is not installed */
export async function tools(stack: string, { json, isAfterUp = false }: Options): Promise<number> {
  const machine = machineAfterUp(stack, isAfterUp);
  if (machine === undefined) return 1;
  const box = await observeBox(machine.name, stepUsers(machine));
  if (box.state === "absent" || box.state === "unreachable") {
    if (!isAfterUp) console.error(`benchbox: the box ${stack} is not up\n  Fix: npm run up -- ${stack}`);
    return isAfterUp ? 0 : 1;
  }
  const unmarked = machine.firstRun.map(({ id }) => id).filter((id) => !box.steps.has(id));
  const lastLines = await readLastLines(machine.name, unmarked);
  const rows = machine.firstRun.map((step) => rowOf(step, box.steps, lastLines));
  const failed = rows.filter(({ state, required }) => required && state !== "installed");
  if (json) printJson({ version: 1, stack, tools: rows } satisfies ToolsReport);
  else if (rows.length > 0 || !isAfterUp)
    console.log([`\nTools of ${stack}:`, ...tableOf(rows).map((line) => `  ${line}`)].join("\n"));
  if (machine.userNamespaces && box.state === "running" && !json) await printUserNamespaces(machine);
  if (failed.length > 0) {
    const names = failed.map(({ step }) => step).join(", ");
    const logged = failed.find(({ step }) => box.steps.has(step) || lastLines.has(step));
    const why = logged === undefined ? "" : ` Log: npm run logs -- ${stack} ${logged.step}.`;
    console.error(`\nMissing or broken: ${names}.${why}\n  Fix: npm run up -- ${stack} (installs only these)`);
    return 1;
  }
  return 0;
}

/** The last line of each existing log, which is the reason if the step failed (see `run-step`). */
async function readLastLines(box: string, steps: readonly string[]): Promise<Map<string, string>> {
  if (steps.length === 0) return new Map();
  const script =
    'cd /var/log/benchbox && for id; do printf "%s\\t%s\\n" "$id" "$(tail -n 1 "$id.log" 2>/dev/null)"; done';
  const { stdout } = await docker(["exec", box, "bash", "-c", script, "-", ...steps]);
  const lines = stdout.split("\n").map((line) => line.split("\t", 2));
  return new Map(
    lines.flatMap(([id = "", words = ""]) =>
      words === "" ? [] : [[id, words.replace(/^benchbox: /, "").replace(`${id}: `, "")] as const],
    ),
  );
}

async function printUserNamespaces({ name, users }: Machine): Promise<void> {
  const fault = await userNamespacesFault(name, users[0].name);
  if (fault === undefined) console.log("\nUser namespaces: ok, so sandboxes of coding agents can start.");
  else
    console.log(
      `\nUser namespaces: failed: ${fault}\n  Fix: on Ubuntu hosts: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0; ` +
        "on other hosts check: sysctl user.max_user_namespaces",
    );
}

/** The stack's desired machine; undefined if its files have errors that a previous `up` has already reported. */
function machineAfterUp(stack: string, isAfterUp: boolean): Machine | undefined {
  try {
    return machineOf(stack);
  } catch (error) {
    if (isAfterUp && error instanceof ConfigurationError) return undefined;
    throw error;
  }
}
