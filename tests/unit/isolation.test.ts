import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { idList, normalIds, readIds } from "../../src/model/id-list.ts";
import { limitChanges, updateOptions } from "../../src/model/running-limits.ts";
import { readGpuNuma } from "../../src/observe/gpu-numa.ts";
import type { Gpu } from "../../src/observe/nvidia-smi.ts";
import { planHardware } from "../../src/plan/hardware-plan.ts";
import { planLimits } from "../../src/plan/limits.ts";
import { plainHost, plainMachine } from "../support/machine.ts";
import { loadStack, stackProblems } from "../support/stack.ts";

const folder = mkdtempSync(join(tmpdir(), "benchbox-numa-"));
after(() => rmSync(folder, { recursive: true }));

const limitsOf = (text: string) => loadStack(`  benchbox:limits: ${text}\n`).limits;

test("lists of CPUs have one form", () => {
  assert.deepEqual(readIds("0-2,8,1"), [0, 1, 2, 8]);
  assert.equal(idList([3, 1, 2, 8]), "1-3,8");
  assert.equal(normalIds("0,1,2,3"), "0-3");
  assert.deepEqual([readIds("3-1"), readIds("a"), readIds("1,")], [undefined, undefined, undefined]);
});

test("CPUs, memory nodes, huge pages and priorities are read, and a wrong one is refused with its line", () => {
  const { cpuset, cpusetMems, hugepages, nproc, rtprio, oomScoreAdj } = limitsOf(
    '{ cpuset: "1,0,5", cpuset_mems: 0, hugepages: 2m, nproc: 4096, rtprio: 50, oom_score_adj: 500 }',
  );
  assert.deepEqual([cpuset, cpusetMems, hugepages, nproc, rtprio, oomScoreAdj], ["0-1,5", "0", "2m", 4096, 50, 500]);
  assert.equal(limitsOf("{ cpuset: gpu }").cpuset, "gpu");
  const lines = ["cpuset: some", "cpuset_mems: 3-1", "hugepages: 4k", "rtprio: 100", "oom_score_adj: -5", "nproc: 1"];
  assert.deepEqual(stackProblems(`  benchbox:limits:\n${lines.map((line) => `    ${line}\n`).join("")}`), [
    '3: limits.cpuset: "some" must be a list of CPUs, for example 0-7,16, or gpu',
    '4: limits.cpuset_mems: "3-1" must be a list of NUMA nodes, for example 0, or gpu',
    '5: limits.hugepages: "4k" must be the size of a page, "2m" or "1g"',
    "6: limits.rtprio: 100 must be at most 99",
    "7: limits.oom_score_adj: -5 must be at least 0: a box must not be killed later than the host's own services",
    "8: limits.nproc: 1 must be at least 256: a few sessions use that many",
  ]);
});

test("huge pages are a mount", () => {
  const [mount] = loadStack("  benchbox:limits: { hugepages: 1g }\n").mounts;
  assert.ok(mount && "created" in mount);
  assert.deepEqual([mount.path, mount.created?.options.o], ["/dev/hugepages", "pagesize=1G,mode=1777"]);
});

test("the CPUs of a running box are changed in place, and all of them are no limit", () => {
  const host = { cpus: 8, nodes: "0-1" };
  assert.deepEqual(updateOptions({ cpuset: "0-3", cpusetMems: "1" }, {}, host), [
    "--cpuset-cpus=0-3",
    "--cpuset-mems=1",
  ]);
  const pinned = { CpusetCpus: "0,1,2,3", CpusetMems: "1" };
  assert.deepEqual(updateOptions({ cpuset: "0-3", cpusetMems: "1" }, pinned, host), []);
  assert.deepEqual(limitChanges({ cpuset: "0-1" }, pinned, host), [
    { name: "cpuset", found: "0-3", wanted: "0-1" },
    { name: "cpusetMems", found: "1", wanted: "all" },
  ]);
  const lifted = updateOptions({}, pinned, host);
  assert.deepEqual(lifted, ["--cpuset-cpus=0-7", "--cpuset-mems=0-1"]);
  assert.deepEqual(limitChanges({}, { CpusetCpus: "0-7", CpusetMems: "0-1" }, host), []);
  assert.deepEqual(updateOptions({}, pinned, { cpus: 8 }), ["--cpuset-cpus=0-7"], "the nodes are not known now");
});

test("`cpuset: gpu` is the NUMA node of the box's GPUs", () => {
  const uuids = ["GPU-a", "GPU-b", "GPU-c"];
  const places = { "0000:65:00.0": ["1", "8-15"], "0000:b1:00.0": ["3", "24-31"], "0000:17:00.0": ["-1", "0-31"] };
  for (const [bus, [node, cpus]] of Object.entries(places)) {
    mkdirSync(join(folder, bus));
    writeFileSync(join(folder, bus, "numa_node"), `${node}\n`);
    writeFileSync(join(folder, bus, "local_cpulist"), `${cpus}\n`);
  }
  const rows = "GPU-a, 00000000:65:00.0\nGPU-b, 00000000:B1:00.0\nGPU-c, 00000000:17:00.0\nGPU-d, 00000000:99:00.0\n";
  const gpuNuma = readGpuNuma(rows, folder);
  assert.deepEqual(gpuNuma, {
    "GPU-a": { cpus: "8-15", node: "1" },
    "GPU-b": { cpus: "24-31", node: "3" },
    "GPU-c": { cpus: "0-31", node: undefined },
  });
  const gpus = uuids.map((uuid, index): Gpu => {
    return { index, uuid, name: "H200", driver: "570.1", maxClocks: {}, applicationClocks: {} };
  });
  const planned = (devices: readonly string[] | "none", host: object = { gpus, gpuNuma }) => {
    const machine = {
      ...plainMachine,
      gpu: { devices, mode: "auto" as const },
      limits: limitsOf("{ cpuset: gpu, cpuset_mems: gpu }"),
    };
    const engine = { ...plainHost.engine, NCPU: 32 };
    const { limits } = planHardware(machine, {
      host: { ...plainHost, engine, ...host },
      box: { state: "absent", steps: new Map() },
    });
    return { ...limits.running, errors: limits.findings.map(({ subject }) => subject) };
  };
  const both = planned(["0", "1"]);
  assert.deepEqual([both.cpuset, both.cpusetMems, both.errors], ["8-15,24-31", "1,3", []]);
  const single = planned(["2"]);
  assert.deepEqual([single.cpuset, single.cpusetMems, single.errors], [undefined, undefined, []]);
  const unseen = ["benchbox:limits.cpuset", "benchbox:limits.cpuset_mems"];
  assert.deepEqual(planned("none").errors, unseen);
  assert.deepEqual(planned(["0"], {}).errors, unseen);
});

test("CPUs that the host does not have, and missing huge pages, are reported before anything changes", () => {
  const found = (text: string, host: object) =>
    planLimits(
      limitsOf(text),
      { isRemote: false, onlineCpus: "0-7", onlineNodes: "0", ...host },
      {},
      false,
    ).findings.map(({ severity, found: what }) => `${severity}: ${what}`);
  assert.deepEqual(found("{ cpuset: 6-9, cpuset_mems: 1 }", {}), [
    "error: 6-9, but the host has the CPUs 0-7",
    "error: 1, but the host has the memory nodes 0",
  ]);
  assert.deepEqual(found("{ cpuset: 0-7 }", {}), []);
  assert.deepEqual(found("{ cpuset: 6-9 }", { onlineCpus: undefined }), []);
  assert.deepEqual(found("{ hugepages: 2m }", { hugepages: 0 }), [
    "warning: the host has reserved no pages of 2m, so programs cannot get any",
  ]);
  assert.match(found("{ hugepages: 1g }", {}).join(), /error: 1g, but the kernel has no pages of that size/);
  assert.deepEqual(found("{ hugepages: 1g }", { hugepages: 4 }), []);
});

test("ulimits of processes and priorities are the container's", () => {
  const { args } = planLimits(limitsOf("{ nproc: 4096, rtprio: 50 }"), {}, {}, false);
  assert.deepEqual(args.ulimits, [
    { name: "nproc", soft: 4096, hard: 4096 },
    { name: "rtprio", soft: 50, hard: 50 },
  ]);
});

test("an oom_score_adj that somebody changed, or that the stack no longer sets, is drift", () => {
  const changes = (text: string, oomScoreAdj?: number) =>
    planLimits(
      limitsOf(text),
      {},
      { engineLimits: { PidsLimit: 16384, RestartPolicy: { Name: "unless-stopped" } }, oomScoreAdj },
      false,
    ).changes;
  assert.deepEqual(changes("{ oom_score_adj: 500 }", 500), []);
  assert.deepEqual(changes("{}"), []);
  assert.deepEqual(changes("{ oom_score_adj: 500 }"), [{ name: "oom_score_adj", found: "0", wanted: "500" }]);
  assert.deepEqual(changes("{}", 500), [{ name: "oom_score_adj", found: "500", wanted: "0" }]);
});
