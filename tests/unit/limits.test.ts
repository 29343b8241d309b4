import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { tableOf } from "../../src/checks/result-table.ts";
import type { Limits } from "../../src/model/machine.ts";
import { limitChanges, readRunningLimits, restartPolicy, updateOptions } from "../../src/model/running-limits.ts";
import { sizeInBytes, sizeText } from "../../src/model/size.ts";
import { observeUlimits } from "../../src/observe/ulimits.ts";
import { type HostLimits, type LimitsPlan, planLimits } from "../../src/plan/limits.ts";
import { plainMachine } from "../support/machine.ts";
import { recordedEngines } from "../support/recorded-engines.ts";

const gib = 2 ** 30;
const usual: Limits = plainMachine.limits;
const infinite = Number.POSITIVE_INFINITY;
const free = { memlock: infinite, stack: infinite, nofile: 1048576, nproc: infinite, rtprio: infinite };
const roomy: HostLimits = { ulimits: free };
const narrow: HostLimits = { ulimits: { ...free, memlock: 8 << 20 } };
const log = { logDriver: "json-file", logOpts: { "max-size": "10m", "max-file": "3" } };
const both = [
  { name: "memlock", soft: -1, hard: -1 },
  { name: "stack", soft: 67108864, hard: 67108864 },
];
const textOf = ({ findings }: LimitsPlan): string => tableOf(findings).join("\n");

test("by default a box has a large /dev/shm, the limits that NVIDIA recommends, and too few processes for a fork bomb", () => {
  const plan = planLimits(usual, roomy, {}, true);
  assert.deepEqual(plan.args, { shmSize: 8192, ulimits: both, ...log });
  assert.deepEqual(plan.running, {
    cpus: undefined,
    memory: undefined,
    swap: undefined,
    pids: 16384,
    restart: restartPolicy,
  });
  assert.deepEqual([plan.findings, plan.changes], [[], []]);
});

test("a recommended limit that the Docker Engine may not set is omitted, with a warning where there is a GPU", () => {
  const plan = planLimits(usual, narrow, {}, true);
  assert.deepEqual(plan.args.ulimits, [both[1]]);
  assert.match(
    textOf(plan),
    /^! benchbox:limits\.memlock .*own limit, 8m\n +required: unlimited, as NVIDIA advises\n +Fix: LimitMEMLOCK=inf.*$/,
  );
  assert.deepEqual(planLimits(usual, narrow, {}, false).findings, []);
});

test("a configured limit that the Docker Engine may not set is refused, because the box would not start", () => {
  const plan = planLimits({ ...usual, memlock: "unlimited", nofile: 2097152 }, narrow, {}, false);
  assert.match(
    textOf(plan),
    /^x benchbox:limits\.memlock +unlimited, but the Docker Engine's own limit is 8m: the box would not/m,
  );
  assert.match(
    textOf(plan),
    /^x benchbox:limits\.nofile +2097152, but the Docker Engine's own limit is 1048576: the box/m,
  );
  assert.deepEqual(planLimits({ ...usual, memlock: 4 << 20 }, narrow, {}, false).findings, []);
});

test("nothing is recommended where the Docker host is not visible, and configured limits apply", () => {
  assert.equal(planLimits(usual, {}, {}, true).args.ulimits, undefined);
  assert.deepEqual(planLimits({ ...usual, memlock: "unlimited" }, {}, {}, true).args.ulimits, [both[0]]);
  const nofile = { name: "nofile", soft: 4096, hard: 4096 };
  assert.deepEqual(planLimits({ ...usual, nofile: 4096 }, {}, {}, true).args.ulimits, [nofile]);
});

test("an existing box keeps the recommended limits that it was created with, as long as it can start", () => {
  const made = (...ulimits: string[]) => ({ ulimits });
  assert.equal(
    planLimits(usual, roomy, made(), true).args.ulimits,
    undefined,
    "the Docker Engine allows more than before",
  );
  assert.deepEqual(planLimits(usual, {}, made("memlock", "stack"), true).args.ulimits, both);
  assert.deepEqual(planLimits(usual, narrow, made("memlock", "stack"), true).args.ulimits, [both[1]]);
});

test("limits above the host's resources, and those that its kernel cannot set, are refused", () => {
  const large = planLimits({ ...usual, cpus: 4, memory: 8 * gib }, { NCPU: 2, MemTotal: 4 * gib }, {}, true);
  assert.match(textOf(large), /cpus +4, but the host has 2\n[\s\S]*memory +8g, but the host has 4g\n/);
  const asked: Limits = { ...usual, cpus: 1, memory: gib, swap: gib, pids: 1000 };
  const cannot = { CpuCfsQuota: false, MemoryLimit: false, SwapLimit: false, PidsLimit: false };
  const { findings, running } = planLimits(asked, cannot, {}, false);
  assert.deepEqual(
    findings.map(({ subject, severity }) => `${severity} ${subject.split(".").at(-1)}`),
    ["error cpus", "error memory", "error swap", "error pids"],
  );
  assert.deepEqual(running, {
    cpus: undefined,
    memory: undefined,
    swap: undefined,
    pids: undefined,
    restart: restartPolicy,
  });
  assert.deepEqual(planLimits(usual, cannot, {}, false).findings, [], "nothing is configured");
});

/** The settings of a container after `docker update` with these options. */
function updated(options: readonly string[], before = {}): object {
  const fields: Record<string, string> = {
    "--cpus": "NanoCpus",
    "--cpu-quota": "CpuQuota",
    "--cpu-period": "CpuPeriod",
    "--memory": "Memory",
    "--memory-swap": "MemorySwap",
    "--pids-limit": "PidsLimit",
  };
  const set = options.map((option) => {
    const [name = "", value] = option.split("=");
    return [fields[name] ?? assert.fail(option), Number(value) * (name === "--cpus" ? 1e9 : 1)];
  });
  return { ...before, ...Object.fromEntries(set) };
}

test("ipc: host is refused on Docker Engines that cannot give it to a container", () => {
  const limits = { ...plainMachine.limits, ipc: "host" } as const;
  const found = (SecurityOptions: readonly string[], ipc: Limits["ipc"] = "host") =>
    planLimits({ ...limits, ipc }, { SecurityOptions }, {}, false).findings.map(({ found }) => found);
  assert.deepEqual(found(recordedEngines.plain.SecurityOptions), []);
  assert.match(
    found(recordedEngines.remapped.SecurityOptions).join(),
    /^host, which a Docker Engine with userns-remap cannot/,
  );
  assert.match(found(recordedEngines.rootless.SecurityOptions).join(), /^host, which a rootless Docker Engine cannot/);
  assert.deepEqual(found(recordedEngines.rootless.SecurityOptions, "private"), []);
});

test("an update sets the limits that differ, and nothing else, and can be reverted", () => {
  const wanted = { cpus: 1.5, memory: 2 * gib, swap: gib, pids: 100, restart: undefined };
  const options = updateOptions(wanted, {}, { cpus: 4 });
  const bytes = [`--memory=${2 * gib}`, `--memory-swap=${3 * gib}`];
  assert.deepEqual(options, ["--cpus=1.5", ...bytes, "--pids-limit=100"]);
  const limited = updated(options);
  assert.deepEqual(readRunningLimits(limited, { cpus: 4 }), wanted);
  assert.deepEqual([updateOptions(wanted, limited, { cpus: 4 }), limitChanges(wanted, limited, { cpus: 4 })], [[], []]);
  assert.deepEqual(updateOptions({ ...wanted, pids: 200 }, limited, { cpus: 4 }), ["--pids-limit=200"]);
  const none = updated(updateOptions({}, limited, { cpus: 4 }), limited);
  assert.deepEqual(readRunningLimits(none, { cpus: 4 }), {
    cpus: undefined,
    memory: undefined,
    swap: undefined,
    pids: undefined,
    restart: undefined,
  });
  assert.deepEqual(updateOptions({}, none, { cpus: 4 }), []);
});

test("a limit that was changed by hand is detected in each form of the Docker Engine, and reset in the same form", () => {
  const quota = { CpuPeriod: 50_000, CpuQuota: 25_000 };
  assert.deepEqual(limitChanges({ cpus: 2 }, quota, { cpus: 4 }), [{ name: "cpus", found: "0.5", wanted: "2" }]);
  assert.deepEqual(updateOptions({ cpus: 2 }, quota, { cpus: 4 }), ["--cpu-period=50000", "--cpu-quota=100000"]);
  assert.deepEqual(limitChanges({ pids: 100 }, { Memory: gib, MemorySwap: 2 * gib, PidsLimit: null }, { cpus: 4 }), [
    { name: "memory", found: "1g", wanted: "unlimited" },
    { name: "swap", found: "1g", wanted: "unlimited" },
    { name: "pids", found: "unlimited", wanted: "100" },
  ]);
});

test("a restart policy that was changed by hand is reset", () => {
  const { running } = planLimits(usual, {}, {}, false);
  const byHand = { PidsLimit: 16384, RestartPolicy: { Name: "no" } };
  assert.deepEqual(limitChanges(running, byHand, { cpus: 4 }), [
    { name: "restart", found: "no", wanted: restartPolicy },
  ]);
  assert.deepEqual(updateOptions(running, byHand, { cpus: 4 }), [`--restart=${restartPolicy}`]);
});

test("where the kernel cannot limit swap, memory alone is limited", () => {
  const { running } = planLimits({ ...usual, memory: gib }, { SwapLimit: false }, {}, false);
  const made = { PidsLimit: 16384, RestartPolicy: { Name: restartPolicy } };
  const options = updateOptions(running, made, { cpus: 4 });
  assert.deepEqual(options, [`--memory=${gib}`, "--memory-swap=-1"]);
  assert.deepEqual(updateOptions(running, updated(options, made), { cpus: 4 }), []);
});

test("sizes are parsed and formatted in powers of 1024", () => {
  assert.equal(sizeInBytes("64m"), 64 << 20);
  assert.equal(sizeInBytes("8GiB"), 8 * gib);
  for (const text of ["8", "g", "-1g", "1.5g", "8 g", "0g"]) assert.equal(sizeInBytes(text), undefined, text);
  assert.equal(sizeText(8 * gib), "8g");
  assert.equal(sizeText(1536 << 20), "1536m");
});

test("a Docker Engine's limits are those of its process, unless it may raise them", () => {
  const processes = mkdtempSync(join(tmpdir(), "bb-proc-"));
  const limits = [
    "Limit                     Soft Limit           Hard Limit           Units     ",
    "Max stack size            8388608              unlimited            bytes     ",
    "Max locked memory         4194304              8388608              bytes     ",
    "Max open files            1024                 524288               files     ",
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
    assert.equal(observeUlimits(false, processes), undefined);
    engine(2, "dockerd", "000001ffffffffff");
    const bound = { ...free, memlock: 8388608, nofile: 524288 };
    assert.deepEqual(observeUlimits(false, processes), { ...free, nofile: Number.POSITIVE_INFINITY });
    mkdirSync(join(processes, "sys/fs"), { recursive: true });
    writeFileSync(join(processes, "sys/fs/nr_open"), "1048576\n");
    assert.deepEqual(observeUlimits(false, processes), free, "never more files than the kernel's bound");
    assert.deepEqual(observeUlimits(true, processes), bound, "rootless");
    engine(3, "dockerd", "00000000a80425fb");
    assert.deepEqual(observeUlimits(false, processes), bound, "the lowest of several");
  } finally {
    rmSync(processes, { recursive: true });
  }
});
