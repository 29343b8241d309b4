import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { Clone, docker, freePort } from "../support/clone.ts";
import { plannedSteps } from "./plan.ts";

/** The report about the host, before and after the box exists, and the fingerprint in the box. */
describe("the doctor and the fingerprint", { concurrency: 1 }, () => {
  let port: number;
  let clone: Clone;

  before(async () => {
    port = await freePort();
    clone = new Clone(`doc${process.pid}`, port);
    clone.usePreparedBase();
  });
  after(async () => {
    await clone.purge();
    clone.remove();
  });

  const doctor = (stack = clone.stack) => clone.run(["bin/benchbox", "doctor", stack]);
  const fingerprint = async () => JSON.parse(await clone.pulumi("stack", "output", "fingerprint", "--json"));
  const inTheBox = () => docker("exec", clone.name, "cat", "/etc/benchbox/fingerprint.json");

  test("before the first `up`, the doctor lists its checks and creates nothing", async () => {
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
    assert.ok(!output.includes("NVIDIA"), "the report of a stack without GPUs mentions them");
    assert.ok(!output.includes("\u001b"), "piped output contains colours");
    assert.equal(docker("container", "ls", "--all", "--quiet", "--filter", `name=^${clone.name}$`), "");
    await assert.rejects(async () => clone.read(`.state/.pulumi/stacks/benchbox/${clone.stack}.json`));
  });

  test("a port in use is an error with its user and the fix, also in an `up`", async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, "127.0.0.1", resolve));
    const [report, refused] = [await doctor(), await clone.run(["bin/benchbox", "up", clone.stack])];
    await new Promise((resolve) => squatter.close(resolve));
    for (const { code, output } of [report, refused]) {
      assert.notEqual(code, 0);
      assert.match(output, new RegExp(`x port ${port} on 127\\.0\\.0\\.1 +already in use by another program`));
      assert.match(output, /Fix: find it: sudo ss -lptn .*or set another benchbox:ssh\.port in Pulumi\.<stack>\.yaml/);
    }
    assert.equal(report.code, 1);
    assert.match(report.output, /cannot run here: 1 error\.\n$/);
    assert.match(refused.output, /nothing was changed/);
  });

  test("for the GPU workstation's stack, the doctor reports what this host lacks", async () => {
    const { code, output } = await doctor("dev");
    assert.equal(code, 1);
    assert.match(output, /^x GPUs in containers .*neither an NVIDIA runtime/m);
    assert.match(output, /Fix: install the NVIDIA driver and the NVIDIA Container Toolkit/);
  });

  test("an error in the configuration is reported with its line", async () => {
    const file = `Pulumi.${clone.stack}.yaml`;
    const kept = clone.read(file);
    clone.write(file, kept.replace("gpu: none", "gpu: some"));
    const { code, output } = await doctor();
    clone.write(file, kept);
    assert.equal(code, 1);
    assert.match(output, new RegExp(`${file.replaceAll(".", "\\.")}:\\d+: config\\.benchbox:gpu: "some" must be`));
    assert.doesNotMatch(output, /^\s+at /m);
  });

  test("an `up` writes the fingerprint as an output and into the box, as a file of root", async () => {
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

  test("the preview of an unchanged box plans no change, not even to outputs", async () => {
    for (const options of [[], ["--refresh"]]) {
      const output = await clone.pulumi("preview", "--expect-no-changes", ...options);
      assert.doesNotMatch(output, /Outputs:|warning/);
    }
  });

  test("the doctor passes all checks while the box is up", async () => {
    const { code, output } = await doctor();
    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`^\\+ port ${port} on 127\\.0\\.0\\.1 +used by the box`, "m"));
  });

  test("a new port for a running box must be free", async () => {
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

  test("a new container gets the same fingerprint, and a tool to reinstall does not plan a different one", async () => {
    const before = inTheBox();
    docker("rm", "--force", clone.name);
    await clone.up("--refresh");
    assert.equal(inTheBox(), before);
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), []);
    await clone.ssh("rm ~/.local/bin/uv");
    assert.deepEqual(await plannedSteps(clone), ["update uv-run"]);
  });
});
