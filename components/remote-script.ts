import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { commandLine } from "../lib/quote.ts";
import type { Connection } from "./gpu-container.ts";

export interface RemoteScriptArgs {
  readonly connection: pulumi.Input<Connection>;
  /** Unique among the steps of a box, for example `uv`. */
  readonly id: string;
  /** The script's folder here, for example `scripts/stage-1/system/uv`; it is copied as a whole. */
  readonly source: string;
  /** Folder in the box that gets the copy. */
  readonly target: string;
  /** The command to run in `runIn` once the copy is there. */
  readonly words: readonly string[];
  /** Runs a step with a time limit and leaves its marker: `scripts/lib/run-step` in the box. */
  readonly runner: string;
  /** Given to the script on standard input: what the lock file says of it. */
  readonly stdin: string;
  /** After this many seconds the script is ended, in the box too. */
  readonly timeoutSeconds: number;
  /** Changes when the script must run; see `stepTrigger`. */
  readonly trigger: string;
}

/**
 * One script in the box: copied, run as the user, and recorded there with the trigger it ran under. Runs again when the
 * trigger changes, and not otherwise.
 *
 * @example new RemoteScript("benchbox-sandbox-uv", { id: "uv", script: "stage-1/system/uv/install-uv.sh", … })
 */
export class RemoteScript extends pulumi.ComponentResource {
  /** What the script printed. */
  readonly stdout: pulumi.Output<string>;

  constructor(name: string, args: RemoteScriptArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:box:RemoteScript", name, {}, options);
    const copied = new command.remote.CopyToRemote(
      `${name}-copy`,
      {
        connection: args.connection,
        source: new pulumi.asset.FileArchive(args.source),
        remotePath: args.target,
        triggers: [args.trigger],
      },
      { parent: this },
    );
    const ran = new command.remote.Command(
      `${name}-run`,
      {
        connection: args.connection,
        create: commandLine(["bash", args.runner, args.id, args.trigger, String(args.timeoutSeconds), ...args.words]),
        stdin: args.stdin,
        triggers: [args.trigger],
        addPreviousOutputInEnv: false,
        logging: command.remote.Logging.StdoutAndStderr,
      },
      { parent: this, dependsOn: [copied] },
    );
    this.stdout = ran.stdout;
    this.registerOutputs({ stdout: this.stdout });
  }
}
