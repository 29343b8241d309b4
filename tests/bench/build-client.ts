import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { StateResource } from "./docker-provider.ts";

interface Build {
  readonly context: string;
  readonly dockerfile: string;
  readonly networkMode?: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly label: Readonly<Record<string, string>>;
  readonly secrets: readonly { readonly id: string; readonly env?: string; readonly src?: string }[];
}

/** Finds a docker client on PATH that can build with secrets. Newer clients need the plugin buildx for that. */
export function findBuildClient(): string {
  const found = (process.env.PATH ?? "").split(":").map((folder) => join(folder, "docker"));
  const client = found.filter(existsSync).find((program) => {
    const { stdout, stderr } = spawnSync(program, ["build", "--help"], { encoding: "utf8", env: environment() });
    return `${stdout}${stderr}`.includes("--secret");
  });
  if (client === undefined) {
    throw new Error("no docker client on PATH builds with BuildKit\n  Fix: sudo apt-get install docker-buildx-plugin");
  }
  return client;
}

/** Runs `docker build` with the inputs of an image's resource: its Dockerfile, context, arguments, labels and secrets. */
export function dockerBuild(client: string, folder: string, { inputs }: StateResource, tag: string): Promise<void> {
  const { context, dockerfile, networkMode, buildArgs, label, secrets } = inputs.build as Build;
  const pairs = (option: string, values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`]);
  const words = [
    "build",
    "--quiet",
    `--tag=${tag}`,
    `--file=${dockerfile}`,
    ...(networkMode ? [`--network=${networkMode}`] : []),
    ...pairs("--build-arg", buildArgs),
    ...pairs("--label", label),
    ...secrets.flatMap(({ id, env, src }) => ["--secret", env ? `id=${id},env=${env}` : `id=${id},src=${src}`]),
    context,
  ];
  const child = spawn(client, words, { cwd: folder, env: environment(), stdio: ["ignore", "ignore", "pipe"] });
  const errors: string[] = [];
  child.stderr.on("data", (text) => errors.push(String(text)));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(errors.join("")))));
  });
}

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, DOCKER_BUILDKIT: "1" });
