import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { lockHash, type ToolLock } from "../src/config/tool-lock.ts";
import { hashOf } from "../src/model/hash.ts";
import { type Machine, stepUsers } from "../src/model/machine.ts";
import { commandLine } from "../src/model/quote.ts";
import type { StepOutcome } from "../src/model/step-marker.ts";
import { type BuiltImage, environmentOf } from "../src/observe/images.ts";
import type { MachineObservation } from "../src/observe/observation.ts";
import { type ImageFacts, imageFacts, type MachineFacts, machineFacts } from "../src/plan/fingerprint.ts";
import type { BaseImage } from "./base-image.ts";
import type { DevImage } from "./dev-image.ts";
import type { FirstRun } from "./first-run.ts";
import type { GpuContainer } from "./gpu-container.ts";

export interface FingerprintArgs {
  readonly machine: Pick<Machine, "gpu" | "users" | "firstRun">;
  readonly base: Pick<BaseImage, "identity">;
  readonly image: Pick<DevImage, "reference" | "id">;
  readonly box: pulumi.Resource & Pick<GpuContainer, "containerId">;
  readonly firstRun: pulumi.Resource & Pick<FirstRun, "tools">;
  readonly lock: ToolLock;
  readonly seen: Pick<MachineObservation, "host" | "images">;
}

/** The facts that identify a benchmark's environment, as far as a preview knows them. */
interface Facts extends ImageFacts, Partial<MachineFacts> {
  readonly image: { readonly name: string; readonly baseId: string };
}

/**
 * The environment of a benchmark in this box, as an output and as `/etc/benchbox/fingerprint.json` in the box. A change of the host, for
 * example a new driver, updates this resource and no other (docs/decisions).
 *
 * @example new Fingerprint("benchbox-sandbox", { machine, base, image, box, firstRun, lock, seen })
 */
export class Fingerprint extends pulumi.ComponentResource {
  readonly facts: pulumi.Output<
    Facts & { readonly image: { readonly id: string }; readonly tools: Readonly<Record<string, StepOutcome>> }
  >;

  constructor(name: string, args: FingerprintArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:box:Fingerprint", name, {}, options);
    const { machine, box, firstRun, lock } = args;
    const facts = factsOf(args);
    // The script reads the tools' versions and the image's id from the box. They are no input, because a preview does not know them while
    // a tool or an image is repaired. The inputs are what they follow from, and the container, because replacing it deletes the file.
    const tools = hashOf(
      ...machine.firstRun.map(({ tool, script, arguments: words }) =>
        JSON.stringify([script, words, lockHash(lock[tool])]),
      ),
    );
    new command.local.Command(
      `${name}-fingerprint`,
      {
        create: box.containerId.apply((container) =>
          commandLine(["src/resources/write-fingerprint.ts", name, stepUsers(machine).join(","), container, tools]),
        ),
        stdin: facts.apply((one) => JSON.stringify(one)),
        logging: command.local.Logging.Stderr,
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: [box, firstRun] },
    );
    this.facts = pulumi.all([facts, args.image.id, firstRun.tools]).apply(([known, id, installed]) => ({
      ...known,
      image: { ...known.image, id },
      tools: installed,
    }));
    this.registerOutputs({ facts: this.facts });
  }
}

function factsOf({ machine, base, image, seen }: FingerprintArgs): pulumi.Output<Facts> {
  const { host } = seen;
  const hostFacts =
    "problem" in host.engine ? {} : machineFacts(host, host.engine, machine.gpu.devices, machine.gpu.clocks);
  return pulumi.all([image.reference, base.identity]).apply(async ([reference, baseId]) => ({
    image: { name: reference, baseId },
    ...imageFacts(await imageEnvironment(reference, seen.images)),
    ...hostFacts,
  }));
}

/**
 * The environment of an image. The container that was created from a deleted image records it under the same hash; an image that this
 * run has built is inspected now.
 */
async function imageEnvironment(reference: string, seen: readonly BuiltImage[]): Promise<readonly string[]> {
  const content = reference.slice(reference.lastIndexOf(":") + 1);
  const known =
    seen.find((image) => image.reference === reference) ?? seen.find(({ trigger }) => trigger.startsWith(content));
  return known?.environment ?? (await environmentOf(reference));
}
