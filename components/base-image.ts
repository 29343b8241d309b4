import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Base, DebootstrapBase, RegistryBase } from "../src/model/machine.ts";
import { commandLine } from "../src/model/quote.ts";
import { baseName } from "../src/observe/base.ts";

export interface BaseImageArgs {
  /** Where the base comes from. */
  readonly base: Base;
  /** Identity of the base, where it is known before the base is pulled or created; otherwise undefined. */
  readonly identity: string | undefined;
  /** File with the mirrors to try first, a line each. Passed as a path, so that other mirrors do not change the command. */
  readonly mirrorFile: string;
  /** Changes when the base must be pulled or created; see `baseTrigger`. */
  readonly trigger: string;
}

/**
 * The image that the box is built on, on the Docker Engine: pulled from a registry, or a minimal Debian that debootstrap creates on
 * this computer.
 *
 * @example new BaseImage("sandbox", { base: { kind: "debootstrap", suite: "trixie" }, identity, mirrorFile, trigger: "1" })
 */
export class BaseImage extends pulumi.ComponentResource {
  /** Reference to build from. */
  readonly reference: pulumi.Output<string>;
  /** Identity of the base, the same on every host: a hash of its layers and settings, or the recipe of a debootstrap base. */
  readonly identity: pulumi.Output<string>;

  constructor(name: string, args: BaseImageArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:image:BaseImage", name, {}, options);
    const { base, identity, trigger } = args;
    const fetched = new command.local.Command(
      `${name}-base`,
      {
        create: commandLine(base.kind === "registry" ? pullBase(base, args.mirrorFile) : makeBase(base)),
        triggers: [trigger],
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
    this.reference = fetched.id.apply(() => baseName(base));
    this.identity = identity === undefined ? fetched.stdout : pulumi.output(identity);
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
