import { execFileSync, spawn } from "node:child_process";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import type { InspectedImage } from "../model/base-identity.ts";
import { redact } from "../model/redact.ts";
import { UserError } from "../model/user-error.ts";
import { ChildStream } from "../process/child-stream.ts";

export interface EngineTraits {
  /** Whether containerd stores the images. An image that loses its last name is deleted there. */
  readonly hasContainerdStore: boolean;
  /** Registries that the engine accepts without a trusted certificate, as it does for all on loopback. */
  readonly insecureRegistries: readonly string[];
}

/**
 * The API of the Docker Engine that the docker client uses. Every request goes through `docker system dial-stdio`, so DOCKER_HOST,
 * contexts, TLS and ssh work as usual, and closing the connection ends the request's work in the engine.
 */
export class Engine {
  readonly #version: string;

  /** @throws UserError with the docker client's message when the engine does not answer */
  constructor() {
    try {
      const words = ["version", "--format", "{{.Client.APIVersion}}"];
      this.#version = execFileSync("docker", words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
    } catch (error) {
      const stderr = error instanceof Error && "stderr" in error ? String(error.stderr ?? "").trim() : "";
      throw new UserError(
        `the Docker Engine does not answer: ${redact(stderr) || "there is no docker client on PATH"}\n` +
          "  Fix: check the output of: docker version",
      );
    }
  }

  /** Sends a request, and leaves the answer's body to the caller. Aborting `signal` at any time closes the connection. */
  send(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<{ readonly status: number; readonly body: IncomingMessage }> {
    return new Promise((resolve, reject) => {
      const child = spawn("docker", ["system", "dial-stdio"]);
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (piece) => {
        stderr += piece;
      });
      const stream = new ChildStream(child);
      const sent = request({
        method,
        path: `/v${this.#version}${path}`,
        headers: { Host: "docker", Connection: "close", ...headers },
        createConnection: () => stream,
        ...(signal === undefined ? {} : { signal }),
      });
      sent.once("error", (error) => {
        stream.destroy();
        const why = redact(stderr.trim()) || error.message;
        reject(signal?.aborted ? error : new UserError(`the Docker Engine closed the connection: ${why}`));
      });
      sent.once("response", (body) => {
        body.once("close", () => stream.destroy());
        resolve({ status: body.statusCode ?? 0, body });
      });
      sent.end();
    });
  }

  /** How the engine stores images and connects to registries. */
  async traits(): Promise<EngineTraits> {
    const info = JSON.parse((await this.#ask("report its settings", [200], "GET", "/info")).body);
    const storeType = (info.DriverStatus ?? []).find(([name]: [string]) => name === "driver-type")?.[1] ?? "";
    const registries: Record<string, { readonly Secure?: boolean }> = info.RegistryConfig?.IndexConfigs ?? {};
    const insecure = Object.keys(registries).filter((host) => registries[host]?.Secure === false);
    return { hasContainerdStore: storeType.startsWith("io.containerd"), insecureRegistries: insecure };
  }

  /** The inspection of an image; undefined when the engine has none of that name. */
  async inspect(name: string): Promise<InspectedImage | undefined> {
    const { status, body } = await this.#ask(`inspect ${name}`, [200, 404], "GET", `/images/${name}/json`);
    return status === 404 ? undefined : JSON.parse(body);
  }

  /** Gives the image `source` the name `name`, and removes that name from any other image. */
  async tag(source: string, name: string): Promise<void> {
    const colon = name.lastIndexOf(":");
    const target = `repo=${encodeURIComponent(name.slice(0, colon))}&tag=${name.slice(colon + 1)}`;
    await this.#ask(`tag the image as ${name}`, [201], "POST", `/images/${source}/tag?${target}`);
  }

  /**
   * Removes a name from an image, and the image with its last name. A missing name is no error, and neither is an image that a
   * container uses, which keeps its name.
   */
  async untag(name: string): Promise<void> {
    await this.#ask(`untag ${name}`, [200, 404, 409], "DELETE", `/images/${name}`);
  }

  /** @throws UserError with the engine's message when the answer's status is not an expected one */
  async #ask(what: string, expected: readonly number[], method: string, path: string) {
    const { status, body } = await this.send(method, path);
    const answer = await text(body);
    if (expected.includes(status)) return { status, body: answer };
    throw new UserError(`the Docker Engine refused to ${what}: ${redact(messageOf(answer))}`);
  }
}

/** The message in the engine's answer to a refused request. */
export function messageOf(answer: string): string {
  try {
    return String(JSON.parse(answer).message);
  } catch {
    return answer.trim();
  }
}
