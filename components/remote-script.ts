import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { commandLine } from "../src/model/quote.ts";
import { printedMarker, type StepMarker } from "../src/model/step-marker.ts";
import type { StepRequest } from "../src/model/step-request.ts";
import type { Connection } from "./gpu-container.ts";

export interface RemoteScriptArgs {
  /** Name of the box's container. */
  readonly container: pulumi.Input<string>;
  /** Who runs the script. */
  readonly user: string;
  /** All steps together, which go when the box goes. Its volume keeps the tools, so that nothing is undone then. */
  readonly firstRun: pulumi.Resource;
  /** How to reach the box as that user. */
  readonly connection: pulumi.Input<Connection>;
  /** What is run, and under which trigger: it runs (again) when that changes. */
  readonly request: StepRequest;
  /** Folders below `scripts/` that go into the box with it, for example `stage-1/system/uv`. */
  readonly folders: readonly string[];
  /** Whether it has run in the box under this trigger. Then nothing of how it would be run is a difference. */
  readonly hasRun: boolean;
}

/**
 * One script in the box, run over SSH as its user and recorded there with the trigger that it ran under. Taken out of the program, it
 * is undone in the box, as far as the script knows how.
 *
 * @example new RemoteScript("benchbox-sandbox-uv", { container, firstRun, user: "peid", connection, request, folders: ["stage-1/system/uv"], hasRun })
 */
export class RemoteScript extends pulumi.ComponentResource {
  /** What the step came to. */
  readonly marker: pulumi.Output<StepMarker | undefined>;

  constructor(name: string, args: RemoteScriptArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:box:RemoteScript", name, {}, options);
    const { connection, request, folders, firstRun } = args;
    const container = pulumi.output(args.container);
    const ran = new command.local.Command(
      `${name}-run`,
      {
        create: container.apply((box) => commandLine(["src/resources/run-step.ts", box, request.id, request.trigger])),
        delete: container.apply((box) => commandLine(["src/resources/remove-step.ts", box, args.user, request.id])),
        stdin: pulumi.secret(
          pulumi.output(connection).apply((one) => JSON.stringify({ connection: one, request, folders })),
        ),
        logging: command.local.Logging.Stderr,
        addPreviousOutputInEnv: false,
      },
      // Another port, key or mirror is no reason to run it again; when there is one, all of it is as it is then.
      // Not with the container: Pulumi 3.276 replaces what is deleted with a resource that it replaces.
      { parent: this, deletedWith: firstRun, ignoreChanges: args.hasRun ? ["stdin"] : [] },
    );
    this.marker = ran.stdout.apply(async (stdout) => {
      const marker = printedMarker(stdout);
      if (marker?.state === "failed") await reportFailure(request.id, marker.reason ?? "", this);
      return marker;
    });
    this.registerOutputs({ marker: this.marker });
  }
}

/**
 * Lets the update fail, and everything else of it go on: a resource that fails would keep the steps from starting that are still to
 * come. That it must run again is what the box says, which has no marker of it (docs/decisions/0016-steps-over-ssh.md).
 */
async function reportFailure(id: string, reason: string, step: pulumi.Resource): Promise<void> {
  if (pulumi.runtime.isDryRun()) return;
  await pulumi.log.error(`${id}: ${reason}`, step);
  process.exitCode = exitCodeAfterError;
}

/** What the language host takes for "the program has told what is wrong" (`nodeJSProcessExitedAfterLoggingUserActionableMessage`). */
const exitCodeAfterError = 32;
