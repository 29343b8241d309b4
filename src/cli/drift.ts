import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { evaluateWhichEngine } from "../checks/engine-address.ts";
import { evaluateNoEngine } from "../checks/engine-answers.ts";
import { machineOf } from "../config/stack-values.ts";
import { readUpOptions } from "../model/up-options.ts";
import { UserError } from "../model/user-error.ts";
import { observeMachine } from "../observe/observation.ts";
import { assess } from "../plan/assess.ts";
import { runCommand } from "../process/run-command.ts";
import { type DriftReport, reportOf } from "./report/drift.ts";
import { historyOf, recordDrifts } from "./report/drift-history.ts";
import { pageOf } from "./report/drift-page.ts";
import { historyLines, reportLines } from "./report/drift-text.ts";

// The second half of `src/cli/drift`, which says what it does. Arguments: the stack, the user's folder, and the options.

async function look(stack: string): Promise<DriftReport> {
  const machine = machineOf(stack);
  const seen = await observeMachine(machine);
  const { engine, address } = seen.host;
  const [wrong] = [
    ...evaluateWhichEngine(machine, seen.host),
    ...("problem" in engine ? evaluateNoEngine(engine, address, machine.dockerHost) : []),
  ];
  if (wrong !== undefined) {
    const { subject, found, remedy } = { remedy: "", found: "", ...wrong };
    throw new UserError(`${subject}: ${found}; the machine was not looked at. To mend: ${remedy}`);
  }
  return reportOf(stack, machine.name, seen, assess(machine, seen, readUpOptions({})).drifts);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean" }, html: { type: "string" }, history: { type: "boolean" } },
  });
  const [stack = "sandbox", from = "."] = positionals;
  const file = `.state/drift/${stack}.jsonl`;
  const json = (value: unknown): void => console.log(JSON.stringify(value, undefined, 2));
  if (values.history) {
    const entries = historyOf(file);
    if (values.json) json(entries);
    else for (const line of historyLines(stack, entries)) console.log(line);
    return 0;
  }
  const report = await look(stack);
  recordDrifts(file, report);
  if (values.json) json(report);
  else if (values.html === "-") console.log(pageOf(report));
  else {
    const inColour = process.stdout.isTTY === true && !process.env.NO_COLOR;
    for (const line of reportLines(report, inColour)) console.log(line);
    if (values.html !== undefined) writeFileSync(resolve(from, values.html), pageOf(report));
  }
  if (report.notLookedAt.length > 0) return 1;
  return report.drifts.length > 0 ? 2 : 0;
}

runCommand(main);
