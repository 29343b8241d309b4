import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { GpuClocks as Clocks, GpuSettings } from "../src/model/machine.ts";
import { commandLine } from "../src/model/quote.ts";
import { clockWords } from "../src/plan/gpu-clocks.ts";

export interface GpuClocksArgs {
  readonly gpu: Pick<GpuSettings, "devices">;
  readonly clocks: Clocks;
  /** Another one after each start of the machine, which forgets the clocks; see `observeBoot`. */
  readonly boot: string;
}

/**
 * The clocks of this machine's GPUs, pinned for benchmarks that are to be compared; the driver has them back when this is
 * destroyed. They are the machine's: other users of its GPUs notice.
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
        // Other clocks are another resource: what the old one pinned must be given back, which only its own words tell.
        triggers: [...words, boot],
        addPreviousOutputInEnv: false,
      },
      { parent: this, deleteBeforeReplace: true },
    );
    this.registerOutputs({});
  }
}
