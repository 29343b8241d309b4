import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { commandLine } from "../src/model/quote.ts";
import { type BuiltImage, labelsOf } from "../src/observe/images.ts";
import { type ImagePlan, imageReference } from "../src/plan/image-plan.ts";
import { imageMarks } from "../src/plan/trigger.ts";
import type { BaseImage } from "./base-image.ts";
import type { BuildFiles } from "./build-files.ts";
import { showBuildProgress } from "./build-progress.ts";

export interface DevImageArgs {
  readonly base: BaseImage;
  readonly plan: ImagePlan;
  readonly files: BuildFiles;
  /** The stack's images on the Docker Engine, newest first. */
  readonly seen: readonly BuiltImage[];
}

/**
 * The box's image, built on the Docker Engine and searched for leaked proxy settings. Its tag is a hash of its input, so the same input
 * has the same name on any host, and a changed byte is a new image.
 *
 * @example new DevImage("sandbox", { base, plan: planImage(machine, seen), files, seen: [] })
 */
export class DevImage extends pulumi.ComponentResource {
  /** Name with tag, `benchbox-sandbox:0123456789ab`. */
  readonly reference: pulumi.Output<string>;
  /** Image id. */
  readonly id: pulumi.Output<string>;
  /** The check for proxy settings after the build, which the users of the image depend on. */
  readonly proof: pulumi.Resource;

  constructor(name: string, args: DevImageArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:image:DevImage", name, {}, options);
    const { base, plan, files, seen } = args;
    const marks = base.identity.apply((identity) => {
      const reference = imageReference(name, plan, identity);
      return imageMarks({ ...plan, reference, content: reference.slice(name.length + 1), base: identity }, seen);
    });
    const image = new docker.RemoteImage(
      `${name}-image`,
      {
        name: marks.reference,
        // An existing image is used as it is, whichever stack, clone or host built it from the same input.
        ...(!plan.isBuilt && { build: buildOf(args, marks) }),
        triggers: { content: marks.trigger },
        keepLocally: true, // an older container may still run on the older image
        ...(plan.platform && { platform: plan.platform }),
      },
      { parent: this, ignoreChanges: plan.isBuilt ? ["build"] : [] },
    );
    showBuildProgress(files.log, this);
    const search = pulumi.all([image.name, base.reference]);
    this.proof = new command.local.Command(
      `${name}-image-proof`,
      {
        create: search.apply(([built, from]) =>
          commandLine(["src/resources/verify/verify-image.ts", built, "--new-since", from, "--remove-tag"]),
        ),
        triggers: [marks.trigger],
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: [image] },
    );
    this.reference = image.name;
    this.id = image.imageId;
    this.registerOutputs({ reference: this.reference, id: this.id });
  }
}

function buildOf(
  { base, plan, files }: DevImageArgs,
  marks: pulumi.Output<BuiltImage>,
): docker.types.input.RemoteImageBuild {
  return {
    context: ".",
    dockerfile: "image/Dockerfile",
    builder: "default", // the Docker Engine itself, even where the user has selected another builder
    buildArgs: { BASE: base.reference, ...plan.buildArgs },
    label: marks.apply(labelsOf),
    secrets: [...files.secrets],
    buildLogFile: files.log,
    // A proxy may listen on the host's loopback address, which a build network of its own does not reach.
    ...(plan.isOnHostNetwork && { networkMode: "host" }),
    ...(plan.platform && { platform: plan.platform }),
  };
}
