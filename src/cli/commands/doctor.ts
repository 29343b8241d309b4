import { preflight } from "../../checks/preflight.ts";
import { colours, noColours, tableOf } from "../../checks/result-table.ts";
import { machineOf } from "../../config/stack-values.ts";
import { type CheckResult, isError, isWarning } from "../../model/check-result.ts";
import { observeMachine } from "../../observe/observation.ts";
import { planImage } from "../../plan/image-plan.ts";
import type { DoctorReport } from "../documents.ts";
import { exitWith, stackCommand } from "../stack-command.ts";
import { hasColour, printJson } from "../ui/output.ts";

export default stackCommand("doctor")
  .summary("check whether this host can run the stack")
  .description("check whether this host can run the stack, and print the fix for each failed check; changes nothing")
  .option("--json", "print the results as JSON")
  .action(exitWith((stack, { json }) => doctor(stack, json)));

/** Runs the checks of every preview, without Pulumi. @returns 1 if the stack cannot run here */
export async function doctor(stack: string, json = false): Promise<number> {
  const machine = machineOf(stack);
  const seen = await observeMachine(machine);
  const results = await preflight(machine, seen, planImage(machine, seen).isBuilt);
  const canRun = !results.some(isError);
  if (json) printJson({ version: 1, stack, canRun, checks: results } satisfies DoctorReport);
  else {
    const where = seen.host.address ?? "this host";
    for (const line of tableOf(results, where, hasColour() ? colours : noColours)) console.log(line);
    console.log(`\n${summaryOf(stack, results)}`);
  }
  return canRun ? 0 : 1;
}

function summaryOf(stack: string, results: readonly CheckResult[]): string {
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;
  const [errors, warnings] = [results.filter(isError).length, results.filter(isWarning).length];
  const also = warnings === 0 ? "" : ` and ${count(warnings, "warning")}`;
  if (errors > 0) return `The stack ${stack} cannot run here: ${count(errors, "error")}${also}.`;
  return warnings > 0
    ? `The stack ${stack} can run here, with ${count(warnings, "warning")}.`
    : `All checks passed for the stack ${stack}.`;
}
