import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Clone, docker, freePort, sharePackages } from "../support/clone.ts";
import { programMemory } from "./memory.ts";
import type { Row } from "./report.ts";
import { secondsOf } from "./statistics.ts";

const project = join(import.meta.dirname, "../..");

/** The work that this commit and an earlier one do in turns, each on a box of its own with every tool. */
const works: readonly { readonly what: string; readonly unit: Row["unit"]; measure(clone: Clone): Promise<number> }[] =
  [
    { what: "preview --refresh, unchanged", unit: "s", measure: (clone) => timed(clone, "preview") },
    { what: "up, unchanged", unit: "s", measure: (clone) => timed(clone, "up") },
    { what: "drift, unchanged", unit: "s", measure: (clone) => timed(clone, "drift") },
    {
      what: "up after `docker rm` of the container",
      unit: "s",
      measure: (clone) => {
        docker("rm", "--force", clone.name);
        return timed(clone, "up");
      },
    },
    { what: "the program's memory", unit: "MB", measure: programMemory },
  ];

const timed = (clone: Clone, script: string): Promise<number> =>
  secondsOf(() => clone.ok(["npm", "run", "--silent", script, "--", clone.stack]));

/** Compares this working tree with a revision of the repository. */
export async function againstRows(
  revision: string,
  times: number,
  showProgress: (what: string) => void,
): Promise<Row[]> {
  const tree = mkdtempSync(join(tmpdir(), "benchbox-against-"));
  const clones: Clone[] = [];
  try {
    execFileSync("git", ["clone", "--quiet", "--shared", "--no-checkout", project, tree]);
    execFileSync("git", ["-C", tree, "checkout", "--quiet", "--detach", revision]);
    addPackages(tree);
    for (const [name, source] of [
      ["here", project],
      ["there", tree],
    ] as const) {
      const clone = new Clone(`bench${name}${process.pid}`, await freePort(), {}, "all", source);
      clones.push(clone);
      showProgress(`bringing up a box with every tool, ${name}`);
      await clone.up();
    }
    const [here, there] = clones as [Clone, Clone];
    const rows: Row[] = [];
    for (const { what, unit, measure } of works) {
      showProgress(what);
      await measure(here); // fills caches
      await measure(there);
      const values = { ours: [] as number[], reference: [] as number[] };
      for (let time = 0; time < times; time++) {
        values.reference.push(await measure(there));
        values.ours.push(await measure(here));
      }
      rows.push({ what, unit, ...values, against: revision });
    }
    return rows;
  } finally {
    for (const clone of clones) {
      await clone.purge();
      clone.remove();
    }
    rmSync(tree, { recursive: true });
  }
}

/** The revision's own node packages, which are this clone's if it has the same lock file. */
function addPackages(tree: string): void {
  const lock = (folder: string): string =>
    execFileSync("git", ["hash-object", join(folder, "package-lock.json")], { encoding: "utf8" });
  if (lock(tree) === lock(project)) sharePackages(join(project, "node_modules"), tree);
  else execFileSync("npm", ["ci", "--silent"], { cwd: tree, stdio: ["ignore", "ignore", "inherit"] });
}
