import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { Clone, docker, freePort } from "../support/clone.ts";
import { plannedSteps } from "./plan.ts";

/** What a person is told of the machine, before there is a box and after, and what the box knows of it. */
describe("the doctor and the fingerprint", { concurrency: 1 }, () => {
  let port: number;
  let clone: Clone;

  before(async () => {
    port = await freePort();
    clone = new Clone(`doc${process.pid}`, port);
  });
  after(async () => {
    await clone.purge();
    clone.remove();
  });

  const doctor = (stack = clone.stack) => clone.run(["npm", "run", "--silent", "doctor", "--", stack]);
  const fingerprint = async () => JSON.parse(await clone.pulumi("stack", "output", "fingerprint", "--json"));
  const inTheBox = () => docker("exec", clone.name, "cat", "/etc/benchbox/fingerprint.json");

  test("before any `up` the doctor says what it looked at, and makes nothing", async () => {
    const { code, output } = await doctor();
    assert.equal(code, 0, output);
    for (const subject of [
      "Docker Engine",
      "storage driver",
      "base image",
      `port ${port} on 127\\.0\\.0\\.1`,
      "free disk",
    ]) {
      assert.match(output, new RegExp(`^\\+ ${subject} `, "m"));
    }
    assert.match(output, new RegExp(`\nAll checks passed for the stack ${clone.stack}\\.\n$`));
    assert.ok(!output.includes("NVIDIA"), "a stack without GPUs is told of them");
    assert.ok(!output.includes("\u001b"), "colours go into a file");
    assert.equal(docker("container", "ls", "--all", "--quiet", "--filter", `name=^${clone.name}$`), "");
    await assert.rejects(async () => clone.read(`.state/.pulumi/stacks/benchbox/${clone.stack}.json`));
  });

  test("a port that is taken is an error with who has it and what mends it, and so for `up`", async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, "127.0.0.1", resolve));
    const [told, refused] = [await doctor(), await clone.run(["npm", "run", "up", "--", clone.stack])];
    await new Promise((resolve) => squatter.close(resolve));
    for (const { code, output } of [told, refused]) {
      assert.notEqual(code, 0);
      assert.match(output, new RegExp(`x port ${port} on 127\\.0\\.0\\.1 +already in use by another program`));
      assert.match(output, /Fix: find it: sudo ss -lptn .*or set another benchbox:ssh\.port in Pulumi\.<stack>\.yaml/);
    }
    assert.equal(told.code, 1);
    assert.match(told.output, /cannot run here: 1 error\.\n$/);
    assert.match(refused.output, /nothing was changed/);
  });

  test("the doctor of the GPU workstation's stack says what this machine lacks", async () => {
    const { code, output } = await doctor("dev");
    assert.equal(code, 1);
    assert.match(output, /^x GPUs in containers .*neither an NVIDIA runtime/m);
    assert.match(output, /Fix: install the NVIDIA driver and the NVIDIA Container Toolkit/);
  });

  test("a mistake in the configuration is told with its line", async () => {
    const file = `Pulumi.${clone.stack}.yaml`;
    const kept = clone.read(file);
    clone.write(file, kept.replace("gpu: none", "gpu: some"));
    const { code, output } = await doctor();
    clone.write(file, kept);
    assert.equal(code, 1);
    assert.match(output, new RegExp(`${file.replaceAll(".", "\\.")}:\\d+: config\\.benchbox:gpu: "some" must be`));
    assert.doesNotMatch(output, /^\s+at /m);
  });

  test("an `up` says what the box runs on, as an output and in the box, where root owns it", async () => {
    await clone.up();
    const known = await fingerprint();
    const info = JSON.parse(docker("info", "--format", "{{json .}}"));
    assert.equal(known.kernel, info.KernelVersion);
    assert.equal(known.cpu.count, info.NCPU);
    assert.equal(known.memoryGiB, Math.round(info.MemTotal / 2 ** 30));
    assert.equal(known.image.id, docker("container", "inspect", "--format", "{{.Image}}", clone.name));
    assert.deepEqual(known.gpus, []);
    assert.match(known.tools.uv.version, /^\d/);
    assert.deepEqual(JSON.parse(inTheBox()), known);
    assert.equal(
      docker("exec", clone.name, "stat", "-c", "%U %G %a", "/etc/benchbox/fingerprint.json"),
      "root root 644",
    );
    assert.equal(JSON.parse(await clone.ssh("cat /etc/benchbox/fingerprint.json")).kernel, known.kernel);
  });

  test("an unchanged box previews without a change, outputs included", async () => {
    for (const options of [[], ["--refresh"]]) {
      const output = await clone.pulumi("preview", "--expect-no-changes", ...options);
      assert.doesNotMatch(output, /Outputs:|warning/);
    }
  });

  test("the doctor of a box that is up finds all well", async () => {
    const { code, output } = await doctor();
    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`^\\+ port ${port} on 127\\.0\\.0\\.1 +used by the box`, "m"));
  });

  test("another port for a box that is up must be free, too", async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
    const taken = (squatter.address() as AddressInfo).port;
    const file = `Pulumi.${clone.stack}.yaml`;
    const kept = clone.read(file);
    clone.write(file, kept.replace(`port: ${port}`, `port: ${taken}`));
    const { code, output } = await doctor();
    clone.write(file, kept);
    await new Promise((resolve) => squatter.close(resolve));
    assert.equal(code, 1);
    assert.match(output, new RegExp(`x port ${taken} on 127\\.0\\.0\\.1 +already in use by another program`));
  });

  test("another container is told what it runs on, and a tool that is to be installed again plans no other fingerprint", async () => {
    const before = inTheBox();
    docker("rm", "--force", clone.name);
    await clone.up("--refresh");
    assert.equal(inTheBox(), before);
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), []);
    await clone.ssh("rm ~/.local/bin/uv");
    assert.deepEqual(await plannedSteps(clone), ["update uv-run"]);
  });
});
