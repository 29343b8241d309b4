import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import type { Processor } from "../../config/tool-lock.ts";
import { fetchByProxy } from "../../network/fetch.ts";

// Queries registries with their own clients, which know the configured registries and proxies.

const run = promisify(execFile);

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
    return sumOf(join(folder, file));
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
export function publishedSum(program: string, address: string, document: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("python3", [program, address], { stdio: ["pipe", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += String(chunk);
    });
    child.once("error", reject);
    child.once("close", () => {
      const sum = /^sha256:([0-9a-f]{64})$/m.exec(output)?.[1];
      if (sum === undefined) reject(new Error(`the publisher has no checksum for ${address}`));
      else resolve(sum);
    });
    child.stdin.end(document);
  });
}

async function sumOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
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
  try {
    return (await run(program, [...words], { cwd: tmpdir(), maxBuffer: 2 ** 26 })).stdout;
  } catch (error) {
    const stderr = String((error as { stderr?: string }).stderr ?? "")
      .trim()
      .split("\n");
    const reason = stderr.find((line) => /^(npm error 404|ERROR)/.test(line)) ?? stderr.at(-1);
    throw new Error(reason || (error instanceof Error ? error.message : String(error)));
  }
}
