import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Base, DebootstrapBase, RegistryBase } from "../config/machine.ts";
import { debootstrapTag } from "../lib/debootstrap-tag.ts";
import { commandLine } from "../lib/quote.ts";

export interface BaseImageArgs {
  /** Where the base comes from. */
  readonly base: Base;
  /** Changes when a base that is made on this machine must be made again; see `imageTrigger`. */
  readonly trigger: string;
}

/**
 * The image that the box is built on, present on the engine: pulled from a registry, or a minimal Debian made on this
 * machine by debootstrap.
 *
 * @example new BaseImage("sandbox", { base: { kind: "debootstrap", suite: "trixie" }, trigger: "1" })
 */
export class BaseImage extends pulumi.ComponentResource {
  /** Reference to build from. */
  readonly reference: pulumi.Output<string>;
  /** What the base is, the same on every machine: an image id, or the recipe of a base that is made. */
  readonly identity: pulumi.Output<string>;

  constructor(name: string, args: BaseImageArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:image:BaseImage", name, {}, options);
    const { base } = args;
    const { reference, identity } =
      base.kind === "registry" ? pullBase(name, base, this) : makeBase(name, base, args.trigger, this);
    this.reference = reference;
    this.identity = identity;
    this.registerOutputs({ reference, identity });
  }
}

function pullBase(name: string, base: RegistryBase, parent: pulumi.Resource) {
  const image = new docker.RemoteImage(`${name}-base`, { name: base.reference, keepLocally: true }, { parent });
  return { reference: image.name, identity: image.imageId };
}

function makeBase(name: string, base: DebootstrapBase, trigger: string, parent: pulumi.Resource) {
  const tag = debootstrapTag(base);
  const made = new command.local.Command(
    `${name}-base`,
    {
      create: commandLine(["scripts/host/make-base", tag, trigger, base.suite, ...(base.mirror ? [base.mirror] : [])]),
      triggers: [trigger],
      addPreviousOutputInEnv: false,
    },
    { parent },
  );
  return { reference: made.id.apply(() => tag), identity: pulumi.output(tag) };
}
