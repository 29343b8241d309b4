import { createReadStream, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Processor } from "../../config/tool-lock.ts";
import { fetchByProxy } from "../../network/fetch.ts";
import { askProgram } from "../../process/run-program.ts";
import { sha256Of } from "../sha256.ts";

// Queries registries with their own clients, which know the configured registries and proxies.

/** The text at an address, with a timeout of 10 seconds. */
export async function ask(address: string): Promise<string> {
  try {
    const response = await fetchByProxy(address, { signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`${address} returned status ${response.status}`);
    return await response.text();
  } catch (error) {
    throw error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  }
}

export async function npmView(name: string, field: string): Promise<string> {
  return (await client("npm", ["view", "--fetch-retries=1", name, field])).trim();
}

export async function pipVersions(name: string): Promise<string[]> {
  const words = ["-m", "pip", "index", "versions", "--disable-pip-version-check", "--no-input", name];
  const list = /^\s*Available versions: (.*)$/m.exec(await client("python3", words))?.[1] ?? "";
  return list.split(",").map((version) => version.trim());
}

/** The checksum of a package's archive, which the registry's client downloads and verifies. */
export function packageSum(kind: "npm" | "pypi", spec: string, processor: Processor): Promise<string> {
  return inScratch(async (folder) => {
    if (kind === "npm") await client("npm", ["pack", "--silent", "--pack-destination", folder, spec]);
    else await client("python3", ["-m", "pip", "download", ...wheelFor(processor), "--dest", folder, spec]);
    const [file, ...more] = readdirSync(folder);
    if (file === undefined || more.length > 0)
      throw new Error(`expected one file for ${spec}, got ${file === undefined ? 0 : more.length + 1}`);
    return sha256Of(createReadStream(join(folder, file)));
  });
}

/** Options for wheels for a processor and any version of the C library. */
function wheelFor(processor: Processor): string[] {
  const libraries = ["2014", ...[17, 24, 28, 31, 34, 39].map((minor) => `_2_${minor}`)];
  const platforms = libraries.flatMap((age) => ["--platform", `manylinux${age}_${processor}`]);
  const quietly = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-cache-dir"];
  return [...quietly, "--no-deps", "--only-binary", ":all:", ...platforms];
}

/** The checksum that `scripts/lib/published-checksum` finds in a publisher's document. */
export async function publishedSum(program: string, address: string, document: string): Promise<string> {
  const { stdout, stderr } = await askProgram("python3", [program, address], { stdin: document, seconds: 0 });
  if (stderr !== "") console.error(stderr);
  const sum = /^sha256:([0-9a-f]{64})$/m.exec(stdout)?.[1];
  if (sum === undefined) throw new Error(`the publisher has no checksum for ${address}`);
  return sum;
}

async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-lock-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a registry's client outside this project, whose settings it would use; throws its last line of output. */
async function client(program: string, words: readonly string[]): Promise<string> {
  const { ok, stdout, stderr, startError } = await askProgram(program, words, { cwd: tmpdir(), seconds: 0 });
  if (ok) return stdout;
  const lines = stderr.split("\n");
  const reason = lines.find((line) => /^(npm error 404|ERROR)/.test(line)) ?? lines.at(-1);
  throw new Error(reason || `${program} failed: ${startError ?? "it printed no reason"}`);
}
