import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";

const project = join(import.meta.dirname, "../..");
const wrapper = join(project, "src/state/pulumi-cli.ts");

/** Tests the program behind `bin/pulumi` with a fake Pulumi CLI. */
describe("the wrapper of the Pulumi CLI", () => {
  let folder: string;
  const fake = (script: string): void => {
    writeFileSync(join(folder, "pulumi"), `#!/bin/bash\n${script}\n`);
    chmodSync(join(folder, "pulumi"), 0o755);
  };
  const start = (words: readonly string[], cwd: string, detached = false) => {
    const own = [join(project, "bin"), join(project, "scripts/host"), `${project}/bin/`];
    const env = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "word",
      PATH: [...own, folder, ...own, process.env.PATH].join(":"),
    };
    return spawn(process.execPath, [wrapper, ...words], { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached });
  };
  const run = async (words: readonly string[], cwd: string) => {
    const child = start(words, cwd);
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { code, stdout, stderr };
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "benchbox-wrapper-"));
    mkdirSync(join(folder, "other"));
    writeFileSync(join(folder, "other/Pulumi.yaml"), "name: other\nruntime: nodejs\n");
  });
  after(() => rmSync(folder, { recursive: true }));

  test("outside the project, the wrapper passes on the arguments unchanged and returns the CLI's exit code", async () => {
    fake('printf "%s|" "$@"; echo problem >&2; exit 7');
    const words = ["up", "-s", "dev", "--", "a b", ""];
    for (const cwd of [folder, join(folder, "other")]) {
      assert.deepEqual(await run(words, cwd), { code: 7, stdout: `${words.join("|")}|`, stderr: "problem\n" });
    }
  });

  test("in the project, it also passes on the arguments of commands that need no stack", async () => {
    fake('printf "%s|" "$@"');
    for (const words of [["version"], ["up", "--help"], ["stack", "ls"], []])
      assert.equal((await run(words, join(project, "docs"))).stdout, words.length === 0 ? "|" : `${words.join("|")}|`);
  });

  test("a stack that does not exist is reported from every folder of the project", async () => {
    fake("echo called");
    for (const [words, cwd] of [
      [["preview", "-s", "nowhere"], join(project, "docs")],
      [["up", "--stack=nowhere", "-C", project], folder],
      [["config", "-s", "nowhere", "--cwd", "docs/decisions"], project],
    ] as const) {
      const { code, stdout, stderr } = await run(words, cwd);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, /^benchbox: no stack nowhere: /);
    }
  });

  test("the CLI gets its own environment, in which the wrapper is not on PATH", async () => {
    fake('echo "$PATH"; echo "$NODE_OPTIONS"; echo "$PULUMI_SKIP_UPDATE_CHECK $BUILDX_GIT_INFO $GOGC $BENCHBOX_DEBUG"');
    const { stdout } = await run(["version", "--debug"], folder);
    const [path = "", options = "", rest] = stdout.split("\n");
    assert.equal(path, `${folder}:${process.env.PATH}`);
    assert.match(options, /--max-semi-space-size=4 --import=file:\/\/\S+\/src\/program\/preload\/main\.ts$/);
    assert.equal(rest, "true false 400 1");
  });

  test("a signal that stops the wrapper is passed on to the CLI, which takes its time to exit", async () => {
    fake("trap 'echo cleaned up; exit 5' TERM HUP; echo started; while :; do sleep 0.05; done");
    for (const signal of ["SIGTERM", "SIGHUP"] as const) {
      const child = start(["version"], folder);
      child.stdout.once("data", () => child.kill(signal));
      const ended = new Promise((resolve) => child.once("close", resolve));
      assert.equal(await text(child.stdout), "started\ncleaned up\n");
      assert.equal(await ended, 5);
    }
  });

  test("Ctrl-C reaches the CLI, and the wrapper waits for it", async () => {
    fake("trap 'sleep 0.3; echo cancelled; exit 4' INT; echo started; while :; do sleep 0.05; done");
    const child = start(["version"], folder, true);
    child.stdout.once("data", () => process.kill(-(child.pid ?? 0), "SIGINT"));
    const ended = new Promise((resolve) => child.once("close", resolve));
    assert.equal(await text(child.stdout), "started\ncancelled\n");
    assert.equal(await ended, 4);
  });
});
