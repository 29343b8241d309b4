import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { toolkitVersion } from "../../src/observe/container-toolkit.ts";
import { askGpus, type Gpu, type NoGpus, readGpus } from "../../src/observe/nvidia-smi.ts";

const path = process.env.PATH;
let bin: string;
before(() => {
  bin = mkdtempSync(join(tmpdir(), "benchbox-smi-"));
  symlinkSync(join(import.meta.dirname, "../support/stand-in-nvidia-smi"), join(bin, "nvidia-smi"));
  process.env.PATH = `${bin}:${path}`;
});
after(() => {
  process.env.PATH = path;
  rmSync(bin, { recursive: true });
});

/** The GPUs read from a recorded answer, which a fake nvidia-smi prints. */
async function asked(recording: string): Promise<readonly Gpu[] | NoGpus> {
  process.env.BENCHBOX_TEST_NVIDIA_SMI = join(import.meta.dirname, "../fixtures/nvidia-smi", recording);
  return askGpus();
}
async function gpusOf(recording: string): Promise<readonly Gpu[]> {
  const gpus = await asked(recording);
  return "problem" in gpus ? assert.fail(gpus.reason) : gpus;
}

test("a data-centre driver reports everything, in the order of the indices", async () => {
  const gpus = await gpusOf("535.104.05-a100.csv");
  assert.deepEqual(
    gpus.map(({ index, mig }) => [index, mig]),
    [
      [0, "off"],
      [1, "on"],
    ],
  );
  assert.deepEqual(gpus[0], {
    index: 0,
    uuid: "GPU-3b9d6e8f-1a0c-4e4d-9c2b-6f5a4b3c2d01",
    name: "NVIDIA A100-SXM4-80GB",
    driver: "535.104.05",
    memoryMiB: 81920,
    persistence: "on",
    maxClocks: { sm: 1410, memory: 1593 },
    applicationClocks: { sm: 1275, memory: 1593 },
    mig: "off",
  });
});

test("what a card does not support is undefined, in every version's spelling", async () => {
  for (const recording of [
    "470.182.03-geforce-gtx-1080-ti.csv",
    "570.133.20-geforce-rtx-4090.csv",
    "595.71.05-gb10.csv",
  ]) {
    const [gpu] = await gpusOf(recording);
    assert.deepEqual(gpu?.applicationClocks, { sm: undefined, memory: undefined }, recording);
    assert.equal(gpu?.mig, undefined, recording);
    assert.ok(gpu?.maxClocks.sm, recording);
  }
  const [shared] = await gpusOf("595.71.05-gb10.csv");
  assert.deepEqual([shared?.memoryMiB, shared?.maxClocks.memory], [undefined, undefined]);
});

test("a driver older than a field is queried without it", async () => {
  const [gpu] = await gpusOf("384.130-quadro-p2000.csv");
  assert.deepEqual([gpu?.driver, gpu?.memoryMiB, gpu?.persistence, gpu?.mig], ["384.130", 5059, "off", undefined]);
});

test("each failure has its own problem and reason", async () => {
  const reasons = { mismatch: /mismatch/, "no-driver": /couldn't communicate/, lost: /0000:65:00/ };
  for (const [problem, words] of Object.entries(reasons)) {
    const answer = await asked(`${problem}.txt`);
    assert.ok("problem" in answer, problem);
    assert.equal(answer.problem, problem);
    assert.match(answer.reason, words);
  }
  const unknown = await asked("unknown-error.txt");
  assert.ok("problem" in unknown && unknown.problem === "failed");
  assert.deepEqual(await asked("no-devices.txt"), []);
});

test("a missing nvidia-smi is reported as absent", async () => {
  process.env.PATH = "/nowhere";
  try {
    const answer = await askGpus();
    assert.ok("problem" in answer && answer.problem === "absent");
  } finally {
    process.env.PATH = `${bin}:${path}`;
  }
});

test("unexpected output, and no output, are failures without GPUs", () => {
  const half = readGpus({ ok: true, stdout: "0, GPU-1\n", stderr: "" }, ["index", "uuid", "name"]);
  assert.ok("problem" in half && /unexpected output of nvidia-smi: 0, GPU-1/.test(half.reason));
  const silent = readGpus({ ok: false, stdout: "", stderr: "" }, ["index"]);
  assert.ok("problem" in silent && /does not answer in time/.test(silent.reason));
});

test("the toolkit's version is read from either of its programs", () => {
  assert.equal(toolkitVersion("NVIDIA Container Toolkit CLI version 1.17.8\ncommit: f202b80a\n"), "1.17.8");
  assert.equal(toolkitVersion("cli-version: 1.14.3\nlib-version: 1.14.3\nbuild date: 2023-10-19\n"), "1.14.3");
  assert.equal(toolkitVersion("version: 1.7.0\nbuild date: 2021\n"), "1.7.0");
  assert.equal(toolkitVersion(""), undefined);
});
