import * as pulumi from "@pulumi/pulumi";
import { outcomesOf, type StepOutcome } from "../src/model/step-marker.ts";
import type { PlannedStep } from "../src/plan/step-plan.ts";
import type { GpuContainer } from "./gpu-container.ts";
import { RemoteScript } from "./remote-script.ts";

export interface FirstRunArgs {
  readonly box: GpuContainer;
  /** The steps, in an order in which each follows those that it needs. */
  readonly steps: readonly PlannedStep[];
}

/**
 * The tools in the running box, one resource each. Steps that do not need each other run at the same time.
 *
 * @example new FirstRun("benchbox-sandbox", { box, steps: planSteps({ machine, lock, seen, options }) })
 */
export class FirstRun extends pulumi.ComponentResource {
  /** The steps' results, by id. */
  readonly tools: pulumi.Output<Readonly<Record<string, StepOutcome>>>;

  constructor(name: string, args: FirstRunArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:box:FirstRun", name, {}, options);
    const { box, steps } = args;
    const scripts = new Map<string, RemoteScript>();
    for (const planned of steps) {
      const { id, needs } = planned.step;
      const dependsOn = needs.flatMap((need) => scripts.get(need) ?? []);
      const script = new RemoteScript(
        `${name}-${id}`,
        { ...planned, box, firstRun: this },
        { parent: this, dependsOn },
      );
      scripts.set(id, script);
    }
    const markers = [...scripts].map(([id, { marker }]) => [id, marker] as const);
    this.tools = pulumi.output(markers).apply((all) => outcomesOf(all));
    this.registerOutputs({ tools: this.tools });
  }
}
