import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PullBench } from "./pull-bench.ts";
import { pullCases } from "./pull-cases.ts";

// This machine's own engine.
const bench = new PullBench(undefined);
before(() => bench.start());
after(() => bench.stop());

pullCases(() => bench);

test("the image of another platform is another image, and is pulled when it is asked for", async () => {
  const { path } = await bench.publish();
  const reference = `${bench.registry}/${path}`;
  const own = await bench.pull([reference]);
  const other = await bench.pull([reference, "--platform", "linux/arm64"]);
  assert.equal(other.code, 0, other.output);
  assert.notEqual(other.stdout, own.stdout);
  assert.equal(bench.docker("image", "inspect", "--format", "{{.Architecture}}", reference), "arm64");
  assert.match((await bench.pull([reference, "--platform", "linux/arm64"])).output, /is already there/);
});

test("an engine behind ssh pulls as one on this machine does", async () => {
  const { path } = await bench.publish();
  // Stand-in for ssh: runs here what it should run there.
  const folder = join(bench.folder, "ssh");
  mkdirSync(folder);
  writeFileSync(
    join(folder, "ssh"),
    '#!/bin/sh\nwhile [ "$1" != docker ]; do shift; done\nunset DOCKER_HOST\nexec "$@"\n',
  );
  chmodSync(join(folder, "ssh"), 0o755);
  const over = { DOCKER_HOST: "ssh://somebody@elsewhere", PATH: `${folder}:${process.env.PATH}` };
  const ran = await bench.pull([`${bench.dead}/${path}`, bench.registry], over);
  assert.equal(ran.code, 0, ran.output);
  assert.deepEqual(bench.names(path), [`${bench.dead}/${path}`]);
});

test("mirrors may stand in a file", async () => {
  const { path } = await bench.publish();
  const file = join(bench.folder, "mirrors");
  writeFileSync(file, `127.0.0.1:2\n\nhttp://${bench.registry}/\n`);
  const ran = await bench.pull([`${bench.dead}/${path}`, "--mirrors", file]);
  assert.equal(ran.code, 0, ran.output);
  assert.match(ran.output, /127\.0\.0\.1:2\/.*: refused/);
});

test("no engine, and wrong words, are told without a stack trace", async () => {
  const noEngine = await bench.pull(["a/b:1"], { DOCKER_HOST: "unix:///nowhere/docker.sock" });
  assert.equal(noEngine.code, 1);
  assert.match(noEngine.output, /^benchbox: The Docker Engine cannot be asked: .*Look at: docker version\n$/s);
  for (const words of [[], ["a/B:1"], ["a/b", "--id", "123"], ["a/b", "nowhere"], ["a/b", "--on-mismatch", "shrug"]]) {
    const ran = await bench.pull(words);
    assert.equal(ran.code, 1);
    assert.match(ran.output, /^benchbox: .*\nUsage: [^\n]*\n$/, words.join(" "));
  }
});
