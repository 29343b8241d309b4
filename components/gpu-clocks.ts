import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { GpuClocks as Clocks, GpuSettings } from "../src/model/machine.ts";
import { commandLine } from "../src/model/quote.ts";
import { clockWords } from "../src/plan/gpu-clocks.ts";

export interface GpuClocksArgs {
  readonly gpu: Pick<GpuSettings, "devices">;
  readonly clocks: Clocks;
  /** Id of the host's boot, which resets the clocks; see `observeBoot`. */
  readonly boot: string;
}

/**
 * The clocks of the host's GPUs, pinned for comparable benchmarks, and released when this resource is destroyed. They affect all users
 * of those GPUs.
 *
 * @example new GpuClocks("benchbox-dev", { gpu: { devices: "all" }, clocks: { graphics: [1410, 1410] }, boot })
 */
export class GpuClocks extends pulumi.ComponentResource {
  constructor(name: string, { gpu, clocks, boot }: GpuClocksArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:host:GpuClocks", name, {}, options);
    const words = clockWords(gpu, clocks);
    new command.local.Command(
      `${name}-gpu-clocks`,
      {
        create: commandLine(["src/resources/gpu-clocks", "set", ...words]),
        delete: commandLine(["src/resources/gpu-clocks", "reset", ...words]),
        // Other clocks replace the resource, because only the old one's arguments name the clocks to release.
        triggers: [...words, boot],
        addPreviousOutputInEnv: false,
      },
      { parent: this, deleteBeforeReplace: true },
    );
    this.registerOutputs({});
  }
}
