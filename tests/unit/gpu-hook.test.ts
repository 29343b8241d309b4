import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { findEngineProcess } from "../../src/observe/engine-process.ts";
import { observeGpuHook } from "../../src/observe/gpu-hook.ts";
import { startFakeDockerd } from "../support/fake-dockerd.ts";

const folder = mkdtempSync(join(tmpdir(), "bb-hook-"));
const bin = join(folder, "bin");
const address = `unix://${folder}/docker.sock`;
let endEngine: () => void;

before(async () => {
  mkdirSync(bin);
  endEngine = await startFakeDockerd(folder, `${bin}:/nowhere`);
});
after(() => {
  endEngine();
  rmSync(folder, { recursive: true });
});

const found = async () => (await findEngineProcess(address)) ?? assert.fail("the engine's process was not found");
const put = (program: string): void => writeFileSync(join(bin, program), "", { mode: 0o755 });

test("an engine's process is found through the PID file beside its socket, with its start and its PATH", async () => {
  const { startedAt, path } = await found();
  assert.ok(Math.abs(Date.now() - startedAt) < 10_000, new Date(startedAt).toISOString());
  assert.deepEqual(path, [bin, "/nowhere"]);
});

test("a remote engine, an engine without a PID file, and another program have no engine process", async () => {
  assert.equal(await findEngineProcess("ssh://gpu"), undefined);
  assert.equal(await findEngineProcess("unix:///nowhere/docker.sock"), undefined);
  const other = mkdtempSync(join(folder, "other-"));
  writeFileSync(join(other, "docker.pid"), `${process.pid}`);
  assert.equal(await findEngineProcess(`unix://${other}/docker.sock`), undefined);
});

test("a hook is missing, or too late after the engine's start, unless the toolkit was only upgraded since", async () => {
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

test("the toolkit's base package alone provides a hook for Docker 29, but not for older engines", async () => {
  rmSync(join(bin, "nvidia-container-runtime-hook"), { force: true });
  put("nvidia-cdi-hook");
  const engine = { ...(await found()), startedAt: Date.now() + 1000 };
  assert.equal(await observeGpuHook(engine, "29.0.0"), "known");
  assert.equal(await observeGpuHook(engine, "28.5.2"), "missing");
});
