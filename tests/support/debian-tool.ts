import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { hashOf } from "../../src/model/hash.ts";

/** Where programs that only tests need are kept: unpacked beside the machine's own, never installed on it. */
export const testTools = join(process.env.BENCHBOX_CACHE ?? join(homedir(), ".cache/benchbox"), "test-tools");

/**
 * Debian packages, downloaded by this machine's apt and unpacked into one folder, once: later calls find it. Dependencies
 * that the machine lacks are packages to name too. Returns the folder: `<folder>/usr/bin/...`.
 *
 * @throws when apt does not know a package or cannot download it; its own words are in the message.
 * @example const root = await debianTool(["tinyproxy-bin"]);
 */
export async function debianTool(packages: readonly string[]): Promise<string> {
  const name = packages.map((one) => `${one}-${candidate(one)}`).join("+");
  const readable = name.replace(/[^\w.+-]/g, "_");
  // A file's name has its limit.
  const root = join(testTools, readable.length < 200 ? readable : `${packages[0]}-and-more-${hashOf(name)}`);
  if (existsSync(root)) return root;
  mkdirSync(testTools, { recursive: true });
  return makeOnce(root, (folder) => {
    const downloads = mkdtempSync(join(testTools, "download-"));
    try {
      // Sandboxing by the user _apt cannot write into a folder of root's.
      run("apt-get", ["-qq", "-o", "APT::Sandbox::User=root", "download", ...packages], downloads);
      for (const file of readdirSync(downloads)) run("dpkg", ["-x", join(downloads, file), folder], downloads);
    } finally {
      rmSync(downloads, { recursive: true });
    }
  });
}

/** Makes a folder by `fill`, at once or not at all, also when several tests want it at the same time. */
export function makeOnce(target: string, fill: (folder: string) => void): string {
  const staging = mkdtempSync(`${target}.new-`);
  try {
    fill(staging);
    renameSync(staging, target);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    // Another test was faster: a folder that is not empty is never replaced by a rename.
    if (!existsSync(target) || !(error instanceof Error && "code" in error && error.code === "ENOTEMPTY")) throw error;
  }
  return target;
}

function candidate(name: string): string {
  const policy = run("apt-cache", ["policy", name], "/");
  const version = /Candidate: (\S+)/.exec(policy)?.[1];
  if (!version || version === "(none)") throw new Error(`apt knows no package ${name}; run apt-get update`);
  return version;
}

function run(program: string, words: readonly string[], cwd: string): string {
  return execFileSync(program, words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
