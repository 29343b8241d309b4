import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import packageJson from "../../package.json" with { type: "json" };
import { commands } from "../../src/cli/commands.ts";

const root = join(import.meta.dirname, "../..");

function benchbox(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(join(root, "bin/benchbox"), words, { encoding: "utf8", cwd: tmpdir() });
  return { code: status, stdout, stderr };
}

describe("benchbox", () => {
  test("--help lists every command, and --version prints the version", () => {
    const { code, stdout } = benchbox("--help");
    assert.equal(code, 0);
    for (const name of Object.keys(commands)) assert.match(stdout, new RegExp(`^ {2}${name}\\b`, "m"));
    assert.equal(benchbox("--version").stdout.trim(), packageJson.version);
  });

  for (const name of Object.keys(commands)) {
    test(`${name} --help describes it, and an unknown option is rejected`, async () => {
      const { code, stdout } = benchbox(name, "--help");
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^Usage: benchbox ${name} `));
      if (name === "ssh") return; // passes its options on to ssh
      const rejected = benchbox(name, "--jsonn");
      assert.equal(rejected.code, 1);
      assert.match(rejected.stderr, /^benchbox: (unknown option '--jsonn'|missing required argument)/);
    });
  }

  test("the error for a mistyped command or option suggests the nearest one", () => {
    assert.match(benchbox("drit").stderr, /^benchbox: unknown command 'drit'\n\(Did you mean drift\?\)/);
    assert.match(benchbox("drift", "--jsn").stderr, /^benchbox: unknown option '--jsn'\n\(Did you mean --json\?\)/);
    assert.match(benchbox("fleet", "prevew").stderr, /^benchbox: fleet has no command prevew \(commands: list, /);
  });

  test("the error for a nonexistent stack lists the existing ones", () => {
    const { code, stderr } = benchbox("drift", "nosuch");
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^benchbox: no stack nosuch: Pulumi\.nosuch\.yaml does not exist \(existing stacks: .*sandbox/,
    );
  });

  test("every npm script of a command runs that command", () => {
    for (const [name, line] of Object.entries(packageJson.scripts)) {
      if (!["test", "bench", "lint"].includes(name)) assert.equal(line, `bin/benchbox ${name}`);
    }
  });

  test("bash, zsh and fish complete commands, options and stacks where they are installed", () => {
    assert.deepEqual(benchbox("complete").stdout.trim().split("\n"), Object.keys(commands));
    assert.match(benchbox("complete", "drift").stdout, /^--json\n[\s\S]*^sandbox$/m);
    assert.doesNotMatch(benchbox("complete", "drift", "sandbox").stdout, /^sandbox$/m);
    assert.match(benchbox("complete", "fleet").stdout, /^preview$/m);
    const script =
      'eval "$(benchbox completion bash)"; COMP_WORDS=(benchbox dri); COMP_CWORD=1; _benchbox; echo "$COMPREPLY"';
    const env = { ...process.env, PATH: `${join(root, "bin")}:${process.env.PATH}` };
    assert.equal(spawnSync("bash", ["-c", script], { encoding: "utf8", env }).stdout.trim(), "drift");
  });

  test("--help before set-up names the command for set-up, and starts nothing", (t) => {
    const clone = mkdtempSync(join(tmpdir(), "benchbox-fresh-"));
    t.after(() => rmSync(clone, { recursive: true }));
    mkdirSync(join(clone, "bin"));
    for (const name of ["src", "image"]) symlinkSync(join(root, name), join(clone, name));
    const copied = spawnSync("cp", [join(root, "bin/benchbox"), join(clone, "bin/benchbox")]);
    assert.equal(copied.status, 0);
    const { status, stdout } = spawnSync(join(clone, "bin/benchbox"), ["--help"], { encoding: "utf8" });
    assert.equal(status, 0);
    assert.match(stdout, /not set up in this clone yet.*\n {2}Fix: npm run setup/);
  });
});
