import assert from "node:assert/strict";
import { type ChildProcess, execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ended, FakeCheckout, until, writeProgram } from "./fake-checkout.ts";

test("a set-up killed in the middle of a build leaves nothing half, and the next run ends what it left and goes on", async (t) => {
  const clone = new FakeCheckout(t);
  const child = clone.start([], { BENCHBOX_TEST_SLOW: "language-nodejs" });
  const end = ended(child);
  await until("the second build runs", () => clone.built.includes("language-nodejs"));
  child.kill("SIGKILL");
  await end;
  const orphan = pidOf(clone, "language-nodejs");
  assert.ok(!readdirSync(join(clone.cache, "built")).some((name) => name.startsWith("language-nodejs")));

  const next = await clone.setup();
  assert.equal(next.code, 0, next.output);
  assert.ok(!runs(orphan), "the killed set-up's build still runs");
  assert.deepEqual(clone.built, ["cli", "language-nodejs", "language-nodejs", "docker", "command"]);
  assert.deepEqual(readdirSync(join(clone.cache, "tmp")), []);
});

test("Ctrl-C ends the build as well, says one sentence, and the next run goes on", async (t) => {
  const clone = new FakeCheckout(t);
  const child = clone.start([], { BENCHBOX_TEST_SLOW: "cli" });
  const end = ended(child);
  await until("the build runs", () => clone.built.includes("cli"));
  child.kill("SIGINT");
  const { code, output, seconds } = await end;
  assert.equal(code, 130);
  assert.match(output, /Interrupted\. Run it again to go on from here\.\n$/);
  assert.ok(seconds < 10);
  await until("the build has ended", () => !runs(pidOf(clone, "cli")));
  assert.equal((await clone.setup()).code, 0);
});

test("two set-ups of two clones at once: one waits and says for whom, and nothing is built twice", async (t) => {
  const [one, two] = [new FakeCheckout(t), new FakeCheckout(t)];
  const first = ended(one.start([], { BENCHBOX_TEST_SECONDS: "0.4" }));
  await until("the first one builds", () => one.built.length > 0);
  const second = await two.setup([], { BENCHBOX_CACHE: one.cache });
  const { code, output } = await first;
  assert.equal(code, 0, output);
  assert.equal(second.code, 0, second.output);
  assert.match(
    second.output,
    /^Waiting: the tool cache .* is in use by the set-up of .*a clone \(process \d+, since [\d:]+\)\.$/m,
  );
  assert.equal(one.built.length, 4);
  assert.deepEqual(two.built, []);
});

test("a cache that cannot be written is named, with the remedy", async (t) => {
  const clone = new FakeCheckout(t);
  const cache = join(clone.root, "locked/cache");
  mkdirSync(join(clone.root, "locked"));
  chmodSync(join(clone.root, "locked"), 0o555);
  const { code, output } = await ended(asNobody(clone, cache));
  chmodSync(join(clone.root, "locked"), 0o755);
  assert.equal(code, 1);
  assert.match(output, /locked\/cache, cannot be written\. Set BENCHBOX_CACHE to a folder you can write/);
  assert.equal(output.trim().split("\n").length, 1);
});

test("without Go, where something must be built, one sentence says what was found and how to get it", async (t) => {
  const clone = new FakeCheckout(t);
  clone.program("go", 'echo "go version go1.20.1 linux/amd64"');
  const { code, output } = await clone.setup();
  assert.equal(code, 1);
  assert.equal(output.match(/found 1\.20\.1/g)?.length, 1, output);
  assert.match(output, /Building needs Go >= 1\.26\.6\. .*https:\/\/go\.dev\/dl/);
  assert.match(output, /^Pulumi CLI, Node language host, docker plugin, command plugin: /m);
  assert.doesNotMatch(output, /^ +at /m);
  assert.ok(!existsSync(clone.result));
});

test("a failing build shows the end of its log and where that is", async (t) => {
  const clone = new FakeCheckout(t);
  writeProgram(join(clone.checkout, "plugins/docker/build"), "echo this module is missing >&2; exit 3");
  const { code, output } = await clone.setup();
  assert.equal(code, 1);
  assert.match(
    output,
    /Building pulumi-resource-docker from plugins\/docker failed \(exit code 3\)\.\n.*log\/build-docker\.log.*\n.*\n {2}this module is missing/,
  );
  assert.match(output, /^\+ command plugin/m);
});

test("a Node that is too old, and a missing one, are told in one sentence", async (t) => {
  const clone = new FakeCheckout(t);
  clone.program("node", "echo 16.20.0");
  const old = await clone.setup();
  assert.equal(old.code, 1);
  assert.match(old.output, /^Looked for Node on PATH: found 16\.20\.0\. Needed: Node >= 18 with npm.*\n$/);
  clone.program("node", "exit 127");
  assert.match((await clone.setup()).output, /^Looked for Node on PATH: there is none that runs\..*\n$/);
});

test("an engine named by DOCKER_HOST that does not answer is not replaced by this machine's", async (t) => {
  const clone = new FakeCheckout(t);
  clone.program("docker", "echo 'cannot connect' >&2; exit 1");
  const { code, output } = await clone.setup([], { DOCKER_HOST: "tcp://someone:hunter2@192.0.2.1:2375" });
  assert.equal(code, 1);
  assert.match(output, /DOCKER_HOST is set, and the engine that it names does not answer/);
  assert.doesNotMatch(output, /hunter2|192\.0\.2/);
});

test("plugin sources that change while they are built are not taken for built", async (t) => {
  const clone = new FakeCheckout(t);
  const first = ended(clone.start([], { BENCHBOX_TEST_SECONDS: "0.5" }));
  await until("the build runs", () => clone.built.includes("docker"));
  clone.plugin("docker", "pulumi-resource-docker", "two");
  const { code, output } = await first;
  assert.equal(code, 1);
  assert.match(output, /plugins\/docker changed while it was built\. Run this again\./);
  assert.equal((await clone.setup()).code, 0);
});

function pidOf(clone: FakeCheckout, name: string): string {
  const line = readFileSync(clone.builds, "utf8")
    .split("\n")
    .find((text) => text.startsWith(`${name} `));
  return (line ?? "").split(" ")[1] as string;
}

/** Whether a process runs; one that has ended and that nobody has asked for yet does not. */
function runs(pid: string): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** The set-up as a user who may write the clone and not the cache. */
function asNobody(clone: FakeCheckout, cache: string): ChildProcess {
  if (process.getuid?.() !== 0) return clone.start([], { BENCHBOX_CACHE: cache });
  chmodSync(clone.root, 0o755);
  // The real one may lie where nobody else can read; it is not come to.
  clone.program("node", "echo 24.0.0");
  execFileSync("chown", ["-R", "nobody", clone.checkout]);
  const setup = join(clone.checkout, "src/toolchain/setup");
  return clone.startAs(["setpriv", "--reuid=nobody", "--clear-groups", setup], { BENCHBOX_CACHE: cache });
}
