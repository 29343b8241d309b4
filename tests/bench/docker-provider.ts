import { type ChildProcess, spawn } from "node:child_process";
import * as grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { dockerPluginProgram } from "../plugins/built-plugins.ts";

/** A resource as a stack's state has it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/**
 * The docker plugin by itself, as the engine talks to it: so that what a build costs can be told apart from what any
 * `pulumi up` costs.
 */
export class DockerPlugin {
  readonly #child: ChildProcess;
  readonly #client: InstanceType<typeof services.ResourceProviderClient>;

  private constructor(child: ChildProcess, port: string) {
    this.#child = child;
    this.#client = new services.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  /** @param folder what relative paths of a resource start from */
  static async start(folder: string): Promise<DockerPlugin> {
    // Its argument is the engine's address, where it would send its log.
    const child = spawn(dockerPluginProgram(), ["127.0.0.1:1"], {
      cwd: folder,
      env: { ...process.env, BUILDX_GIT_INFO: "false" }, // as bin/pulumi has it
      stdio: ["ignore", "pipe", "ignore"],
    });
    const port = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the docker plugin ended with exit code ${code}`)));
      child.stdout?.once("data", (line) => resolve(String(line).trim()));
    });
    const plugin = new DockerPlugin(child, port);
    const request = new messages.ConfigureRequest();
    request.setArgs(struct.Struct.fromJavaScript({}));
    request.setAcceptsecrets(true);
    await plugin.#call((done) => plugin.#client.configure(request, done));
    return plugin;
  }

  async create({ urn, type, inputs }: StateResource): Promise<void> {
    const request = new messages.CreateRequest();
    request.setUrn(urn);
    request.setType(type);
    request.setProperties(struct.Struct.fromJavaScript(inputs as Parameters<typeof struct.Struct.fromJavaScript>[0]));
    await this.#call((done) => this.#client.create(request, done));
  }

  stop(): void {
    this.#client.close();
    this.#child.kill();
  }

  #call(work: (done: (error: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => work((error) => (error ? reject(error) : resolve())));
  }
}
