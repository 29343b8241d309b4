import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../context.ts";
import { firstMismatch, type Lock } from "../installed-packages.ts";
import type { Part } from "../part.ts";
import { runLong } from "../run.ts";

/** The npm packages that package-lock.json lists. */
export function packagesPart(context: Context): Part {
  const { checkout, cache } = context;
  const folder = join(checkout, "node_modules");
  return {
    name: "node packages",
    wanted: "as locked",
    async inspect() {
      const installed = readLock(join(folder, ".package-lock.json"));
      if (!installed) return { isPresent: false, found: "nothing", plan: "set-up runs `npm ci`" };
      const mismatch = firstMismatch(readLock(join(checkout, "package-lock.json")) ?? {}, installed, (path) =>
        existsSync(join(checkout, path, "package.json")),
      );
      return mismatch
        ? { isPresent: false, found: "not as locked", plan: `set-up runs \`npm ci\` (first difference: ${mismatch})` }
        : { isPresent: true, found: "as locked", where: folder };
    },
    async install(step) {
      step.doing("running npm ci");
      await runLong("npm", ["ci", "--no-audit", "--no-fund"], {
        failure: "npm ci failed",
        cwd: checkout,
        log: join(cache, "log", "npm-ci.log"),
        childRecord: join(cache, "child"),
        isInterruptible: true,
      });
      return "installed with npm ci";
    },
  };
}

function readLock(file: string): Lock | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Lock;
  } catch {
    return undefined;
  }
}
