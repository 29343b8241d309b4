import { preflight } from "../checks/preflight.ts";
import { colours, noColours, tableOf } from "../checks/result-table.ts";
import { machineOf } from "../config/stack-values.ts";
import { type CheckResult, isError, isWarning } from "../model/check-result.ts";
import { observeMachine } from "../observe/observation.ts";
import { planImage } from "../plan/image-plan.ts";
import { runCommand } from "../process/run-command.ts";

// The second half of `src/cli/doctor`. Argument: the stack. The checks are those of every preview, without Pulumi.

async function main(stack: string): Promise<number> {
  const machine = machineOf(stack);
  const seen = await observeMachine(machine);
  const results = await preflight(machine, seen, planImage(machine, seen).isBuilt);
  const inColour = process.stdout.isTTY && !process.env.NO_COLOR;
  const where = seen.host.address ?? "this machine";
  for (const line of tableOf(results, where, inColour ? colours : noColours)) console.log(line);
  console.log(`\n${summary(stack, results)}`);
  return results.some(isError) ? 1 : 0;
}

function summary(stack: string, results: readonly CheckResult[]): string {
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;
  const [errors, warnings] = [results.filter(isError).length, results.filter(isWarning).length];
  const also = warnings === 0 ? "" : ` and ${count(warnings, "warning")}`;
  if (errors > 0) return `The stack ${stack} cannot run here: ${count(errors, "error")}${also}.`;
  return warnings > 0
    ? `The stack ${stack} can run here, with ${count(warnings, "warning")}.`
    : `All is well for the stack ${stack}.`;
}

runCommand(() => main(process.argv[2] ?? "sandbox"));
