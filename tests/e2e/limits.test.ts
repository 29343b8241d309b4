import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Clone, docker, freePort } from "../support/clone.ts";
import { plannedSteps } from "./plan.ts";

/** A box with every limit set. */
describe("the limits of a box", { concurrency: 1 }, () => {
  let clone: Clone;
  const limits = "  benchbox:limits: { shm: 256m, memlock: 4m, stack: 64m, cpus: 2, memory: 1g }\n";
  const file = () => `Pulumi.${clone.stack}.yaml`;

  before(async () => {
    clone = new Clone(`lim${process.pid}`, await freePort());
    clone.write(file(), clone.read(file()) + limits);
    clone.firstRun();
    await clone.up();
  });
  after(async () => {
    await clone.purge();
    clone.remove();
  });

  const inBox = (...words: string[]): string => docker("exec", clone.name, "bash", "-c", words.join(" "));
  const isSilent = async (): Promise<void> => {
    assert.deepEqual(await plannedSteps(clone), []);
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), []);
  };

  test("hold in the box", () => {
    assert.equal(inBox("df --output=size --block-size=1M /dev/shm | tail -n 1").trim(), "256");
    assert.equal(inBox("ulimit -l; ulimit -s"), "4096\n65536");
    const [memory, swap, quota, period] = docker(
      "inspect",
      "--format",
      "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.CpuQuota}} {{.HostConfig.CpuPeriod}}",
      clone.name,
    ).split(" ");
    assert.deepEqual([memory, swap, Number(quota) / Number(period)], [String(2 ** 30), String(2 ** 30), 2]);
  });

  test("show no difference in an unchanged box", isSilent);

  test("another memory is given to the same box", async () => {
    const id = docker("inspect", "--format", "{{.Id}}", clone.name);
    clone.write(file(), clone.read(file()).replace("memory: 1g", "memory: 2g"));
    assert.deepEqual(await plannedSteps(clone), ["update container"]);
    await clone.up();
    assert.equal(docker("inspect", "--format", "{{.Id}} {{.HostConfig.Memory}}", clone.name), `${id} ${2 ** 31}`);
    await isSilent();
  });

  test("that the engine cannot set, or the machine has not, are refused before anything is changed", async () => {
    const text = clone.read(file());
    clone.write(file(), text.replace("cpus: 2", "cpus: 4096"));
    const { code, output } = await clone.run(["npm", "run", "up", "--", clone.stack]);
    clone.write(file(), text);
    assert.notEqual(code, 0);
    assert.match(output, /nothing was changed\.\s+- benchbox:limits\.cpus is 4096, and the machine has \d+\./);
  });
});
