import { dirname, join } from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Script } from "../config/machine.ts";
import { hashFolder, hashOf } from "../lib/hash.ts";
import { type InstalledTool, readReport } from "../lib/report.ts";
import type { ToolLock } from "../lib/tool-lock.ts";
import { stepTrigger } from "../lib/trigger.ts";
import type { BoxObservation } from "../observe/box.ts";
import type { Connection } from "./gpu-container.ts";
import { RemoteScript } from "./remote-script.ts";

/** How long one tool may take to install, in seconds. */
const timeLimit = 1800;

export interface FirstRunArgs {
  readonly connection: pulumi.Input<Connection>;
  /** The user whose home the scripts are copied to and who runs them. */
  readonly user: string;
  readonly scripts: readonly Script[];
  readonly lock: ToolLock;
  /** What the box says of itself: decides which scripts must run. */
  readonly seen: BoxObservation;
}

/**
 * The tools that are installed in the running box, one resource each, in parallel.
 *
 * @example new FirstRun("benchbox-sandbox", { connection, user: "peid", scripts, lock, seen })
 */
export class FirstRun extends pulumi.ComponentResource {
  /** What the scripts said they installed, by id. */
  readonly tools: pulumi.Output<Record<string, InstalledTool>>;

  constructor(name: string, args: FirstRunArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:box:FirstRun", name, {}, options);
    const folder = scriptFolder(args.user);
    const library = hashFolder("scripts/lib");
    const copied = new command.remote.CopyToRemote(
      `${name}-script-library`,
      {
        connection: args.connection,
        source: new pulumi.asset.FileArchive("scripts/lib"),
        remotePath: folder,
        triggers: [library],
      },
      { parent: this },
    );
    const steps = args.scripts.map((row) => {
      const source = join("scripts", dirname(row.script));
      const locked = args.lock[row.id] ?? "";
      const desired = hashOf(library, hashFolder(source), row.script, ...row.arguments, locked);
      const step = new RemoteScript(
        `${name}-${row.id}`,
        {
          connection: args.connection,
          id: row.id,
          source,
          target: join(folder, dirname(dirname(row.script))),
          words: [join(folder, row.script), ...row.arguments],
          runner: join(folder, "lib", "run-step"),
          stdin: locked,
          timeoutSeconds: timeLimit,
          trigger: stepTrigger(desired, args.seen, row.id),
        },
        { parent: this, dependsOn: [copied] },
      );
      return { id: row.id, stdout: step.stdout };
    });
    this.tools = pulumi.output(steps).apply((all) =>
      Object.fromEntries(
        all.flatMap(({ id, stdout }) => {
          const tool = readReport(stdout);
          return tool ? [[id, tool]] : [];
        }),
      ),
    );
    this.registerOutputs({ tools: this.tools });
  }
}

/** Where the scripts are in the box: in the home, which outlives the container. */
const scriptFolder = (user: string): string => `/home/${user}/.local/share/benchbox/scripts`;

/** The folders that must be there before the first copy: copying makes the last element of a path only. */
export function firstRunFolders(user: string, scripts: readonly Script[]): string[] {
  const parents = scripts.map(({ script }) => join(scriptFolder(user), dirname(dirname(script))));
  return [...new Set([scriptFolder(user), ...parents])];
}
