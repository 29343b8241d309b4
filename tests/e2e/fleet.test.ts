import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type FleetRow, fleetReport } from "../../src/cli/documents.ts";
import { Clone, docker, freePort } from "../support/clone.ts";
import { engineLacks } from "../support/engines.ts";
import { prepareBase } from "../support/make-base.ts";
import { type SecondEngine, startSecondEngine } from "../support/second-engine.ts";

/** Two hosts, the second of which is another Docker Engine, and one that does not answer. */
describe("a fleet", { concurrency: 1, skip: engineLacks() }, () => {
  let clone: Clone;
  let engine: SecondEngine;
  let [near, far] = ["", ""];
  before(async () => {
    engine = await startSecondEngine();
    clone = new Clone(`fleet${process.pid}a`, await freePort());
    near = clone.stack;
    far = `fleet${process.pid}b`;
    clone.firstRun(); // the second Docker Engine's containers have no Internet access
    clone.usePreparedBase();
    prepareBase(engine.host);
    const text = clone.read(`Pulumi.${near}.yaml`).replace(/port: \d+/, `port: ${await freePort()}`);
    clone.write(`Pulumi.${far}.yaml`, `${text}  benchbox:docker_host: ${engine.host}\n`);
  });
  after(async () => {
    await clone.purge();
    await clone.ok(["bin/benchbox", "down", far, `--purge=${far}`]);
    clone.remove();
    await engine.stop();
  });

  const fleet = (words: readonly string[], environment = {}) =>
    clone.run(["bin/benchbox", "fleet", ...words], environment);
  const rowsOf = async (words: readonly string[], environment = {}): Promise<{ code: number; rows: FleetRow[] }> => {
    const { code, output } = await fleet([...words, "--json"], environment);
    const start = output.startsWith("{") ? 0 : output.indexOf("\n{") + 1;
    return { code, rows: fleetReport.parse(JSON.parse(output.slice(start))).stacks };
  };
  const both = (): string => `${near},${far}`;

  test("an up asks once for all stacks, and requires --yes without a terminal", async () => {
    const { code, output } = await fleet(["up", "--only", both()]);
    assert.equal(code, 1);
    assert.match(output, /2 of 2 stacks will be changed: .*\n {2}Fix: add --yes/);
    assert.equal(docker("ps", "--all", "--quiet", "--filter", `name=${clone.name}`), "");
  });

  test("brings them up, each on its own Docker Engine", { timeout: 600_000 }, async () => {
    const { code, output } = await fleet(["up", "--only", both(), "--yes"]);
    assert.equal(code, 0, output);
    assert.match(docker("ps", "--format", "{{.Names}}"), new RegExp(`^benchbox-${near}$`, "m"));
    assert.ok(!docker("ps", "--all", "--format", "{{.Names}}").includes(far));
    assert.match(docker("--host", engine.host, "ps", "--format", "{{.Names}}"), new RegExp(`^benchbox-${far}$`, "m"));
    for (const command of ["list", "drift", "preview"]) {
      const { code: silent, rows } = await rowsOf([command, "--only", both()]);
      assert.deepEqual([silent, rows.map(({ state }) => state)], [0, ["ok", "ok"]], command);
    }
  });

  test("drift is reported for each stack, and all of it is on one page", async () => {
    docker("exec", clone.name, "bash", "-c", "echo x >>/etc/ssh/sshd_config");
    const page = join(clone.home, "fleet.html");
    const { code, rows } = await rowsOf(["drift", "--only", both(), "--html", page]);
    assert.equal(code, 2);
    assert.deepEqual(
      rows.map(({ stack, state }) => [stack, state]),
      [
        [near, "drift"],
        [far, "ok"],
      ],
    );
    assert.match(rows[0]?.summary ?? "", /^SSH server: \/etc\/ssh\/sshd_config was edited$/);
    assert.match(await clone.ok(["cat", page]), /2 stacks, 1 with drift, 0 failed[\s\S]*sshd_config was edited/);
    const { rows: plans } = await rowsOf(["preview", "--only", both()]);
    assert.deepEqual(
      plans.map(({ summary }) => summary),
      ["1 to replace", "no changes"],
    );
    assert.equal((await fleet(["up", "--only", both(), "--yes"])).code, 0);
    assert.equal((await fleet(["list", "--only", both()])).code, 0);
  });

  test("a host that does not answer delays and stops no other", async () => {
    const dead = "fleetdead";
    clone.write(
      `Pulumi.${dead}.yaml`,
      `${clone.read(`Pulumi.${near}.yaml`)}  benchbox:docker_host: unix:///nowhere.sock\n`,
    );
    for (const command of ["drift", "preview", "doctor"]) {
      const { code, rows } = await rowsOf([command, "--only", `${dead},${both()}`, "--timeout", "60"]);
      assert.equal(code, 1, command);
      assert.deepEqual(
        rows.map(({ state }) => state),
        ["failed", "ok", "ok"],
        command,
      );
      assert.match(rows[0]?.summary ?? "", /does not answer|cannot be asked/);
    }
    const rolling = await fleet(["up", "--only", `${dead},${both()}`, "--yes", "--rolling"]);
    assert.equal(rolling.code, 1);
  });

  test("the check of a silent host ends with all its processes, and a failure affects no other stack", async () => {
    const silent = createServer().listen(0, "127.0.0.1"); // accepts connections and never answers
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const text = clone.read(`Pulumi.${near}.yaml`);
    const [mute, wrong] = [`fleet${process.pid}mute`, `fleet${process.pid}wrong`];
    clone.write(`Pulumi.${mute}.yaml`, `${text}  benchbox:docker_host: tcp://127.0.0.1:${port}\n`);
    clone.write(`Pulumi.${wrong}.yaml`, text.replace(/port: \d+/, "port: many"));
    try {
      // One after the other, so that each stack that works follows one that fails.
      const { code, rows } = await rowsOf([
        "preview",
        "--only",
        `${wrong},${near},${mute},${far}`,
        "--jobs",
        "1",
        "--timeout",
        "15",
      ]);
      assert.deepEqual([code, ...rows.map(({ state }) => state)], [1, "failed", "ok", "failed", "ok"]);
      assert.match(rows[0]?.summary ?? "", /^the configuration has 1 problem; .*"many" must be a whole number[^.]*$/);
      assert.equal(rows[2]?.summary, "did not answer in time");
      // Processes that wait for another stack end with the command.
      const left = (): string[] =>
        execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
          .split("\n")
          .filter((one) => one.includes(mute) || one.includes(join(clone.directory, "src/cli/fleet/previewer")));
      for (let tries = 0; tries < 50 && left().length > 0; tries++) await sleep(100);
      assert.deepEqual(left(), []);
    } finally {
      silent.close();
    }
  });

  test("a Docker Engine with a full disk, or one that refuses an old client, affects no other", {
    timeout: 300_000,
  }, async () => {
    const full = await startSecondEngine({ disk: "150m", oldestApi: "1.45" });
    try {
      const small = `fleet${process.pid}c`;
      const text = clone.read(`Pulumi.${near}.yaml`).replace(/port: \d+/, `port: ${await freePort()}`);
      // The base that debootstrap creates, which does not fit on the disk.
      const created = text.replace(/^ +mirror: .*\n/m, "");
      clone.write(`Pulumi.${small}.yaml`, `${created}  benchbox:docker_host: ${full.host}\n`);
      const threeStacks = ["--only", `${small},${both()}`];
      const up = await rowsOf(["up", ...threeStacks, "--yes"]);
      assert.deepEqual([up.code, ...up.rows.map(({ state }) => state)], [1, "failed", "ok", "ok"]);
      assert.match(up.rows[0]?.summary ?? "", /^the Docker Engine's disk is full: .*; log: \.state\/fleet\//);

      for (const command of ["drift", "preview", "doctor"]) {
        const { code, rows } = await rowsOf([command, ...threeStacks], { DOCKER_API_VERSION: "1.41" });
        assert.deepEqual([code, ...rows.map(({ state }) => state)], [1, "failed", "ok", "ok"], command);
        assert.match(rows[0]?.summary ?? "", /client version 1\.41 is too old/, command);
      }
    } finally {
      await full.stop();
    }
  });

  test("invalid arguments are reported without a stack trace", async () => {
    for (const [words, wanted] of [
      [["fly"], /fleet has no command fly \(commands: list, drift, preview, doctor, up/],
      [["list", "--only", "nobody"], /No stack nobody \(existing stacks: /],
      [["list", "--jobs", "many"], /--jobs <number>' argument 'many' is invalid\. It must be a whole number above 0/],
    ] as const) {
      const { code, output } = await fleet(words);
      assert.deepEqual([code, wanted.test(output)], [1, true], output);
    }
  });

  test("a new stack is a valid file with its own port, and nothing is overwritten", async () => {
    const addStack = (...words: string[]) => clone.run(["bin/benchbox", "new", ...words]);
    const { output } = await addStack("lab-3", "--gpu", "none", "--yes");
    assert.match(output, /Wrote Pulumi\.lab-3\.yaml[\s\S]*Docker Engine/);
    const port = /port: (\d+)/.exec(clone.read("Pulumi.lab-3.yaml"))?.[1];
    assert.ok(Number(port) >= 22022 && ![22022, 22023].includes(Number(port)), `the port ${port} is another stack's`);
    assert.match((await addStack("lab-3", "--yes")).output, /already exists and is not overwritten/);
    assert.match((await addStack("Lab 4", "--yes")).output, /invalid name Lab 4: must start with a lowercase letter/);
    assert.match(
      (await addStack("lab-5", "--yes", "--port", "70000")).output,
      /Pulumi\.lab-5\.yaml:\d+: .*must be at most 65535/,
    );
  });
});
