import { type ChildProcess, spawn } from "node:child_process";
import * as grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { dockerProviderProgram } from "../plugins/built-plugins.ts";

/** A resource in a stack's state. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Calls the Docker provider directly, as the Pulumi engine does, to measure a build without the cost of `pulumi up`. */
export class DockerProvider {
  readonly #child: ChildProcess;
  readonly #client: InstanceType<typeof services.ResourceProviderClient>;

  private constructor(child: ChildProcess, port: string) {
    this.#child = child;
    this.#client = new services.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  /** @param folder the folder that relative paths in a resource refer to */
  static async start(folder: string): Promise<DockerProvider> {
    // The argument is the address of the Pulumi engine, which would receive the provider's log.
    const child = spawn(dockerProviderProgram(), ["127.0.0.1:1"], {
      cwd: folder,
      env: { ...process.env, BUILDX_GIT_INFO: "false" }, // like bin/pulumi
      stdio: ["ignore", "pipe", "ignore"],
    });
    const port = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the Docker provider exited with code ${code}`)));
      child.stdout?.once("data", (line) => resolve(String(line).trim()));
    });
    const provider = new DockerProvider(child, port);
    const request = new messages.ConfigureRequest();
    request.setArgs(struct.Struct.fromJavaScript({}));
    request.setAcceptsecrets(true);
    await provider.#call((done) => provider.#client.configure(request, done));
    return provider;
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
