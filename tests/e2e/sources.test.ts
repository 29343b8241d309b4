import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { driftReport } from "../../src/cli/documents.ts";
import { Clone, docker, freePort } from "../support/clone.ts";
import { plannedSteps } from "./plan.ts";

const token = `hf_$${process.pid}@token`;
const sealed = `sealed-${process.pid}-value`;

describe("kept mirrors and secrets", { concurrency: 1, timeout: 1_200_000 }, () => {
  let clone: Clone;
  let file: string;

  before(async () => {
    clone = new Clone(`sources${process.pid}`, await freePort());
    file = `Pulumi.${clone.stack}.yaml`;
    const path = join(clone.home, "token");
    writeFileSync(path, `${token}\n`);
    clone.write(file, `${clone.read(file)}  benchbox:secrets:\n    A_TOKEN: {file: "${path}"}\n`);
    await clone.up();
  });
  after(async () => {
    await clone.purge();
    clone.remove();
  });

  const inBox = (script: string): string => docker("exec", clone.name, "bash", "-c", script);
  const containerId = (): string => docker("container", "inspect", "--format", "{{.Id}}", clone.name);
  const drifts = async (): Promise<string[]> => {
    const { output } = await clone.run(["npm", "run", "--silent", "drift", "--", clone.stack, "--json"]);
    return driftReport.parse(JSON.parse(output)).drifts.map(({ part }) => part);
  };

  test("an SSH session has the secret, and no program of the box can read its file", async () => {
    assert.equal(await clone.ssh("printenv A_TOKEN"), `${token}\n`);
    assert.equal(
      inBox("su --login peid -c 'cat /etc/benchbox/secrets.conf 2>&1; printenv A_TOKEN'").split("\n").at(-1),
      token,
    );
    assert.match(inBox("su peid -c 'cat /etc/benchbox/secrets.conf 2>&1' || true"), /Permission denied/);
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), []);
  });

  test("a secret that Pulumi encrypts reaches the same container, also for commands that run without Pulumi", async () => {
    const id = containerId();
    await clone.pulumi("config", "set", "--secret", "--path", "benchbox:secrets.B_TOKEN", sealed);
    assert.match(clone.read(file), /B_TOKEN:\n +secure: /);
    await clone.up();
    assert.equal(await clone.ssh("printenv B_TOKEN; printenv A_TOKEN"), `${sealed}\n${token}\n`);
    assert.deepEqual(await drifts(), []);
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), []);
    assert.equal(containerId(), id);
  });

  test("neither the state, the outputs, the container's configuration nor the image has a secret", async () => {
    const state = await clone.pulumi("stack", "export");
    const outputs = await clone.pulumi("stack", "output", "--json");
    const container = docker("container", "inspect", clone.name);
    const image = docker(
      "image",
      "inspect",
      docker("container", "inspect", "--format", "{{.Config.Image}}", clone.name),
    );
    for (const value of [token, sealed]) {
      for (const [index, text] of [state, outputs, container, image, clone.read(file)].entries())
        assert.ok(!text.includes(value), `${index} has ${value}`);
    }
  });

  test("a secret or a mirror that somebody changed in the box is drift, which the same container loses", async () => {
    const id = containerId();
    const text = clone.read("user_config.yml");
    const mirrors =
      "  pypi: {mirror: 'https://mirror.invalid/simple', keep: true}\n  conda: {mirror: 'https://mirror.invalid/anaconda', keep: true}\n";
    clone.write("user_config.yml", text.replace("\nbuild:\n", `\nbuild:\n${mirrors}`));
    await clone.up();
    assert.match(inBox("su --login peid -c 'pip config list'"), /index-url='https:\/\/mirror\.invalid\/simple'/);
    assert.match(await clone.ssh("uv pip install --target /tmp/none six 2>&1 || true"), /mirror\.invalid/);
    assert.match(inBox("cat /etc/pixi/config.toml"), /\["https:\/\/mirror\.invalid\/anaconda"\]/);
    inBox("echo >>/etc/uv/uv.toml; echo >>/etc/benchbox/secrets.conf");
    assert.deepEqual(await drifts(), ["secrets", "package mirrors"]);
    await clone.up();
    assert.deepEqual(await drifts(), []);
    clone.write("user_config.yml", text);
    await clone.up();
    assert.equal(inBox("ls /etc/pip.conf /etc/uv/uv.toml /etc/pixi/config.toml 2>/dev/null || true"), "");
    assert.equal(containerId(), id);
  });
});
