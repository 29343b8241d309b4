import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { evaluateWhichEngine } from "../../checks/engine-address.ts";
import { evaluateNoEngine } from "../../checks/engine-answers.ts";
import { machineOf } from "../../config/stack-values.ts";
import { readUpOptions } from "../../model/up-options.ts";
import { UserError } from "../../model/user-error.ts";
import { observeMachine } from "../../observe/observation.ts";
import { assess } from "../../plan/assess.ts";
import { userFolder } from "../../state/project.ts";
import type { DriftReport } from "../documents.ts";
import { historyOf, recordDrifts } from "../report/drift-history.ts";
import { reportOf } from "../report/drift-report.ts";
import { historyLines, pageOf, reportLines } from "../report/drift-views.ts";
import { exitWith, stackCommand } from "../stack-command.ts";
import { hasColour, printJson } from "../ui/output.ts";

const command = stackCommand("drift")
  .summary("report what differs from the stack's files")
  .description(
    "report what differs from the stack's files, what the next `up` does about it, and what that would lose; changes nothing, " +
      "takes no lock",
  )
  .option("--json", "print the report as JSON")
  .option("--html <file>", "write the report as one self-contained page; `-` prints it")
  .option("--history", "print what earlier calls found, and when")
  .addHelpText("after", "\nExit code: 0 no drift, 2 drift, 1 the box, or a part of it, could not be checked.");

export default command.action(
  exitWith((stack, options) => (options.history ? history(stack, options) : drift(stack, options))),
);

type Options = ReturnType<typeof command.opts>;

const historyFile = (stack: string): string => `.state/drift/${stack}.jsonl`;

function history(stack: string, { json }: Options): void {
  const entries = historyOf(historyFile(stack));
  if (json) printJson(entries);
  else for (const line of historyLines(stack, entries)) console.log(line);
}

async function drift(stack: string, { json, html }: Options): Promise<number> {
  const report = await inspect(stack);
  recordDrifts(historyFile(stack), report);
  if (json) printJson(report);
  else if (html === "-") console.log(pageOf(report));
  else {
    for (const line of reportLines(report, hasColour())) console.log(line);
    if (html !== undefined) writeFileSync(resolve(userFolder, html), pageOf(report));
  }
  if (report.notChecked.length > 0) return 1;
  return report.drifts.length > 0 ? 2 : 0;
}

async function inspect(stack: string): Promise<DriftReport> {
  const machine = machineOf(stack);
  const seen = await observeMachine(machine);
  const { engine, address } = seen.host;
  const [wrong] = [
    ...evaluateWhichEngine(machine, seen.host),
    ...("problem" in engine ? evaluateNoEngine(engine, address, machine.dockerHost) : []),
  ];
  if (wrong !== undefined) {
    const { subject, found, remedy } = { remedy: "", found: "", ...wrong };
    throw new UserError(`${subject}: ${found}; the host was not checked\n  Fix: ${remedy}`);
  }
  return reportOf(stack, machine.name, seen, assess(machine, seen, readUpOptions({})).drifts);
}
