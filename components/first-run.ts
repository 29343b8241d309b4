import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { FirstRunStep, Machine } from "../config/machine.ts";
import type { AskedFor } from "../lib/asked-for.ts";
import { hashFolder, hashOf } from "../lib/hash.ts";
import { outcomesOf, type StepOutcome } from "../lib/step-marker.ts";
import type { StepRequest } from "../lib/step-request.ts";
import { lockHash, lockLines, type ToolLock } from "../lib/tool-lock.ts";
import { stepTrigger } from "../lib/trigger.ts";
import type { BoxObservation, StepObservation } from "../observe/box.ts";
import type { GpuContainer } from "./gpu-container.ts";
import { RemoteScript } from "./remote-script.ts";

export interface FirstRunArgs {
  readonly box: GpuContainer;
  readonly machine: Pick<Machine, "firstRun" | "tools">;
  readonly lock: ToolLock;
  /** What the box says of itself: decides which scripts must run. */
  readonly seen: BoxObservation;
  readonly asked: AskedFor;
}

/**
 * The tools that are installed in the running box, one resource each. Those that do not need each other run at the same time.
 *
 * @example new FirstRun("benchbox-sandbox", { box, machine, lock, seen, asked: askedFor({}) })
 */
export class FirstRun extends pulumi.ComponentResource {
  /** What the steps came to, by id. */
  readonly tools: pulumi.Output<Readonly<Record<string, StepOutcome>>>;

  constructor(name: string, args: FirstRunArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:box:FirstRun", name, {}, options);
    const { box, machine, seen } = args;
    const steps = new Map<string, RemoteScript>();
    for (const { step, request } of requestsOf(args)) {
      const script = new RemoteScript(
        `${name}-${step.id}`,
        {
          container: box.container,
          user: step.user,
          connection: box.connectionOf(step.user),
          request,
          folders: [dirname(step.script)],
          hasRun: seen.steps.get(step.id)?.trigger === request.trigger,
        },
        {
          parent: this,
          dependsOn: step.needs.flatMap((need) => steps.get(need) ?? []),
        },
      );
      steps.set(step.id, script);
    }
    const markers = machine.firstRun.map(({ id }) => [id, steps.get(id)?.marker] as const);
    this.tools = pulumi.output(markers).apply((all) => outcomesOf(all));
    this.registerOutputs({ tools: this.tools });
  }
}

/** What the box is to be asked for each step, in the steps' order. */
function requestsOf(args: FirstRunArgs): { step: FirstRunStep; request: StepRequest }[] {
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
        isAskedFor: (found) => isAskedFor(args, found),
        needRuns: step.needs.some((need) => running.has(need)),
      },
      seen,
    );
    if (seen.steps.get(id)?.trigger !== trigger) running.add(id);
    const request = {
      id,
      trigger,
      words: [script, ...words],
      lock: args.asked.frozen ? `${lines}frozen=yes\n` : lines,
      needs: step.needs,
      required,
      sources,
      probe,
      seconds: step.timeout,
      retries: step.retries,
      environment: { ...environment, ...(args.asked.upgrade ? { BENCHBOX_UPGRADE: "yes" } : {}) },
    };
    return { step, request };
  });
}

const isAskedFor = ({ asked, machine }: FirstRunArgs, { state }: StepObservation): boolean =>
  (asked.retry && state === "unavailable") ||
  (asked.upgrade && state === "installed" && machine.tools.policy === "latest");
