import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { commandLine } from "../../src/model/quote.ts";

const source = join(import.meta.dirname, "../../src/process");
const program = `
  import { confirm } from ${JSON.stringify(join(source, "prompt.ts"))};
  import { runCommand } from ${JSON.stringify(join(source, "run-command.ts"))};
  runCommand(async () => {
    await confirm("It will be gone.", "--yes");
    console.log("went on");
    return 0;
  });`;

/** Types keys at the question, on a terminal of its own. */
function answer(keys: string): Promise<{ code: number | null; output: string }> {
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", program];
  const child = spawn("script", ["--quiet", "--return", "--command", commandLine(node), "/dev/null"]);
  let output = "";
  let isTyped = false;
  child.stdout.on("data", (chunk) => {
    output += chunk;
    if (isTyped || !output.includes("Continue?")) return;
    isTyped = true;
    child.stdin.write(keys);
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

describe("a question before something that cannot be undone", () => {
  test("is answered with yes", async () => {
    const { code, output } = await answer("y\r");
    assert.match(output, /went on/);
    assert.equal(code, 0);
  });

  for (const [what, keys] of [
    ["no", "n\r"],
    ["Enter", "\r"],
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ] as const) {
    test(`is answered with ${what}: nothing is done, and the exit code says so`, async () => {
      const { code, output } = await answer(keys);
      assert.match(output, /benchbox: cancelled; nothing was changed/);
      assert.doesNotMatch(output, /went on/);
      assert.equal(code, 1);
    });
  }
});
