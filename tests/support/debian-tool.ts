import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { hashOf } from "../../src/model/hash.ts";

/** The folder of programs that only tests need. They are unpacked there, not installed on the host. */
export const testTools = join(process.env.BENCHBOX_CACHE ?? join(homedir(), ".cache/benchbox"), "test-tools");

/**
 * Debian packages, downloaded with this host's apt and unpacked into one folder. Later calls reuse the folder. Also name dependencies that
 * the host lacks.
 *
 * @returns the folder, which contains `usr/bin/...`
 * @throws with apt's message when apt does not know a package or cannot download it
 * @example const root = await debianTool(["tinyproxy-bin"]);
 */
export async function debianTool(packages: readonly string[]): Promise<string> {
  const name = packages.map((one) => `${one}-${candidate(one)}`).join("+");
  const readable = name.replace(/[^\w.+-]/g, "_");
  // The length of a file name is limited.
  const root = join(testTools, readable.length < 200 ? readable : `${packages[0]}-and-more-${hashOf(name)}`);
  if (existsSync(root)) return root;
  mkdirSync(testTools, { recursive: true });
  return makeOnce(root, (folder) => {
    const downloads = mkdtempSync(join(testTools, "download-"));
    try {
      // apt's sandbox user _apt cannot write into a folder of root.
      run("apt-get", ["-qq", "-o", "APT::Sandbox::User=root", "download", ...packages], downloads);
      for (const file of readdirSync(downloads)) run("dpkg", ["-x", join(downloads, file), folder], downloads);
    } finally {
      rmSync(downloads, { recursive: true });
    }
  });
}

/** Creates a folder atomically, and fills it with `fill`. Several tests may do so at the same time. */
export function makeOnce(target: string, fill: (folder: string) => void): string {
  const staging = mkdtempSync(`${target}.new-`);
  try {
    fill(staging);
    renameSync(staging, target);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    // Another test was faster: a rename never replaces a folder that is not empty.
    if (!existsSync(target) || !(error instanceof Error && "code" in error && error.code === "ENOTEMPTY")) throw error;
  }
  return target;
}

function candidate(name: string): string {
  const policy = run("apt-cache", ["policy", name], "/");
  const version = /Candidate: (\S+)/.exec(policy)?.[1];
  if (!version || version === "(none)") throw new Error(`apt does not know the package ${name}\n  Fix: apt-get update`);
  return version;
}

function run(program: string, words: readonly string[], cwd: string): string {
  return execFileSync(program, words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
