import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runLong } from "../../scripts/host/setup.d/run.ts";

/** The session of a process; its own number where it leads one. Its program's name, which is in parentheses, has no space here. */
const sessionOf = (stat: string): string | undefined => stat.split(" ")[5];

for (const [what, inSession] of [
  ["has a session of its own, which is ended as a whole", false],
  ["is in ours when sudo is to let it through", true],
] as const) {
  test(`what takes its time ${what}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "benchbox-run-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const log = join(folder, "log");
    await runLong("cat", ["/proc/self/stat"], {
      failure: "failed",
      log,
      childRecord: join(folder, "child"),
      inSession,
    });
    const [, said = ""] = readFileSync(log, "utf8").split("\n");
    const own = sessionOf(readFileSync("/proc/self/stat", "utf8"));
    assert.equal(sessionOf(said) === own, inSession, said);
  });
}
