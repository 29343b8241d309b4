import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { commandLine } from "../src/model/quote.ts";
import type { HookPlan } from "../src/plan/hook-plan.ts";
import type { FirstRun } from "./first-run.ts";
import type { GpuContainer } from "./gpu-container.ts";

export interface BoxHooksArgs {
  readonly box: pulumi.Resource & Pick<GpuContainer, "containerName" | "containerId">;
  /** The hooks run after it, because they may use its tools. */
  readonly firstRun: FirstRun;
  readonly plan: HookPlan & { readonly lists: NonNullable<HookPlan["lists"]> };
  /** Changes when the container is started; see `startTrigger`. */
  readonly start: string;
}

/**
 * The scripts of `custom.on_every_start` and `custom.on_login` in the box. Those of the first list run when this resource is created or
 * changes; at every other start of the container, its entrypoint runs them.
 *
 * @example new BoxHooks("benchbox-sandbox", { box, firstRun, plan: planHooks(machine.hooks, seen.box), start })
 */
export class BoxHooks extends pulumi.ComponentResource {
  constructor(name: string, args: BoxHooksArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:box:BoxHooks", name, {}, options);
    const { box, firstRun, plan, start } = args;
    const { lists, folders, trigger } = plan;
    const ran = new command.local.Command(
      `${name}-hooks`,
      {
        create: box.containerId.apply((container) =>
          commandLine(["src/resources/run-hooks.ts", container, start, trigger]),
        ),
        delete: box.containerName.apply((container) =>
          commandLine(["src/resources/run-hooks.ts", container, "--remove"]),
        ),
        stdin: JSON.stringify({ lists, folders }),
        addPreviousOutputInEnv: false,
        logging: command.local.Logging.Stderr,
      },
      { parent: this, dependsOn: [box, firstRun], deletedWith: firstRun },
    );
    this.registerOutputs({ failures: ran.stdout.apply((stdout) => reportFailures(stdout, this)) });
  }
}

/** Fails the update without stopping it, as a failed first-run step does. */
async function reportFailures(stdout: string, hooks: pulumi.Resource): Promise<number> {
  const failures = stdout.split("\n").flatMap((line) => /^benchbox: (on_every_start: .*)/.exec(line)?.[1] ?? []);
  if (pulumi.runtime.isDryRun()) return failures.length;
  for (const failure of failures) {
    const isRequired = !failure.includes(", which is not required: ");
    await (isRequired ? pulumi.log.error(failure, hooks) : pulumi.log.warn(failure, hooks));
    if (isRequired) process.exitCode = 32; // see components/remote-script.ts
  }
  return failures.length;
}
