import assert from "node:assert/strict";
import { test } from "node:test";
import { readCliWords, withOptions } from "../../src/state/cli-words.ts";

const read = (line: string) => readCliWords(line.split(" "));

test("the command and its stack are found wherever they stand", () => {
  for (const line of ["up -s dev", "-s dev up", "up --stack=dev", "--color never --stack dev up", "up -sdev"]) {
    const { command, stack } = read(line);
    assert.deepEqual({ command, stack }, { command: "up", stack: "dev" }, line);
  }
});

test("a command's other names are the command", () => {
  const names = ["update", "pre", "down", "dn"].map((name) => read(name).command);
  assert.deepEqual(names, ["up", "preview", "destroy", "destroy"]);
});

test("a command that needs nothing of ours is none", () => {
  for (const line of ["version", "login s3://x", "constructor", ""]) assert.equal(read(line).command, undefined, line);
});

test("help and a configuration file of the user's own leave the CLI alone", () => {
  for (const line of ["up --help", "preview -h", "up --config-file x.yaml -s dev", "up --config-file=x.yaml"])
    assert.equal(read(line).command, undefined, line);
});

test("the options that matter are read", () => {
  const { directory, isConfirmed, isRefresh, isDebug } = read("up -C docs --yes --refresh -d");
  assert.deepEqual(
    { directory, isConfirmed, isRefresh, isDebug },
    { directory: "docs", isConfirmed: true, isRefresh: true, isDebug: true },
  );
  const none = read("up --refresh=false");
  assert.deepEqual([none.directory, none.isConfirmed, none.isRefresh, none.isDebug], [undefined, false, false, false]);
  assert.equal(read("up --cwd=docs").directory, "docs");
});

test("what follows -- is no option", () => {
  const { command, stack } = read("config set -s dev -- key -s");
  assert.deepEqual({ command, stack }, { command: "config", stack: "dev" });
});

test("an import of a state is told from the other commands of `pulumi stack`", () => {
  assert.equal(read("stack import --stack dev").isStackImport, true);
  assert.equal(read("stack --stack dev import").isStackImport, true);
  assert.equal(read("stack export --stack import").isStackImport, false);
  assert.equal(read("import stack import").isStackImport, false);
});

test("an option without its value is left to the CLI", () => {
  assert.equal(read("up --stack").stack, undefined);
});

test("an option is added before what follows --", () => {
  assert.deepEqual(withOptions(["up", "-y"], "--config-file", "/f"), ["up", "-y", "--config-file", "/f"]);
  assert.deepEqual(withOptions(["config", "set", "--", "key", "-1"], "--config-file", "/f"), [
    ...["config", "set", "--config-file", "/f", "--", "key", "-1"],
  ]);
});
