import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const nobody = 65534;
const isRoot = process.getuid?.() === 0;

/** Runs the real `runLong` as a user without root. @returns the log, and the error message */
function runLong(words: readonly string[], options: object, folder: string): { log: string; message: string } {
  const log = join(folder, "log");
  if (isRoot) chownSync(folder, nobody, nobody);
  const program = `
    const { runLong } = await import(${JSON.stringify(new URL("../../src/toolchain/run.ts", import.meta.url))});
    if (${isRoot}) process.setgid(${nobody}), process.setuid(${nobody});
    const [program, ...words] = ${JSON.stringify(words)};
    const run = { failure: "it failed", cwd: ${JSON.stringify(folder)}, log: ${JSON.stringify(log)}, childRecord: ${JSON.stringify(join(folder, "child"))} };
    await runLong(program, words, { ...run, ...${JSON.stringify(options)} }).catch((error) => console.log(error.message));
  `;
  const node = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", program];
  const { stdout, stderr } = spawnSync(process.execPath, node, { encoding: "utf8" });
  return { log: readFileSync(log, "utf8"), message: stdout + stderr };
}

function createFolder(after: (undo: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-run-"));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The process group and the session in /proc/PID/stat, for a program whose name has no space. */
const groupAndSession = (stat: string): string[] => stat.split(" ").slice(4, 6);

for (const usesSudo of [false, true]) {
  const command = usesSudo ? "a long command with sudo" : "a long command";

  test(`${command} runs in its own process group, ${usesSudo ? "but in the user's session, which sudo knows" : "and in its own session"}`, (t) => {
    const { log } = runLong(
      ["cat", "/proc/self/stat"],
      { usesSudo },
      createFolder((undo) => t.after(undo)),
    );
    const [group, session] = groupAndSession(log.split("\n")[1] ?? "");
    const [ownGroup, ownSession] = groupAndSession(readFileSync("/proc/self/stat", "utf8"));
    assert.notEqual(group, ownGroup, log);
    assert.equal(session === ownSession, usesSudo, log);
  });

  test(`${command} ends at its time limit, even if its children keep running`, (t) => {
    const started = Date.now();
    const { message } = runLong(
      ["bash", "-c", "sleep 5; true"],
      { usesSudo, seconds: 1 },
      createFolder((undo) => t.after(undo)),
    );
    assert.equal(message, "it failed: not finished after 1 s\n");
    assert.ok(Date.now() - started < 3500, `it took ${Date.now() - started} ms`);
  });
}
