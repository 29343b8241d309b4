import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type HostLimits, planLimits } from "../../lib/limits.ts";
import { sizeInBytes, sizeText } from "../../lib/size.ts";
import { observeUlimits } from "../../observe/limits.ts";

const gib = 2 ** 30;
const usual = { shm: 8 * gib };
const roomy: HostLimits = { ulimits: { memlock: Number.POSITIVE_INFINITY, stack: Number.POSITIVE_INFINITY } };
const narrow: HostLimits = { ulimits: { memlock: 8 << 20, stack: Number.POSITIVE_INFINITY } };
const both = [
  { name: "memlock", soft: -1, hard: -1 },
  { name: "stack", soft: 67108864, hard: 67108864 },
];

test("by itself a box has room in /dev/shm, and the limits that NVIDIA advises", () => {
  const { args, warnings, problems } = planLimits(usual, roomy, undefined, true);
  assert.deepEqual(args, { shmSize: 8192, ulimits: both });
  assert.deepEqual([warnings, problems], [[], []]);
});

test("a limit that the engine may not set is left out, which is told where there is a GPU", () => {
  const { args, warnings } = planLimits(usual, narrow, undefined, true);
  assert.deepEqual(args.ulimits, [both[1]]);
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? "",
    /engine's own limit for memlock, 8m, where NVIDIA advises unlimited\. .*LimitMEMLOCK=inf/,
  );
  assert.deepEqual(planLimits(usual, narrow, undefined, false).warnings, []);
});

test("a written limit that the engine may not set is refused, since the box would not start", () => {
  const { problems } = planLimits({ ...usual, memlock: "unlimited" }, narrow, undefined, false);
  assert.match(
    problems.join(),
    /limits\.memlock is unlimited, and the Docker Engine's own limit is 8m: the box would not/,
  );
  assert.deepEqual(planLimits({ ...usual, memlock: 4 << 20 }, narrow, undefined, false).problems, []);
});

test("nothing is advised where the engine's machine cannot be seen, and what is written counts", () => {
  assert.equal(planLimits(usual, {}, undefined, true).args.ulimits, undefined);
  assert.deepEqual(planLimits({ ...usual, memlock: "unlimited" }, {}, undefined, true).args.ulimits, [both[0]]);
});

test("a box that is there keeps the advice that it was made by, as long as it can start", () => {
  assert.equal(planLimits(usual, roomy, [], true).args.ulimits, undefined, "the engine allows more than before");
  assert.deepEqual(planLimits(usual, {}, ["memlock", "stack"], true).args.ulimits, both);
  assert.deepEqual(planLimits(usual, narrow, ["memlock", "stack"], true).args.ulimits, [both[1]]);
});

test("CPUs and memory are set in the forms that the plugin reads back", () => {
  const limits = { ...usual, cpus: 1.5, memory: 2 * gib };
  const { args } = planLimits(limits, { NCPU: 2, MemTotal: 4 * gib, SwapLimit: true }, undefined, false);
  assert.deepEqual(args, { shmSize: 8192, cpuPeriod: 100000, cpuQuota: 150000, memory: 2048, memorySwap: 2048 });
  assert.equal(planLimits(limits, { SwapLimit: false }, undefined, false).args.memorySwap, -1);
});

test("more than the machine has is refused", () => {
  const { problems } = planLimits(
    { ...usual, cpus: 4, memory: 8 * gib },
    { NCPU: 2, MemTotal: 4 * gib },
    undefined,
    true,
  );
  assert.match(problems.join("\n"), /cpus is 4, and the machine has 2\..*\n.*memory is 8g, and the machine has 4g\./);
});

test("sizes are read and said in powers of 1024", () => {
  assert.equal(sizeInBytes("64m"), 64 << 20);
  assert.equal(sizeInBytes("8GiB"), 8 * gib);
  for (const text of ["8", "g", "-1g", "1.5g", "8 g", "0g"]) assert.equal(sizeInBytes(text), undefined, text);
  assert.equal(sizeText(8 * gib), "8g");
  assert.equal(sizeText(1536 << 20), "1536m");
});

test("an engine's limits are those of its process, unless it may raise them", async () => {
  const processes = mkdtempSync(join(tmpdir(), "bb-proc-"));
  const limits = [
    "Limit                     Soft Limit           Hard Limit           Units     ",
    "Max stack size            8388608              unlimited            bytes     ",
    "Max locked memory         4194304              8388608              bytes     ",
  ].join("\n");
  const engine = (id: number, name: string, capabilities: string) => {
    const folder = join(processes, String(id));
    mkdirSync(folder);
    writeFileSync(join(folder, "comm"), `${name}\n`);
    writeFileSync(join(folder, "limits"), limits);
    writeFileSync(join(folder, "status"), `Name:\t${name}\nCapEff:\t${capabilities}\n`);
  };
  try {
    engine(1, "bash", "0000000000000000");
    assert.equal(await observeUlimits(false, processes), undefined);
    engine(2, "dockerd", "000001ffffffffff");
    const free = { memlock: Number.POSITIVE_INFINITY, stack: Number.POSITIVE_INFINITY };
    const bound = { memlock: 8388608, stack: Number.POSITIVE_INFINITY };
    assert.deepEqual(await observeUlimits(false, processes), free);
    assert.deepEqual(await observeUlimits(true, processes), bound, "rootless");
    engine(3, "dockerd", "00000000a80425fb");
    assert.deepEqual(await observeUlimits(false, processes), bound, "the lowest of several");
  } finally {
    rmSync(processes, { recursive: true });
  }
});
