import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { makeOnce, testTools } from "./debian-tool.ts";

/**
 * Python packages, downloaded with this host's pip into one folder, which later calls reuse.
 *
 * @param packages with their versions, for example `ssh-audit==3.9.0`
 * @returns environment variables with which python3 finds them
 * @throws with pip's message when there is no pip or it cannot download them
 */
export function pythonTool(packages: readonly string[]): { PYTHONPATH: string } {
  const folder = join(testTools, packages.join("+").replace(/[^\w.+-]/g, "-"));
  if (!existsSync(folder)) {
    mkdirSync(testTools, { recursive: true });
    const words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"];
    makeOnce(folder, (target) => execFileSync("python3", [...words, target, ...packages], { stdio: "pipe" }));
  }
  return { PYTHONPATH: folder };
}
