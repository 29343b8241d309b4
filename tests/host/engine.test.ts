import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { identityOf, whichProgram } from "../../src/toolchain/run.ts";
import { ended, type Ran } from "./fake-checkout.ts";

// Real daemons, each in its own folder, on a bridge of these tests and without firewall rules, so that they do not affect a running Docker
// Engine. Not --bridge=none, since a daemon with that option removes docker0, which belongs to the running one.
const bridge = `bb-test${process.pid}`.slice(0, 15);

const engine = join(import.meta.dirname, "../../src/toolchain/engine");
const needs = {
  skip:
    process.getuid?.() !== 0
      ? "starting a daemon needs root"
      : !whichProgram("dockerd") && "there is no dockerd on this host",
};

before(() => {
  if (!needs.skip) execFileSync("ip", ["link", "add", bridge, "type", "bridge"]);
  if (!needs.skip) execFileSync("ip", ["addr", "add", "198.51.100.1/24", "dev", bridge]);
});
after(() => {
  if (!needs.skip) execFileSync("ip", ["link", "delete", bridge]);
});

test("start, status and stop work for a separate Docker Engine", needs, async (t) => {
  const own = folder(t);
  const none = await run(own, "status");
  assert.equal(none.code, 1);
  assert.match(none.output, /^No Docker Engine answers on /);

  const started = await run(own, "start");
  assert.equal(started.code, 0, started.output);
  assert.match(started.output, /^The Docker Engine \S+ was started \(pid \d+; log: .*dockerd\.log\)\.\n$/);
  assert.match((await run(own, "status")).output, /is running \(pid \d+, started by this script/);
  assert.match((await run(own, "start")).output, /is already running/);
  const pid = Number(readFileSync(join(own, "dockerd.pid"), "utf8"));
  assert.equal(readFileSync(join(own, "dockerd.started"), "utf8").trim(), identityOf(pid));

  const stopped = await run(own, "stop");
  assert.equal(stopped.code, 0, stopped.output);
  assert.match(stopped.output, /^The Docker Engine was stopped\.\n$/);
  assert.equal(identityOf(pid), undefined);
  assert.deepEqual(processesNaming(own), []);
  assert.match((await run(own, "stop")).output, /nothing to stop/);
});

test("a killed Docker Engine can be started again, and stop leaves none of its helpers behind", needs, async (t) => {
  const own = folder(t);
  assert.equal((await run(own, "start")).code, 0);
  process.kill(Number(readFileSync(join(own, "dockerd.pid"), "utf8")), "SIGKILL");
  const restarted = await run(own, "start");
  assert.equal(restarted.code, 0, restarted.output);
  assert.equal((await run(own, "stop")).code, 0);
  assert.deepEqual(processesNaming(own), []);
});

test("two concurrent starts result in one Docker Engine", needs, async (t) => {
  const own = folder(t);
  const both = await Promise.all([run(own, "start"), run(own, "start")]);
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
    both.map(({ output }) => output).join("\n"),
  );
  assert.match((await run(own, "status")).output, /started by this script/);
  await run(own, "stop");
  assert.deepEqual(processesNaming(own), []);
});

test("a Docker Engine that exits during startup shows the last lines of its log at once", needs, async (t) => {
  const own = folder(t);
  const started = performance.now();
  const ran = await run(own, "start", {
    BENCHBOX_ENGINE_ARGS: `--storage-driver=none-of-them --bridge=${bridge} --iptables=false`,
  });
  assert.equal(ran.code, 1);
  assert.deepEqual(processesNaming(own), []);
  assert.match(ran.output, /^benchbox: the Docker Engine exited during startup; last lines of .*none-of-them/s);
  assert.ok(performance.now() - started < 15_000);
});

test("stop does not kill another process that reuses the pid of a stopped Docker Engine", needs, async (t) => {
  const own = folder(t);
  assert.equal((await run(own, "start")).code, 0);
  const record = join(own, "dockerd.started");
  const [, start, boot] = readFileSync(record, "utf8").trim().split(" ");
  await run(own, "stop");
  const other = spawn("sleep", ["60"]);
  t.after(() => other.kill());
  writeFileSync(record, `${other.pid} ${start} ${boot}\n`);
  assert.match((await run(own, "stop")).output, /nothing to stop/);
  assert.ok(existsSync(`/proc/${other.pid}`));
});

test("wrong arguments print the usage", async (t) => {
  const ran = await run(folder(t), "restart");
  assert.equal(ran.code, 2);
  assert.match(ran.output, /^Usage: /);
});

function run(own: string, word: string, more: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const environment = {
    ...process.env,
    BENCHBOX_ENGINE_DIR: own,
    BENCHBOX_ENGINE_ARGS: `--bridge=${bridge} --iptables=false --ip6tables=false`,
    ...more,
  };
  const child: ChildProcess = spawn(engine, [word], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  return ended(child);
}

/** A folder with a short path, since the path of a socket may not exceed 107 bytes. */
function folder(t: TestContext): string {
  const own = mkdtempSync(join(tmpdir(), "bb engine-"));
  t.after(async () => {
    await run(own, "stop");
    rmSync(own, { recursive: true, force: true });
  });
  return own;
}

function processesNaming(own: string): string[] {
  return [...processes()]
    .filter(([, line]) => line.includes(own) && /containerd|dockerd/.test(line))
    .map(([, line]) => line);
}

function* processes(): Generator<[string, string]> {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      yield [pid, readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
    } catch {}
  }
}
