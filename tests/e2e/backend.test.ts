import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Clone, docker, freePort } from "../support/clone.ts";
import { pythonTool } from "../support/python-tool.ts";
import { appliedSteps, assertSilent, assertSilentInFull, plannedSteps } from "./plan.ts";

const passphrase = `phrase-${process.pid}-word`;

/** A stack whose state is not in its clone but on an S3 server (moto's, which is a real server with no real data). */
describe("another backend", { concurrency: 1 }, () => {
  let clone: Clone;
  let server: ChildProcess;
  let s3: NodeJS.ProcessEnv;

  before(async () => {
    const port = await freePort();
    const words = ["-m", "moto.server", "--host", "127.0.0.1", "--port", String(port)];
    server = spawn("python3", words, {
      env: { ...process.env, ...pythonTool(["moto[s3,server]==5.1.20"]) },
      stdio: "ignore",
    });
    const address = `http://127.0.0.1:${port}`;
    for (let tries = 0; ; tries++) {
      assert.ok(tries < 200 && server.exitCode === null, "the S3 server does not answer");
      const response = await fetch(`${address}/benchbox`, { method: "PUT" }).catch(() => undefined);
      if (response?.ok) break;
      await sleep(100);
    }
    s3 = {
      PULUMI_BACKEND_URL: `s3://benchbox?region=us-east-1&endpoint=${address}&s3ForcePathStyle=true`,
      AWS_ACCESS_KEY_ID: "nobody",
      AWS_SECRET_ACCESS_KEY: "nothing",
      NO_PROXY: "127.0.0.1",
      no_proxy: "127.0.0.1",
    };
    clone = new Clone(`back${process.pid}`, await freePort());
    clone.usePreparedBase();
  });
  after(async () => {
    await clone.ok(["bin/benchbox", "down", clone.stack, `--purge=${clone.stack}`], s3);
    clone.remove();
    server.kill();
  });

  test("the stack is moved from the clone's own backend with a pipe, and the box does not change", async () => {
    await clone.up();
    const id = docker("container", "inspect", "--format", "{{.Id}}", clone.name);
    const { code, output } = await clone.run(["bin/pulumi", "preview", "--stack", clone.stack], s3);
    assert.notEqual(code, 0);
    assert.match(
      output,
      /a box of this name that belongs to another clone[\s\S]*If its state is in another backend: move the state/,
    );
    const old = `PULUMI_BACKEND_URL=file://${join(clone.directory, ".state").replaceAll(" ", "\\ ")}`;
    const pulumi = (command: string): string => `bin/pulumi stack ${command} --stack ${clone.stack}`;
    await clone.ok(["bash", "-c", `set -o pipefail; ${old} ${pulumi("export")} | ${pulumi("import")}`], s3);
    assert.deepEqual(await plannedSteps(clone, [], s3), []);
    assert.deepEqual(await plannedSteps(clone, ["--refresh"], s3), []);
    assert.equal(docker("container", "inspect", "--format", "{{.Id}}", clone.name), id);
  });

  test("stores no secret in plain text", async () => {
    const state = await clone.ok(["bin/pulumi", "stack", "export", "--stack", clone.stack], s3);
    assert.match(state, /"ciphertext"/);
    assert.doesNotMatch(state, /PRIVATE KEY|pass-\d+-word/);
  });

  test("a change is planned and applied with its state", async () => {
    docker("stop", clone.name);
    const output = await clone.ok(["bin/benchbox", "up", clone.stack, "--skip-preview"], s3);
    assert.deepEqual(appliedSteps(clone, output), ["replace start"]);
    await assertSilent(clone, s3);
  });

  test("a container that was created by hand and a lost volume are detected with its state", async () => {
    const image = docker("container", "inspect", "--format", "{{.Config.Image}}", clone.name);
    docker("rm", "--force", clone.name);
    docker("run", "--detach", "--name", clone.name, image, "sleep", "600");
    await clone.ok(["bin/benchbox", "up", clone.stack, "--skip-preview"], s3);
    const aside = docker("ps", "--all", "--format", "{{.Names}}", "--filter", `name=${clone.name}-by-hand`);
    assert.match(aside, /^\S+-by-hand-\w{12}$/);
    docker("rm", aside);
    await assertSilent(clone, s3);

    docker("rm", "--force", clone.name);
    docker("volume", "rm", `${clone.name}-workspace`);
    const { code, output } = await clone.run(["bin/benchbox", "up", clone.stack, "--skip-preview"], s3);
    assert.notEqual(code, 0);
    assert.match(output, new RegExp(`gone from the Docker Engine[\\s\\S]*Gone: ${clone.name}-workspace`));
    await clone.ok(["bin/benchbox", "up", clone.stack, "--skip-preview", "--accept-lost-volumes"], s3);
    await assertSilentInFull(clone, s3);
  });

  test("a shared folder works as a backend, and an `up` during another person's reports who holds the lock", async () => {
    const folder = join(clone.home, "shared");
    const shared = { PULUMI_BACKEND_URL: `file://${folder}?no_tmp_dir=true`, PULUMI_CONFIG_PASSPHRASE: passphrase };
    await clone.ok(["mkdir", "-p", folder]);
    const other = `${clone.stack}x`;
    clone.write(
      `Pulumi.${other}.yaml`,
      clone.read(`Pulumi.${clone.stack}.yaml`).replace(/port: \d+/, `port: ${await freePort()}`),
    );
    const { output: foreign } = await clone.run(["bin/pulumi", "preview", "--stack", clone.stack], shared);
    assert.match(foreign, /a box of this name that belongs to another clone/);
    await clone.ok(["bin/pulumi", "preview", "--stack", other], shared);
    assert.ok(existsSync(join(folder, ".pulumi/stacks/benchbox", `${other}.json`)));
    const lock = join(folder, ".pulumi/locks/organization/benchbox", other);
    await clone.ok(["mkdir", "-p", lock]);
    const held = { pid: 1, username: "ada", hostname: "lab-7", timestamp: "2026-11-25T01:02:03Z" };
    await clone.ok(["bash", "-c", `echo '${JSON.stringify(held)}' >'${lock}/held.json'`]);
    const words = ["bin/pulumi", "up", "--yes", "--skip-preview", "--stack", other];
    const { code, output } = await clone.run(words, shared);
    assert.notEqual(code, 0);
    assert.match(output, /locked[\s\S]*ada@lab-7 \(pid 1\) at 2026-11-25/);
  });
});
