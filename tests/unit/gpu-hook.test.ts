import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { findEngineProcess } from "../../observe/engine-process.ts";
import { observeGpuHook } from "../../observe/gpu-hook.ts";

const folder = mkdtempSync(join(tmpdir(), "bb-hook-"));
const bin = join(folder, "bin");
const address = `unix://${folder}/docker.sock`;
let engine: ChildProcess;

/** A process whose name is the engine's, with a folder of the test's as its PATH: a fake of dockerd that only waits. */
before(async () => {
  mkdirSync(bin);
  copyFileSync("/bin/sleep", join(folder, "dockerd"));
  engine = spawn(join(folder, "dockerd"), ["600"], { env: { PATH: `${bin}:/nowhere` }, stdio: "ignore" });
  writeFileSync(join(folder, "docker.pid"), `${engine.pid}`);
  await sleep(1100); // see EngineProcess.startedAt
});
after(() => {
  engine.kill();
  rmSync(folder, { recursive: true });
});

const found = async () => (await findEngineProcess(address)) ?? assert.fail("the engine's process was not found");
const put = (program: string): void => writeFileSync(join(bin, program), "", { mode: 0o755 });

test("an engine's process is found beside its socket, with its start and its PATH", async () => {
  const { startedAt, path } = await found();
  assert.ok(Math.abs(Date.now() - startedAt) < 10_000, new Date(startedAt).toISOString());
  assert.deepEqual(path, [bin, "/nowhere"]);
});

test("another computer's engine, one without a file of its process, and another program have none", async () => {
  assert.equal(await findEngineProcess("ssh://gpu"), undefined);
  assert.equal(await findEngineProcess("unix:///nowhere/docker.sock"), undefined);
  const other = mkdtempSync(join(folder, "other-"));
  writeFileSync(join(other, "docker.pid"), `${process.pid}`);
  assert.equal(await findEngineProcess(`unix://${other}/docker.sock`), undefined);
});

test("a hook is missing, or came after the engine's start, unless the toolkit was there before and was only upgraded", async () => {
  const none = join(folder, "no-toolkit");
  const engine = await found();
  assert.equal(await observeGpuHook(engine, "28.5.2", none), "missing");
  assert.equal(
    await observeGpuHook({ ...engine, path: undefined }, "28.5.2", none),
    undefined,
    "a PATH not to be seen",
  );
  put("nvidia-container-runtime-hook");
  assert.equal(await observeGpuHook(engine, "28.5.2", none), "too-late");
  assert.equal(
    await observeGpuHook(engine, "28.5.2", "/usr"),
    "known",
    "a folder that is older than the engine's process",
  );
  const restarted = { ...engine, startedAt: Date.now() + 1000 };
  assert.equal(await observeGpuHook(restarted, "28.5.2", none), "known");
});

test("the toolkit's base package alone is a hook for Docker 29, and none for older engines", async () => {
  rmSync(join(bin, "nvidia-container-runtime-hook"), { force: true });
  put("nvidia-cdi-hook");
  const engine = { ...(await found()), startedAt: Date.now() + 1000 };
  assert.equal(await observeGpuHook(engine, "29.0.0"), "known");
  assert.equal(await observeGpuHook(engine, "28.5.2"), "missing");
});
