import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Base, DebootstrapBase, RegistryBase } from "../src/model/machine.ts";
import { commandLine } from "../src/model/quote.ts";
import { baseName } from "../src/observe/base.ts";

export interface BaseImageArgs {
  /** Where the base comes from. */
  readonly base: Base;
  /** What the base is, where that is known before the base is got; undefined otherwise. */
  readonly identity: string | undefined;
  /** File with the mirrors to try first, a line each: a way to the base, and so no part of what it is. */
  readonly mirrorFile: string;
  /** Changes when the base must be pulled or made; see `baseTrigger`. */
  readonly trigger: string;
}

/**
 * The image that the box is built on, present on the engine: pulled from a registry, or a minimal Debian made on this
 * machine by debootstrap.
 *
 * @example new BaseImage("sandbox", { base: { kind: "debootstrap", suite: "trixie" }, identity, mirrorFile, trigger: "1" })
 */
export class BaseImage extends pulumi.ComponentResource {
  /** Reference to build from. */
  readonly reference: pulumi.Output<string>;
  /** What the base is, the same on every machine and engine: a hash of its layers and settings, or the recipe of a base that is made. */
  readonly identity: pulumi.Output<string>;

  constructor(name: string, args: BaseImageArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:image:BaseImage", name, {}, options);
    const { base, identity, trigger } = args;
    const got = new command.local.Command(
      `${name}-base`,
      {
        create: commandLine(base.kind === "registry" ? pullBase(base, args.mirrorFile) : makeBase(base)),
        triggers: [trigger],
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
    this.reference = got.id.apply(() => baseName(base));
    this.identity = identity === undefined ? got.stdout : pulumi.output(identity);
    this.registerOutputs({ reference: this.reference, identity: this.identity });
  }
}

function pullBase(base: RegistryBase, mirrorFile: string): string[] {
  return [
    "src/resources/pull/pull-base.ts",
    base.reference,
    ...(base.id ? ["--id", base.id, "--on-mismatch", base.onMismatch] : []),
    ...(base.platform ? ["--platform", base.platform] : []),
    "--mirrors",
    mirrorFile,
  ];
}

function makeBase(base: DebootstrapBase): string[] {
  return ["src/resources/make-base", baseName(base), base.suite, ...(base.mirror ? [base.mirror] : [])];
}
