import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const nobody = 65534;
const isRoot = process.getuid?.() === 0;

/** Runs it as a user who needs sudo; returns its log, and what it was refused with. */
function runLong(words: readonly string[], options: object, folder: string): { log: string; said: string } {
  const log = join(folder, "log");
  if (isRoot) chownSync(folder, nobody, nobody);
  const program = `
    const { runLong } = await import(${JSON.stringify(new URL("../../src/toolchain/run.ts", import.meta.url))});
    if (${isRoot}) process.setgid(${nobody}), process.setuid(${nobody});
    const [program, ...words] = ${JSON.stringify(words)};
    const run = { failure: "It failed", cwd: ${JSON.stringify(folder)}, log: ${JSON.stringify(log)}, childRecord: ${JSON.stringify(join(folder, "child"))} };
    await runLong(program, words, { ...run, ...${JSON.stringify(options)} }).catch((error) => console.log(error.message));
  `;
  const node = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", program];
  const { stdout, stderr } = spawnSync(process.execPath, node, { encoding: "utf8" });
  return { log: readFileSync(log, "utf8"), said: stdout + stderr };
}

function scratch(after: (undo: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-run-"));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The process group and the session in /proc/PID/stat of a program whose name has no space. */
const groupAndSession = (stat: string): string[] => stat.split(" ").slice(4, 6);

for (const usesSudo of [false, true]) {
  const what = usesSudo ? "what uses sudo" : "what takes its time";

  test(`${what} is in ${usesSudo ? "our session, where sudo knows us," : "a session"} and a process group of its own`, (t) => {
    const { log } = runLong(
      ["cat", "/proc/self/stat"],
      { usesSudo },
      scratch((undo) => t.after(undo)),
    );
    const [group, session] = groupAndSession(log.split("\n")[1] ?? "");
    const [ownGroup, ownSession] = groupAndSession(readFileSync("/proc/self/stat", "utf8"));
    assert.notEqual(group, ownGroup, log);
    assert.equal(session === ownSession, usesSudo, log);
  });

  test(`${what} does not hold us up beyond its time limit, whatever it started`, (t) => {
    const started = Date.now();
    const { said } = runLong(
      ["bash", "-c", "sleep 5; true"],
      { usesSudo, seconds: 1 },
      scratch((undo) => t.after(undo)),
    );
    assert.equal(said, "It failed: not done after 1 seconds.\n");
    assert.ok(Date.now() - started < 3500, `it took ${Date.now() - started} ms`);
  });
}
