import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clone } from "../support/clone.ts";

/** The peak memory of a program and its descendants, in MB. Shared memory counts once. */
export async function memoryOf(clone: Clone, words: readonly string[]): Promise<number> {
  const running = clone.start(words);
  let most = 0;
  while (running.exitCode === null && running.pid !== undefined) {
    most = Math.max(most, sumOf(withDescendants(running.pid)));
    await sleep(100);
  }
  const { code, output } = await running.finished;
  if (code === 1) throw new Error(`${words.join(" ")} failed:\n${output}`);
  return most;
}

/** The peak memory of the Pulumi program in an unchanged preview, in MB. */
export async function programMemory(clone: Clone): Promise<number> {
  const [hook, result] = [join(clone.home, "memory.cjs"), join(clone.home, "memory")];
  writeFileSync(
    hook,
    `if (process.argv[1]?.includes("cmd/run")) process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(result)}, String(process.resourceUsage().maxRSS)));\n`,
  );
  const environment = { NODE_OPTIONS: `--require ${JSON.stringify(hook)}` };
  await clone.ok(["npm", "run", "--silent", "preview", "--", clone.stack], environment);
  return Number(readFileSync(result, "utf8")) / 1024;
}

function withDescendants(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : "";
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(stat)?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isOurs = (pid: number | undefined): boolean => pid === root || (pid !== undefined && isOurs(parents.get(pid)));
  return [...parents.keys()].filter(isOurs);
}

const sumOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + Number(/^Pss: +(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0), 0) / 1024;

/** The text of a file; empty if its process has exited. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
