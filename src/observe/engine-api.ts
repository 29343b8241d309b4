import { execFileSync, spawn } from "node:child_process";
import { type IncomingMessage, request } from "node:http";
import type { InspectedImage } from "../model/base-identity.ts";
import { redact } from "../model/redact.ts";
import { UserError } from "../model/user-error.ts";
import { ChildStream } from "../process/child-stream.ts";

export interface EngineAnswer {
  readonly status: number;
  readonly body: IncomingMessage;
}

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
  ): Promise<EngineAnswer> {
    return new Promise((resolve, reject) => {
      const child = spawn("docker", ["system", "dial-stdio"], { stdio: ["pipe", "pipe", "pipe"] });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text) => {
        stderr += text;
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
    const { status, body } = await this.send("GET", "/info");
    const text = await readAll(body);
    if (status !== 200) throw refused("report its settings", text);
    const info = JSON.parse(text);
    const storeType = (info.DriverStatus ?? []).find(([name]: [string]) => name === "driver-type")?.[1] ?? "";
    const registries: Record<string, { readonly Secure?: boolean }> = info.RegistryConfig?.IndexConfigs ?? {};
    const insecure = Object.keys(registries).filter((host) => registries[host]?.Secure === false);
    return { hasContainerdStore: storeType.startsWith("io.containerd"), insecureRegistries: insecure };
  }

  /** The inspection of an image; undefined when the engine has none of that name. */
  async inspect(name: string): Promise<InspectedImage | undefined> {
    const { status, body } = await this.send("GET", `/images/${name}/json`);
    const text = await readAll(body);
    if (status === 404) return undefined;
    if (status !== 200) throw refused(`inspect ${name}`, text);
    return JSON.parse(text);
  }

  /** Gives the image `source` the name `name`, and removes that name from any other image. */
  async tag(source: string, name: string): Promise<void> {
    const colon = name.lastIndexOf(":");
    const target = `repo=${encodeURIComponent(name.slice(0, colon))}&tag=${name.slice(colon + 1)}`;
    const { status, body } = await this.send("POST", `/images/${source}/tag?${target}`);
    const text = await readAll(body);
    if (status !== 201) throw refused(`tag the image as ${name}`, text);
  }

  /**
   * Removes a name from an image, and the image with its last name. A missing name is no error, and neither is an image that a
   * container uses, which keeps its name.
   */
  async untag(name: string): Promise<void> {
    const { status, body } = await this.send("DELETE", `/images/${name}`);
    const text = await readAll(body);
    if (status !== 200 && status !== 404 && status !== 409) throw refused(`untag ${name}`, text);
  }
}

export async function readAll(body: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of body.setEncoding("utf8")) text += piece;
  return text;
}

/** The message in the engine's answer to a refused request. */
export function messageOf(text: string): string {
  try {
    return String(JSON.parse(text).message);
  } catch {
    return text.trim();
  }
}

function refused(what: string, text: string): UserError {
  return new UserError(`the Docker Engine refused to ${what}: ${redact(messageOf(text))}`);
}
