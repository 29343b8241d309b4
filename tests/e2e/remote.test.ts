import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Clone, docker, freePort } from "../support/clone.ts";
import { startProxy } from "../support/proxy-server.ts";
import { type RemoteEngine, startRemoteEngine } from "../support/remote-engine.ts";
import { secondEngineLacks } from "../support/second-engine.ts";
import { copyImage } from "../support/stand-in-gpu.ts";
import { assertSilent, plannedSteps } from "./plan.ts";

/** A box on another machine's engine, reached over SSH; published on that machine's loopback only. */
describe("a remote engine", { concurrency: 1, skip: secondEngineLacks(), timeout: 900_000 }, () => {
  let clone: Clone;
  let remote: RemoteEngine;
  let image = "";
  const programs = mkdtempSync(join(tmpdir(), "benchbox-ssh-"));
  const file = (): string => `Pulumi.${clone.stack}.yaml`;
  /** The proxy is this machine's: the other one has no way out. */
  const throughProxy = async <T>(work: (environment: NodeJS.ProcessEnv) => Promise<T>): Promise<T> => {
    const proxy = await startProxy({ kind: "http" });
    const environment = { HTTPS_PROXY: proxy.url, https_proxy: proxy.url, NO_PROXY: "", no_proxy: "" };
    try {
      return await work({ ...environment, HTTP_PROXY: "", http_proxy: "" });
    } finally {
      await proxy.stop();
    }
  };
  const up = (): Promise<string> =>
    throughProxy((environment) => clone.ok(["npm", "run", "up", "--", clone.stack, "--skip-preview"], environment));

  before(async () => {
    // A stand-in for the user's own ~/.ssh, which ssh finds in the user database and not in HOME.
    const settings = join(programs, "config");
    writeFileSync(join(programs, "ssh"), `#!/bin/sh\nexec /usr/bin/ssh -F ${settings} "$@"\n`, { mode: 0o755 });
    clone = new Clone(`remote${process.pid}`, await freePort(), { PATH: `${programs}:${process.env.PATH}` });
    // The image is made here and carried there, as a bundle would.
    await clone.up();
    image = docker("container", "inspect", "--format", "{{.Config.Image}}", clone.name);
    remote = await startRemoteEngine(readFileSync(join(clone.home, ".ssh/id_ed25519.pub"), "utf8"));
    for (const name of [image, clone.base()]) copyImage(name, remote.engine);
    await clone.purge();
    writeFileSync(
      settings,
      [
        `Include "${join(clone.home, ".ssh/config")}"`,
        `Host ${new URL(remote.address).hostname}`,
        `  IdentityFile "${join(clone.home, ".ssh/id_ed25519")}"`,
        `  UserKnownHostsFile "${join(clone.home, ".ssh/known_hosts")}"`,
        "",
      ].join("\n"),
    );
    clone.write(file(), `${clone.read(file())}  benchbox:docker_host: ${remote.address}\n`);
  });
  after(async () => {
    await clone.purge();
    clone.remove();
    await remote.stop();
    rmSync(programs, { recursive: true });
  });

  test("whose host key nobody has confirmed is an error that says what to do", async () => {
    const { code, output } = await clone.run(["npm", "run", "--silent", "doctor", "--", clone.stack]);
    assert.equal(code, 1);
    assert.match(output, /Docker Engine +does not answer \(.*[Hh]ost key verification failed/s);
    assert.match(output, /to mend: .*ssh root@10\.232\.\d+\.2, which asks about the host key/);
  });

  test("has the box, and this machine's engine has nothing of it", async () => {
    writeFileSync(join(clone.home, ".ssh/known_hosts"), remote.knownHost);
    await up();
    assert.match(
      docker("--host", remote.engine.host, "ps", "--format", "{{.Names}}"),
      new RegExp(`^${clone.name}$`, "m"),
    );
    const here = ["ps --all", "volume ls", "network ls"].map((words) => docker(...words.split(" "))).join("\n");
    assert.ok(!here.includes(clone.name), here);
    await assertSilent(clone);
  });

  test("is reached over that machine, by every command that opens the box", async () => {
    assert.equal(await clone.ssh("hostname; uv --version | cut -c1-2"), `${clone.name}\nuv\n`);
    await clone.ok(["npm", "run", "ssh-config", "--", clone.stack]);
    assert.match(readFileSync(join(clone.home, ".ssh/benchbox/config"), "utf8"), /ProxyJump root@10\.232\.\d+\.2/);
    assert.equal(await clone.ok(["ssh", "-o", "BatchMode=yes", clone.name, "id -u"]), "3100\n");
  });

  test("drift there is seen and repaired from here", async () => {
    await clone.ssh("rm ~/.local/bin/uv");
    const { code, output } = await clone.run(["npm", "run", "--silent", "drift", "--", clone.stack]);
    assert.equal(code, 2);
    assert.match(output, /! tool uv +\S+ is gone/);
    assert.deepEqual(await plannedSteps(clone), ["update uv-run"]);
    await up();
    await assertSilent(clone);
  });

  test("that is cut off is an error in time, and no drift; and all is well when it is back", async () => {
    remote.setLink("down");
    const started = performance.now();
    const { code, output } = await clone.run(["npm", "run", "--silent", "drift", "--", clone.stack]);
    remote.setLink("up");
    assert.equal(code, 1);
    assert.match(output, /^benchbox: Docker Engine: does not answer/);
    assert.ok(performance.now() - started < 60_000);
    await assertSilent(clone);
  });

  test("an engine without SSH cannot be jumped over, which is told with the line", async () => {
    const text = clone.read(file());
    clone.write(file(), text.replace(/docker_host: .*/, "docker_host: tcp://192.0.2.1:2376"));
    const { output } = await clone.run(["npm", "run", "--silent", "doctor", "--", clone.stack]);
    clone.write(file(), text);
    assert.match(
      output,
      /Pulumi\.\w+\.yaml:\d+: .*ssh\.bind: 127\.0\.0\.1 of the machine at tcp:\S+ cannot be reached/,
    );
  });
});
