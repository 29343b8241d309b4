import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Clone, docker, freePort } from "../support/clone.ts";
import { engineLacks, hasCdi, isBrief } from "../support/engines.ts";
import {
  fakeGpuUuid,
  generateCdi,
  gpuEnvironment,
  installHook,
  requestedGpus,
  startEngineBeforeToolkit,
} from "../support/fake-gpu.ts";
import type { SecondEngine } from "../support/second-engine.ts";
import { assertSilent, assertSilentInFull, plannedSteps } from "./plan.ts";

/**
 * On a Docker Engine with fake GPUs. The first tests bring the box up; each later one starts with it up and leaves it up, except the last.
 */
describe("the GPUs of a box", { concurrency: 1, skip: engineLacks() }, () => {
  const folder = mkdtempSync(join(tmpdir(), "bb-gpu-"));
  let engine: SecondEngine;
  let clone: Clone;

  before(async () => {
    engine = await startEngineBeforeToolkit();
    clone = new Clone(`gpu${process.pid}`, await freePort(), gpuEnvironment(folder));
    const file = `Pulumi.${clone.stack}.yaml`;
    clone.write(file, `${clone.read(file).replace("gpu: none", "gpu: all")}  benchbox:docker_host: ${engine.host}\n`);
    // The image and the tools do not matter here.
    clone.usePreparedBase(engine.host);
    clone.packages();
    clone.firstRun();
  });
  after(async () => {
    await clone.purge();
    clone.remove();
    await engine.stop();
    rmSync(folder, { recursive: true });
  });

  const onEngine = (...words: string[]): string => docker("--host", engine.host, ...words);
  const containerId = (): string => onEngine("container", "inspect", "--format", "{{.Id}}", clone.name);
  const setGpus = (value: string): void => {
    const file = `Pulumi.${clone.stack}.yaml`;
    clone.write(file, clone.read(file).replace(/benchbox:gpu: .*/, `benchbox:gpu: ${value}`));
  };
  const isSilent = (): Promise<void> => assertSilent(clone);
  const output = async (): Promise<unknown> => JSON.parse(await clone.pulumi("stack", "output", "gpu", "--json"));
  /** Names of the CDI devices in the box. */
  const cdiDevices = async (): Promise<string[]> => {
    const list = await clone.ssh("cd /dev && ls -d nvidia-* 2>/dev/null | sort");
    return list.split("\n").flatMap((line) => (line === "" ? [] : [line.slice("nvidia-".length)]));
  };

  test("are in the doctor's table, with one warning about a vulnerable toolkit", { skip: isBrief }, async () => {
    clone.write("fakes/nvidia-ctk", "#!/bin/sh\necho 'NVIDIA Container Toolkit CLI version 1.16.2'\n", 0o755);
    const machine = { PATH: `${join(clone.directory, "fakes")}:${folder}:${process.env.PATH}` };
    const preview = await clone.ok(["bin/pulumi", "preview", "--diff", "--stack", clone.stack], machine);
    const checked = await clone.run(["bin/benchbox", "doctor", clone.stack], machine);
    assert.equal(preview.match(/CVE-2025-23266/g)?.length, 1, preview);
    assert.equal(checked.code, 0, checked.output);
    assert.match(checked.output, /^\+ GPUs +0: NVIDIA A100-SXM4-80GB, 81920 MiB; 1: /m);
    assert.match(checked.output, /^! NVIDIA Container Toolkit +1\.16\.2/m);
    assert.match(checked.output, /can run here, with \d warnings?\.\n$/); // its own limits may be low as well
  });

  test("are refused by a Docker Engine that started before its toolkit was installed, and the fix is its restart", async () => {
    for (const install of [() => {}, () => installHook(engine)]) {
      install();
      const { code, output } = await clone.run(["bin/benchbox", "up", clone.stack]);
      assert.notEqual(code, 0);
      assert.match(
        output,
        new RegExp(
          `benchbox: container ${clone.name} did not start: the Docker Engine found no NVIDIA Container Toolkit when it started\n` +
            " +Fix: sudo systemctl restart docker ",
        ),
      );
    }
  });

  test("are all GPUs, through NVIDIA's runtime, if the Docker Engine has no CDI devices for them", async () => {
    await engine.restart("service");
    await clone.up();
    assert.equal(requestedGpus(engine, containerId()), "all");
    assert.deepEqual(await output(), { mode: "runtime", devices: "all" });
    assert.match(await clone.ssh("nvidia-smi -L"), /^GPU 0: NVIDIA Fake/);
    await isSilent();
  });

  test("that a restart does not restore fail the update with what to check", { skip: isBrief }, async () => {
    onEngine("exec", clone.name, "touch", "/etc/gpu-lost");
    const { code, output } = await clone.run(["bin/benchbox", "up", clone.stack]);
    onEngine("exec", clone.name, "rm", "/etc/gpu-lost");
    assert.notEqual(code, 0);
    assert.match(
      output,
      /has lost its GPUs, and a restart of its container did not restore them: No devices were found/,
    );
    await clone.up();
    await isSilent();
  });

  test("with an updated driver are reported as not fixed by a restart, and nothing is planned", {
    skip: isBrief,
  }, async () => {
    onEngine("exec", clone.name, "touch", "/etc/gpu-driver");
    const { output } = await clone.run(["bin/benchbox", "preview", clone.stack]);
    assert.match(
      output,
      /"Failed to initialize NVML: Driver\/library version mismatch"\. .*restarting the box does not fix that/s,
    );
    await isSilent();
    onEngine("exec", clone.name, "rm", "/etc/gpu-driver");
  });

  test("are part of the box's health check", () => {
    const check = onEngine("inspect", "--format", "{{json .Config.Healthcheck.Test}}", clone.name);
    const [, ...words] = JSON.parse(check) as string[];
    onEngine("exec", clone.name, ...words);
    onEngine("exec", clone.name, "touch", "/dev/shm/gpu-lost");
    assert.throws(
      () => onEngine("exec", clone.name, ...words),
      ({ stdout }: { stdout: string }) => stdout.includes("NVML: Unknown Error"),
    );
  });

  const environment = (): string[] =>
    JSON.parse(onEngine("container", "inspect", "--format", "{{json .Config.Env}}", clone.name));

  test("that are lost are reported in a preview and restored by a restart of the same container", async () => {
    const id = containerId();
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), ["replace start"]);
    const { output } = await clone.run(["bin/benchbox", "preview", clone.stack]);
    await clone.up();
    assert.match(output, /the box has lost its GPUs: "Failed to initialize NVML: Unknown Error"\. `up` restarts/);
    assert.equal(containerId(), id);
    assert.match(await clone.ssh("nvidia-smi -L"), /^GPU 0: NVIDIA Fake/);
    await isSilent();
  });

  for (const [what, how] of [
    ["a restart of the Docker Engine", "service"],
    ["a power failure of the host", "power"],
  ] as const) {
    const skip = isBrief && how === "power"; // takes a minute, until the box is healthy again
    test(`after ${what}, the box is up again by itself, with its GPUs and the same host key`, { skip }, async () => {
      const id = containerId();
      const hostKey = await clone.pulumi("stack", "output", "ssh", "--json");
      await clone.ssh("echo kept >~/kept");
      await engine.restart(how);
      const isHealthy = () => onEngine("inspect", "--format", "{{.State.Health.Status}}", clone.name) === "healthy";
      for (let seconds = 0; seconds < 90 && !isHealthy(); seconds++) await sleep(1000);
      assert.ok(isHealthy());
      // Every session of the clone checks the host key strictly.
      assert.equal(await clone.ssh("cat ~/kept; nvidia-smi -L | wc -l"), "kept\n1\n");
      await isSilent();
      assert.equal(containerId(), id);
      assert.equal(await clone.pulumi("stack", "output", "ssh", "--json"), hostKey);
    });
  }

  test("a box that its user stopped stays stopped when the Docker Engine restarts", async () => {
    onEngine("stop", clone.name);
    await engine.restart("service");
    assert.equal(onEngine("inspect", "--format", "{{.State.Running}}", clone.name), "false");
    await clone.up();
    await isSilent();
  });

  test("a restart of the Docker Engine during an update is reported, and the next update completes", async () => {
    clone.write("scripts/stage-1/custom/slow.sh", "#!/bin/bash\necho it begins; sleep 120\n", 0o755);
    const config = clone.read("user_config.yml");
    clone.write("user_config.yml", config.replace("on_build: []", 'on_build: ["stage-1/custom/slow.sh"]'));
    const id = containerId();
    const running = clone.start(["bin/benchbox", "up", clone.stack, "--skip-preview"]);
    const log = join(clone.directory, `.state/build/${clone.stack}/log`);
    const hasBegun = () => existsSync(log) && readFileSync(log, "utf8").includes("it begins");
    while (running.exitCode === null && !hasBegun()) await sleep(20);
    await engine.restart("service");
    const { code, output } = await running.finished;
    assert.notEqual(code, 0);
    assert.match(output, /the Docker Engine stopped during the build/);
    assert.equal(onEngine("container", "inspect", "--format", "{{.Id}}", clone.name), id, "the box was removed");
    clone.write("user_config.yml", config);
    await clone.up();
    await isSilent();
  });

  for (const [value, asked] of [
    ["[0, 1]", "0,1"],
    [`["${fakeGpuUuid}"]`, fakeGpuUuid],
  ] as const) {
    test(`are those of the list ${value}, through NVIDIA's runtime`, async () => {
      setGpus(value);
      await clone.up();
      assert.equal(requestedGpus(engine, containerId())?.split(",").sort().join(), asked);
      assert.deepEqual(await output(), { mode: "runtime", devices: asked.split(",") });
      await isSilent();
    });
  }

  const needsCdi = { skip: !hasCdi && "this Docker Engine has no CDI" };

  test("stay with NVIDIA's runtime when a CDI specification is added", needsCdi, async () => {
    generateCdi(engine);
    await isSilent();
  });

  for (const [value, given] of [
    ["{ devices: all, mode: cdi }", ["all"]],
    [`{ devices: [1, "${fakeGpuUuid}"], mode: cdi }`, ["1", fakeGpuUuid]],
  ] as const) {
    test(`are CDI devices if the stack's file requests them: ${value}`, needsCdi, async () => {
      setGpus(value);
      await clone.up();
      assert.deepEqual(await cdiDevices(), given);
      assert.equal(requestedGpus(engine, containerId()), undefined);
      assert.ok(environment().includes("NVIDIA_VISIBLE_DEVICES=void"));
      assert.match(await clone.ssh("nvidia-smi -L"), /^GPU 0: NVIDIA Fake/);
      await isSilent();
    });
  }

  test("stay CDI devices when the mode is removed from the file", needsCdi, async () => {
    setGpus(`[1, "${fakeGpuUuid}"]`);
    await isSilent();
  });

  test(
    "with a CDI specification that names a missing file prevent the start until it is generated again",
    needsCdi,
    async () => {
      const id = containerId();
      generateCdi(engine, "/usr/lib/x86_64-linux-gnu/libcuda.so.535.104.05");
      onEngine("stop", clone.name);
      const { code, output } = await clone.run(["bin/benchbox", "up", clone.stack]);
      assert.notEqual(code, 0);
      assert.match(
        output,
        /did not start: the CDI specification names \/usr\/lib\S+libcuda\.so\.535\.104\.05, which does not exist.*\n +Fix: sudo nvidia-ctk cdi generate /,
      );
      generateCdi(engine);
      await clone.up();
      assert.equal(containerId(), id);
      await isSilent();
    },
  );

  test("are none in a box without GPUs", async () => {
    setGpus("none");
    await clone.up();
    assert.equal(requestedGpus(engine, containerId()), undefined);
    assert.ok(
      environment().includes("NVIDIA_VISIBLE_DEVICES=void"),
      "a Docker Engine whose default runtime is NVIDIA's must add none",
    );
    assert.deepEqual(await cdiDevices(), []);
    assert.deepEqual(await output(), { mode: "none", devices: "none" });
    await isSilent();
  });

  test("that the plan adds are in its fingerprint", { skip: isBrief }, async () => {
    setGpus("all");
    const preview = await clone.ok(["bin/pulumi", "preview", "--diff", "--stack", clone.stack]);
    assert.match(preview, /NVIDIA A100-SXM4-80GB/);
  });

  test("have their clocks pinned, and handed back when the option or the box is removed", {
    skip: isBrief,
  }, async () => {
    const calls = (): string[] => readFileSync(join(folder, "clocks"), "utf8").trim().split("\n");
    const pin = async (value: string): Promise<string[]> => {
      setGpus(value);
      writeFileSync(join(folder, "clocks"), "");
      await clone.up();
      await assertSilentInFull(clone);
      return calls();
    };
    const pinned = await pin("{ devices: [0], clocks: { graphics: 1200 } }");
    assert.deepEqual(pinned, ["--id=0 --lock-gpu-clocks=1200,1200"]);
    const { pinnedClocks } = JSON.parse(await clone.ssh("cat /etc/benchbox/fingerprint.json")).gpus[0];
    assert.deepEqual(pinnedClocks, { graphics: [1200, 1200] });
    assert.deepEqual(await pin("{ devices: [0], clocks: { graphics: [1000, 1200] } }"), [
      "--id=0 --reset-gpu-clocks",
      "--id=0 --lock-gpu-clocks=1000,1200",
    ]);
    assert.deepEqual(await pin("[0]"), ["--id=0 --reset-gpu-clocks"]);
    assert.deepEqual(await pin("{ devices: [0], clocks: { graphics: 1200 } }"), pinned);
    await clone.down();
    assert.deepEqual(calls().slice(pinned.length), ["--id=0 --reset-gpu-clocks"]);
  });
});
