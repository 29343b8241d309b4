import { dirname, join } from "node:path";
import { lockHash, lockLines, type ToolLock } from "../config/tool-lock.ts";
import { hashFolder, hashOf } from "../model/hash.ts";
import type { Build, FirstRunStep, Machine } from "../model/machine.ts";
import type { StepRequest } from "../model/step-request.ts";
import type { UpOptions } from "../model/up-options.ts";
import type { BoxObservation, StepObservation } from "../observe/box-observation.ts";
import { stepTrigger } from "./trigger.ts";

export interface StepPlanArgs {
  readonly machine: Pick<Machine, "firstRun" | "tools" | "build">;
  readonly lock: ToolLock;
  /** The state of the box, which decides which scripts must run. */
  readonly seen: BoxObservation;
  readonly options: UpOptions;
}

export interface PlannedStep {
  readonly step: FirstRunStep;
  /** What the box is asked to run. */
  readonly request: StepRequest;
  /** Whether it has run with the current configuration and its tool is intact, so that it need not run. */
  readonly hasRun: boolean;
}

/** Plans the steps in their order, in which each follows those that it needs. */
export function planSteps(args: StepPlanArgs): PlannedStep[] {
  const { machine, lock, seen } = args;
  const library = hashFolder("scripts/lib");
  const running = new Set<string>();
  return machine.firstRun.map((step) => {
    const { id, script, arguments: words, environment, probe, required } = step;
    const lines = lockLines(lock[step.tool], machine.tools);
    const sources = hashOf(lines);
    const own = JSON.stringify([script, words, environment, probe ?? ""]);
    const trigger = stepTrigger(
      {
        id,
        desired: hashOf(library, hashFolder(join("scripts", dirname(script))), lockHash(lock[step.tool]), own),
        required,
        sources,
        isRequested: (found) => isRequested(args, found),
        needRuns: step.needs.some((need) => running.has(need)),
      },
      seen,
    );
    const hasRun = seen.steps.get(id)?.trigger === trigger;
    if (!hasRun) running.add(id);
    const request = {
      id,
      trigger,
      words: [script, ...words],
      lock: args.options.frozen ? `${lines}frozen=yes\n` : lines,
      needs: step.needs,
      required,
      sources,
      probe,
      seconds: step.timeout,
      retries: step.retries,
      // Not part of the trigger: a changed mirror is no reason to run the script again.
      environment: {
        ...indexVariables(machine.build.pypi),
        ...environment,
        ...(args.options.upgrade ? { BENCHBOX_UPGRADE: "yes" } : {}),
      },
    };
    return { step, request, hasRun };
  });
}

/** The variables with which uv and pip use a mirror of PyPI. */
const indexVariables = (pypi: Build["pypi"]): Record<string, string> =>
  pypi ? { UV_DEFAULT_INDEX: pypi.mirror, PIP_INDEX_URL: pypi.mirror } : {};

const isRequested = ({ options, machine }: StepPlanArgs, { state }: StepObservation): boolean =>
  (options.retry && state === "unavailable") ||
  (options.upgrade && state === "installed" && machine.tools.policy === "latest");
