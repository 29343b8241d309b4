import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readToolLock } from "../../src/config/tool-lock.ts";

const project = join(import.meta.dirname, "../..");
const present = readFileSync(join(project, "tools.lock.yml"), "utf8");

/** Renews a copy of the lock file from the real registries. */
function renew(
  t: TestContext,
  text: string,
  ...words: string[]
): Promise<{ code: number; output: string; text: string }> {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-lock-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "tools.lock.yml"), text);
  return new Promise((resolve) => {
    const isMajor = words.includes("--major");
    const tools = words.filter((word) => !word.startsWith("--"));
    const program = `import { renewLockFile } from ${JSON.stringify(join(project, "src/cli/commands/lock.ts"))};
      import { runCommand } from ${JSON.stringify(join(project, "src/process/run-command.ts"))};
      runCommand(() => renewLockFile("tools.lock.yml", ${JSON.stringify(tools)}, ${isMajor}));`;
    const node = ["--input-type=module", "--eval", program];
    const child = execFile(process.execPath, node, { cwd: folder }, (_error, stdout, stderr) =>
      resolve({
        code: child.exitCode ?? -1,
        output: stdout + stderr,
        text: readFileSync(join(folder, "tools.lock.yml"), "utf8"),
      }),
    );
  });
}

test("older versions are updated to the newest, with the registries' checksums, and tools that were not named stay", async (t) => {
  const now = readToolLock(present);
  const old = present
    .replace(`version: ${now.uv?.version}`, "version: 0.13.0")
    .replace(`version: ${now.bun?.version}`, "version: 1.4.0")
    .replace(/tavily-mcp: .*/, "tavily-mcp: 0.2.1")
    .replace(`version: ${now.nodejs?.version}`, "version: 24.0.0");
  const { code, output, text } = await renew(t, old, "uv", "bun", "setup-workspace");
  assert.equal(code, 0, output);
  assert.match(output, /^uv 0\.13\.0 -> \d/m);
  assert.match(output, /^tavily-mcp 0\.2\.1 -> \d/m);
  const after = readToolLock(text);
  assert.equal(after.nodejs?.version, "24.0.0");
  for (const id of ["uv", "bun"]) {
    const [before, renewed] = [now[id], after[id]];
    const registry = renewed?.sources?.at(-1);
    assert.match(registry?.sha256?.x86_64 ?? "", /^[0-9a-f]{64}$/);
    assert.match(registry?.sha256?.aarch64 ?? "", /^[0-9a-f]{64}$/);
    // As long as no newer version is published, the checksums are the committed ones.
    if (renewed?.version === before?.version) assert.deepEqual(registry?.sha256, before?.sources?.at(-1)?.sha256);
  }
  assert.equal(
    text
      .split("\n")
      .filter((line) => line.startsWith("#"))
      .join(),
    present
      .split("\n")
      .filter((line) => line.startsWith("#"))
      .join(),
  );
});

test("Node.js stays on its release line", async (t) => {
  const { output, text } = await renew(
    t,
    present.replace(/line: "24"/, 'line: "22"').replace(/version: 24\..*/, "version: 22.13.0"),
    "nodejs",
  );
  assert.match(readToolLock(text).nodejs?.version ?? "", /^22\.(1[4-9]|[2-9]\d)\./, output);
});

test("a tool that the lock file does not contain is an error, and nothing is written", async (t) => {
  const { code, output, text } = await renew(t, present, "uvv");
  assert.equal(code, 1);
  assert.match(output, /tools\.lock\.yml has no tool uvv \(tools: uv, pixi, nodejs/);
  assert.equal(text, present);
});
