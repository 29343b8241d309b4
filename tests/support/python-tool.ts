import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { makeOnce, testTools } from "./debian-tool.ts";

/**
 * Python packages, downloaded by this machine's pip into one folder, once, beside the machine's own. Returns what to set so
 * that python3 finds them.
 *
 * @param packages with their versions, `ssh-audit==3.9.0`
 * @throws when there is no pip or it cannot download them; its own words are in the message.
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
