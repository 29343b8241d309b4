import assert from "node:assert/strict";
import { type ChildProcess, execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ended, FakeCheckout, until, writeProgram } from "./fake-checkout.ts";

test("a set-up killed during a build leaves nothing incomplete, and the next one stops the orphaned build and continues", async (t) => {
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
  assert.ok(!runs(orphan), "the killed set-up's build is still running");
  assert.deepEqual(clone.built, ["cli", "language-nodejs", "language-nodejs", "docker", "command"]);
  assert.deepEqual(readdirSync(join(clone.cache, "tmp")), []);
});

test("Ctrl-C also stops the build and prints one line, and the next run continues", async (t) => {
  const clone = new FakeCheckout(t);
  const child = clone.start([], { BENCHBOX_TEST_SLOW: "cli" });
  const end = ended(child);
  await until("the build runs", () => clone.built.includes("cli"));
  child.kill("SIGINT");
  const { code, output, seconds } = await end;
  assert.equal(code, 130);
  assert.match(output, /benchbox: interrupted; run the same command again to continue\n$/);
  assert.ok(seconds < 10);
  await until("the build has ended", () => !runs(pidOf(clone, "cli")));
  assert.equal((await clone.setup()).code, 0);
});

test("of two concurrent set-ups in two clones, one waits and names the other, and nothing is built twice", async (t) => {
  const [one, two] = [new FakeCheckout(t), new FakeCheckout(t)];
  const first = ended(one.start([], { BENCHBOX_TEST_SECONDS: "0.4" }));
  await until("the first one builds", () => one.built.length > 0);
  const second = await two.setup([], { BENCHBOX_CACHE: one.cache });
  const { code, output } = await first;
  assert.equal(code, 0, output);
  assert.equal(second.code, 0, second.output);
  assert.match(
    second.output,
    /^Waiting: the tool cache .* is in use by the set-up of .*a clone \(process \d+, since [\d:]+\)$/m,
  );
  assert.equal(one.built.length, 4);
  assert.deepEqual(two.built, []);
});

test("a cache without write access is reported with a fix", async (t) => {
  const clone = new FakeCheckout(t);
  const cache = join(clone.root, "locked/cache");
  mkdirSync(join(clone.root, "locked"));
  chmodSync(join(clone.root, "locked"), 0o555);
  const { code, output } = await ended(startAsNobody(clone, cache));
  chmodSync(join(clone.root, "locked"), 0o755);
  assert.equal(code, 1);
  assert.match(
    output,
    /cannot write the tool cache .*locked\/cache\n {2}Fix: set BENCHBOX_CACHE to a folder that you can write to/,
  );
  assert.equal(output.trim().split("\n").length, 2);
});

test("a Go that is too old for a build is reported once, with a fix", async (t) => {
  const clone = new FakeCheckout(t);
  clone.addProgram("go", 'echo "go version go1.20.1 linux/amd64"');
  const { code, output } = await clone.setup();
  assert.equal(code, 1);
  assert.equal(output.match(/found 1\.20\.1/g)?.length, 1, output);
  assert.match(
    output,
    /building requires Go >= 1\.26\.6: found 1\.20\.1 on PATH\n {2}Fix: install Go from https:\/\/go\.dev\/dl/,
  );
  assert.match(output, /^Pulumi CLI, Node language host, Docker provider, Command provider: /m);
  assert.doesNotMatch(output, /^ +at /m);
  assert.ok(!existsSync(clone.result));
});

test("a failing build shows the last lines and the path of its log", async (t) => {
  const clone = new FakeCheckout(t);
  writeProgram(join(clone.checkout, "plugins/docker/build"), "echo this module is missing >&2; exit 3");
  const { code, output } = await clone.setup();
  assert.equal(code, 1);
  assert.match(
    output,
    /building pulumi-resource-docker from plugins\/docker failed: exit code 3\n.*log\/build-docker\.log.*\n.*\n {2}this module is missing/,
  );
  assert.match(output, /^\+ Command provider/m);
});

test("an old or missing Node is reported in one message", async (t) => {
  const clone = new FakeCheckout(t);
  clone.addProgram("node", "echo 16.20.0");
  const old = await clone.setup();
  assert.equal(old.code, 1);
  assert.match(old.output, /^benchbox: Node >= 18 with npm is required: found 16\.20\.0 on PATH\n {2}Fix: .*\n$/);
  clone.addProgram("node", "exit 127");
  assert.match(
    (await clone.setup()).output,
    /^benchbox: Node >= 18 with npm is required: found no working node on PATH\n {2}Fix: .*\n$/,
  );
});

test("a Docker Engine at DOCKER_HOST that does not answer is not replaced by this host's", async (t) => {
  const clone = new FakeCheckout(t);
  clone.addProgram("docker", "echo 'cannot connect' >&2; exit 1");
  const { code, output } = await clone.setup([], { DOCKER_HOST: "tcp://someone:hunter2@192.0.2.1:2375" });
  assert.equal(code, 1);
  assert.match(output, /the Docker Engine at DOCKER_HOST does not answer/);
  assert.doesNotMatch(output, /hunter2|192\.0\.2/);
});

test("a build whose sources change during it is not used", async (t) => {
  const clone = new FakeCheckout(t);
  const first = ended(clone.start([], { BENCHBOX_TEST_SECONDS: "0.5" }));
  await until("the build runs", () => clone.built.includes("docker"));
  clone.addPlugin("docker", "pulumi-resource-docker", "two");
  const { code, output } = await first;
  assert.equal(code, 1);
  assert.match(output, /plugins\/docker changed during the build\n {2}Fix: run this command again/);
  assert.equal((await clone.setup()).code, 0);
});

function pidOf(clone: FakeCheckout, name: string): string {
  const line = readFileSync(clone.builds, "utf8")
    .split("\n")
    .find((text) => text.startsWith(`${name} `));
  return (line ?? "").split(" ")[1] as string;
}

/** Whether a process is running; a zombie is not. */
function runs(pid: string): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Starts set-up as a user who may write to the clone, but not to the cache. */
function startAsNobody(clone: FakeCheckout, cache: string): ChildProcess {
  if (process.getuid?.() !== 0) return clone.start([], { BENCHBOX_CACHE: cache });
  chmodSync(clone.root, 0o755);
  // The real node may be in a folder that only this user can read. Set-up fails before it needs it.
  clone.addProgram("node", "echo 24.0.0");
  execFileSync("chown", ["-R", "nobody", clone.checkout]);
  const setup = join(clone.checkout, "src/toolchain/setup");
  return clone.startAs(["setpriv", "--reuid=nobody", "--clear-groups", setup], { BENCHBOX_CACHE: cache });
}
