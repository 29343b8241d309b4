import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { commandLine } from "../src/model/quote.ts";
import { printedMarker, type StepMarker } from "../src/model/step-marker.ts";
import type { StepRequest } from "../src/model/step-request.ts";
import type { Connection } from "./gpu-container.ts";

export interface RemoteScriptArgs {
  /** Name of the box's container. */
  readonly container: pulumi.Input<string>;
  /** The user who runs the script. */
  readonly user: string;
  /** The component of all steps. Deleting it deletes no tools: they stay in their volume. */
  readonly firstRun: pulumi.Resource;
  /** How to connect to the box as that user. */
  readonly connection: pulumi.Input<Connection>;
  /** The script, and the trigger whose change runs it again. */
  readonly request: StepRequest;
  /** Folders below `scripts/` that are copied into the box with it, for example `stage-1/system/uv`. */
  readonly folders: readonly string[];
  /** Whether it has run in the box under this trigger, so that a change of how it would run is no difference. */
  readonly hasRun: boolean;
}

/**
 * One script in the box, run over SSH as its user and recorded there with its trigger. Removing the resource from the program undoes
 * the script in the box, as far as the script supports that.
 *
 * @example
 * new RemoteScript("benchbox-sandbox-uv", {
 *   container, firstRun, user: "peid", connection, request, folders: ["stage-1/system/uv"], hasRun,
 * })
 */
export class RemoteScript extends pulumi.ComponentResource {
  /** The step's result. */
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
      // A new port, key or mirror is no reason to run the script again; the next run uses it.
      // `deletedWith` is not the container, because Pulumi 3.276 also replaces the resources that are deleted with a replaced one.
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
 * Fails the update without stopping it: a failed resource would keep later steps from starting. The step runs again with the next `up`,
 * because the box has no marker of it (docs/decisions/0016-steps-over-ssh.md).
 */
async function reportFailure(id: string, reason: string, step: pulumi.Resource): Promise<void> {
  if (pulumi.runtime.isDryRun()) return;
  await pulumi.log.error(`${id}: ${reason}`, step);
  process.exitCode = exitCodeAfterError;
}

/** The exit code of a program that has printed its errors (`nodeJSProcessExitedAfterLoggingUserActionableMessage` in the language host). */
const exitCodeAfterError = 32;
