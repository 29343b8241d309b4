import { dirname } from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { commandLine } from "../src/model/quote.ts";
import { printedMarker, type StepMarker } from "../src/model/step-marker.ts";
import type { PlannedStep } from "../src/plan/step-plan.ts";
import type { GpuContainer } from "./gpu-container.ts";

export interface RemoteScriptArgs extends PlannedStep {
  readonly box: Pick<GpuContainer, "containerName" | "connectionOf">;
  /** The component of all steps. Deleting it deletes no tools: they stay in their volume. */
  readonly firstRun: pulumi.Resource;
}

/**
 * One script in the box, run over SSH as its user and recorded there with its trigger. Removing the resource from the program undoes
 * the script in the box, as far as the script supports that.
 *
 * @example new RemoteScript("benchbox-sandbox-uv", { box, firstRun, step, request, hasRun })
 */
export class RemoteScript extends pulumi.ComponentResource {
  /** The step's result. */
  readonly marker: pulumi.Output<StepMarker | undefined>;

  constructor(name: string, args: RemoteScriptArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:box:RemoteScript", name, {}, options);
    const { box, firstRun, step, request, hasRun } = args;
    const folders = [dirname(step.script)]; // below `scripts/`, copied into the box
    const ran = new command.local.Command(
      `${name}-run`,
      {
        create: box.containerName.apply((container) =>
          commandLine(["src/resources/run-step.ts", container, request.id, request.trigger]),
        ),
        delete: box.containerName.apply((container) =>
          commandLine(["src/resources/remove-step.ts", container, step.user, request.id]),
        ),
        stdin: pulumi.secret(
          box.connectionOf(step.user).apply((connection) => JSON.stringify({ connection, request, folders })),
        ),
        logging: command.local.Logging.Stderr,
        addPreviousOutputInEnv: false,
      },
      // A new port, key or mirror is no reason to run the script again; the next run uses it.
      // `deletedWith` is not the container, because Pulumi 3.276 also replaces the resources that are deleted with a replaced one.
      { parent: this, deletedWith: firstRun, ignoreChanges: hasRun ? ["stdin"] : [] },
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
