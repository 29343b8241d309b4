import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { User } from "../config/machine.ts";
import { hashFolder, hashOf } from "../lib/hash.ts";
import type { BaseImage } from "./base-image.ts";

/** The build context: the Dockerfile and everything that it brings along. */
const context = "image";

export interface DevImageArgs {
  readonly base: BaseImage;
  /** Accounts made in the image, without their passwords and keys: those are handed to the running box. */
  readonly users: readonly User[];
}

/**
 * The box's image, built on the engine. Its tag is a hash of everything that makes it, so the same input has the same
 * name on any machine, and a changed byte is a new image.
 *
 * @example new DevImage("sandbox", { base, users })
 */
export class DevImage extends pulumi.ComponentResource {
  /** Name with tag, `benchbox-sandbox:0123456789ab`. */
  readonly reference: pulumi.Output<string>;
  /** Image id. */
  readonly id: pulumi.Output<string>;

  constructor(name: string, args: DevImageArgs, options?: pulumi.ComponentResourceOptions) {
    super("benchbox:image:DevImage", name, {}, options);
    const users = args.users.map(({ name, uid, gid }) => `${name}:${uid}:${gid}`).join(" ");
    const contentHash = args.base.identity.apply((identity) => hashOf(hashFolder(context), identity, users));
    const image = new docker.RemoteImage(
      `${name}-image`,
      {
        name: pulumi.interpolate`${name}:${contentHash}`,
        build: { context, buildArgs: { BASE: args.base.reference, USERS: users } },
        triggers: { content: contentHash },
        keepLocally: true, // an older container may still run on the older image
      },
      { parent: this },
    );
    this.reference = image.name;
    this.id = image.imageId;
    this.registerOutputs({ reference: this.reference, id: this.id });
  }
}
