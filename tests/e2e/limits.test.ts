import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Clone, docker, freePort } from "../support/clone.ts";
import { appliedSteps, assertSilent, assertSilentInFull, plannedSteps } from "./plan.ts";

/** A box with every limit set. */
describe("the limits of a box", { concurrency: 1 }, () => {
  let clone: Clone;
  const log = "log: { max_size: 5m, max_file: 2 }";
  const limits = `  benchbox:limits: { shm: 256m, memlock: 4m, stack: 64m, nofile: 4096, cpus: 1, memory: 1g, ipc: shareable, ${log} }\n`;
  const file = () => `Pulumi.${clone.stack}.yaml`;

  before(async () => {
    clone = new Clone(`lim${process.pid}`, await freePort());
    clone.usePreparedBase();
    clone.write(file(), clone.read(file()) + limits);
    clone.firstRun();
    await clone.up();
  });
  after(async () => {
    await clone.purge();
    clone.remove();
  });

  const containerId = (): string => docker("container", "inspect", "--format", "{{.Id}}", clone.name);
  const setLimits = (from: string, to: string): void => clone.replaceIn(file(), from, to);
  /** The limits in the kernel, from either version of cgroups. */
  const inKernel = (): { cpus: number; memory: string; pids: string } => {
    const [quota = "", period = "", memory = "", pids = ""] = inBox(
      "cd /sys/fs/cgroup; if [ -f cpu.max ]; then cat cpu.max memory.max pids.max; else",
      "cat cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us memory/memory.limit_in_bytes pids/pids.max; fi | xargs",
    ).split(" ");
    return { cpus: Number(quota) / Number(period), memory, pids };
  };
  const inBox = (...words: string[]): string => docker("exec", clone.name, "bash", "-c", words.join(" "));
  const isSilent = (): Promise<void> => assertSilent(clone);

  test("are in effect in the box", () => {
    assert.equal(inBox("df --output=size --block-size=1M /dev/shm | tail -n 1").trim(), "256");
    assert.equal(inBox("ulimit -l; ulimit -s"), "4096\n65536");
    assert.equal(inBox("ulimit -n"), "4096");
    assert.deepEqual(inKernel(), { cpus: 1, memory: String(2 ** 30), pids: "16384" });
    const { HostConfig } = JSON.parse(docker("container", "inspect", clone.name))[0];
    const { MemorySwap, IpcMode, LogConfig } = HostConfig;
    assert.deepEqual([MemorySwap, IpcMode], [2 ** 30, "shareable"]);
    assert.deepEqual(LogConfig.Config, { "max-file": "2", "max-size": "5m" });
  });

  test("plan no change for an unchanged box", isSilent);

  test("are changed while the box runs, and lifted when they are removed from the file", async () => {
    const id = containerId();
    docker("exec", "--detach", clone.name, "sleep", "600");
    setLimits("cpus: 1, memory: 1g", "cpus: 1.5, memory: 2g, swap: 1g, pids: 1000");
    const output = await clone.up();
    assert.deepEqual(appliedSteps(clone, output), ["replace start"]);
    for (const [name, actual, desired] of [
      ["cpus", "1", "1.5"],
      ["memory", "1g", "2g"],
      ["swap", "0", "1g"],
      ["pids", "16384", "1000"],
    ]) {
      assert.ok(output.includes(`${name}: ${actual}; desired: ${desired}.`), output);
    }
    assert.equal(containerId(), id);
    assert.deepEqual(inKernel(), { cpus: 1.5, memory: String(2 ** 31), pids: "1000" });
    await isSilent();
    setLimits("cpus: 1.5, memory: 2g, swap: 1g, pids: 1000", "cpus: 1, pids: unlimited");
    await clone.up();
    assert.equal(containerId(), id);
    const { memory, pids } = inKernel();
    assert.equal(pids, "max");
    assert.ok(memory === "max" || Number(memory) >= 2 ** 50, memory);
    assert.match(inBox("pgrep -a sleep"), /sleep 600/, "the box's programs keep running");
    await isSilent();
  });

  test("are kept by a restart", async () => {
    docker("restart", "--time", "5", clone.name);
    assert.deepEqual([inKernel().cpus, inKernel().pids], [1, "max"]);
    await isSilent();
  });

  test("with the host's IPC, replace the container once, and then plan no change", async () => {
    setLimits("shm: 256m, ", "");
    setLimits("ipc: shareable", "ipc: host");
    assert.ok((await plannedSteps(clone)).includes("replace container"));
    await clone.up();
    assert.equal(docker("inspect", "--format", "{{.HostConfig.IpcMode}}", clone.name), "host");
    await assertSilentInFull(clone);
  });

  test("that the Docker Engine cannot set, or that exceed the host, are refused before anything changes", async () => {
    const text = clone.read(file());
    clone.write(file(), text.replace("cpus: 1", "cpus: 4096"));
    const runs = [
      await clone.run(["bin/benchbox", "up", clone.stack]),
      await clone.run(["bin/benchbox", "doctor", clone.stack]),
    ];
    clone.write(file(), text);
    for (const { code, output } of runs) {
      assert.notEqual(code, 0);
      assert.match(output, /x benchbox:limits\.cpus +4096, but the host has \d+\n +required: at most \d+/);
    }
    assert.match(runs[0]?.output ?? "", /nothing was changed/);
  });
});
