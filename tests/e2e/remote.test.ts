import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { canListen } from "../../src/checks/ports.ts";
import { Clone, docker, freePort } from "../support/clone.ts";
import { engineLacks } from "../support/engines.ts";
import { copyImage } from "../support/fake-gpu.ts";
import { coloursOf } from "../support/picture.ts";
import { startProxy } from "../support/proxy-server.ts";
import { type RemoteEngine, startRemoteEngine } from "../support/remote-engine.ts";
import { makeCertificates } from "../support/tls.ts";
import { freeDisplay, screenshot, startXServer, xPrograms, xServerLacks } from "../support/x-server.ts";
import { appliedSteps, assertSilent, assertSilentInFull, plannedSteps } from "./plan.ts";

/** A box on another host's Docker Engine, reached over SSH and published only on that host's loopback, except in the last tests. */
describe("a remote Docker Engine", { concurrency: 1, skip: engineLacks() || xServerLacks(), timeout: 900_000 }, () => {
  let clone: Clone;
  let remote: RemoteEngine;
  let image = "";
  let jumpPort = 0;
  let inBox = 0;
  const programs = mkdtempSync(join(tmpdir(), "benchbox-ssh-"));
  const file = (): string => `Pulumi.${clone.stack}.yaml`;
  /** Uses a proxy on this host: the other host has no Internet access. */
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
    throughProxy((environment) => clone.ok(["bin/benchbox", "up", clone.stack, "--skip-preview"], environment));

  before(async () => {
    // A fake of the user's ~/.ssh, which ssh finds through the user database, not through HOME.
    const settings = join(programs, "config");
    writeFileSync(join(programs, "ssh"), `#!/bin/sh\nexec /usr/bin/ssh -F ${settings} "$@"\n`, { mode: 0o755 });
    clone = new Clone(`remote${process.pid}`, await freePort(), { PATH: `${programs}:${process.env.PATH}` });
    inBox = await freeDisplay();
    clone.write(file(), `${clone.read(file())}  benchbox:x11: { server: { display: ${inBox}, screen: 640x480 } }\n`);
    // Builds the image here and copies it there, as a bundle would.
    await clone.up();
    image = docker("container", "inspect", "--format", "{{.Config.Image}}", clone.name);
    jumpPort = await freePort();
    remote = await startRemoteEngine(readFileSync(join(clone.home, ".ssh/id_ed25519.pub"), "utf8"));
    for (const name of [image, clone.base()]) copyImage(name, remote.engine);
    await clone.purge();
    writeFileSync(
      settings,
      [
        `Include "${join(clone.home, ".ssh/config")}"`,
        "Host behind",
        `  HostName ${remote.ip}`,
        `  ProxyJump root@127.0.0.1:${jumpPort}`,
        "Host *",
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

  test("with an unconfirmed host key is an error with the fix", async () => {
    const { code, output } = await clone.run(["bin/benchbox", "doctor", clone.stack]);
    assert.equal(code, 1);
    assert.match(output, /Docker Engine +does not answer \(.*[Hh]ost key verification failed/s);
    assert.match(output, /Fix: .*confirm the host key once: ssh root@10\.232\.\d+\.2/);
  });

  test("whose SSH server forbids forwarding is refused before anything is created", async () => {
    const server = await remote.startServer(2222, "AllowTcpForwarding no");
    writeFileSync(join(clone.home, ".ssh/known_hosts"), `${remote.knownHost}${server.knownHost}`);
    const text = clone.read(file());
    clone.write(file(), text.replace(remote.address, server.address));
    const { code, output } = await clone.run(["bin/benchbox", "doctor", clone.stack]);
    clone.write(file(), text);
    assert.equal(code, 1);
    assert.match(output, /^x SSH +the SSH server of root@10\.232\.\d+\.2:2222 forbids forwarding to 127\.0\.0\.1:\d+/m);
  });

  test("has the box, and this host's Docker Engine has no part of it", async () => {
    await up();
    assert.match(
      docker("--host", remote.engine.host, "ps", "--format", "{{.Names}}"),
      new RegExp(`^${clone.name}$`, "m"),
    );
    const here = ["ps --all", "volume ls", "network ls"].map((words) => docker(...words.split(" "))).join("\n");
    assert.ok(!here.includes(clone.name), here);
    await assertSilent(clone);
  });

  test("is the jump host of every command that opens the box", async () => {
    assert.equal(await clone.ssh("hostname; uv --version | cut -c1-2"), `${clone.name}\nuv\n`);
    await clone.ok(["bin/benchbox", "ssh-config", clone.stack]);
    assert.match(readFileSync(join(clone.home, ".ssh/benchbox/config"), "utf8"), /ProxyJump root@10\.232\.\d+\.2/);
    assert.equal(await clone.ok(["ssh", "-o", "BatchMode=yes", clone.name, "id -u"]), "3100\n");
  });

  test("has its drift detected and fixed from here", async () => {
    await clone.ssh("rm ~/.local/bin/uv");
    const { code, output } = await clone.run(["bin/benchbox", "drift", clone.stack]);
    assert.equal(code, 2);
    assert.match(output, /! tool uv +\S+ is gone/);
    assert.deepEqual(appliedSteps(clone, await up()), ["update uv-run"]);
    await assertSilent(clone);
  });

  test("shows windows on this host's screen over SSH, and on the box's own X server, which is visible from here", async (t) => {
    const screen = await startXServer();
    t.after(() => screen.stop());
    const seen = await clone.ok(["bin/benchbox", "x11-test", clone.stack], screen.environment);
    assert.deepEqual(seen.match(/^ {2}works$/gm), ["  works", "  works"], seen);

    const printed = await clone.ok(["bin/benchbox", "x11", clone.stack]);
    const [, tunnel = ""] = /^ {4}(npm run ssh .*-L .*)$/m.exec(printed) ?? [];
    const [, display, file] = /export DISPLAY=(\S+) XAUTHORITY=(.+)/.exec(printed) ?? [];
    assert.equal(display, `127.0.0.1:${inBox}`);
    const open = clone.start(["bash", "-c", tunnel]);
    const clock = clone.start(["bin/benchbox", "ssh", clone.stack, "exec xclock -norender -bg '#28643c'"]);
    t.after(() => process.kill(-Number(open.pid)));
    t.after(() => clone.run(["docker", "--host", remote.engine.host, "exec", clone.name, "pkill", "xclock"]));
    const cookies = execFileSync("bash", ["-c", `printf %s ${file}`], { encoding: "utf8" });
    const environment = { DISPLAY: display, XAUTHORITY: cookies };
    const root = await xPrograms();
    const isThere = () => (coloursOf(screenshot(environment, root)).get("#28643c") ?? 0) > 5000;
    while ((await canListen("127.0.0.1", 6000 + inBox)) && open.exitCode === null) await sleep(100);
    while (!isThere() && clock.exitCode === null) await sleep(200);
    assert.ok(isThere());
  });

  // Not among the other drift tests, since other tests build on the base on this host's Docker Engine.
  test("a deleted base is no drift while no build needs it", async () => {
    const base = clone.base();
    docker("--host", remote.engine.host, "image", "rm", base);
    await clone.ok(["bin/benchbox", "drift", clone.stack]); // 0: no drift
    await assertSilent(clone);
    copyImage(base, remote.engine);
  });

  test("without a connection is an error in time, but no drift, and works again once it is back", async () => {
    remote.setLink("down");
    const started = performance.now();
    const { code, output } = await clone.run(["bin/benchbox", "drift", clone.stack]);
    remote.setLink("up");
    assert.equal(code, 1);
    assert.match(output, /^benchbox: Docker Engine: does not answer/);
    assert.ok(performance.now() - started < 60_000);
    await assertSilent(clone);
  });

  test("with a slow connection is waited for", async () => {
    await clone.ssh("rm ~/.local/bin/uv");
    remote.setRate("400kbit");
    const { code, output } = await clone.run(["bin/benchbox", "drift", clone.stack]);
    assert.equal(code, 2, output);
    assert.match(output, /! tool uv +\S+ is gone/);
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), ["update uv-run"]);
    remote.setRate(undefined);
    await up();
    await assertSilent(clone);
  });

  test("backs up its volumes to this host, and restores them", async () => {
    const archive = join(clone.home, "backup.tar");
    await clone.ssh("echo kept >~/kept");
    await clone.ok(["bin/benchbox", "backup", clone.stack, archive]);
    await clone.ssh("rm ~/kept");
    await clone.ok(["bin/benchbox", "restore", clone.stack, archive, `--replace=${clone.stack}`]);
    await up();
    assert.equal(await clone.ssh("cat ~/kept"), "kept\n");
    await assertSilent(clone);
  });

  test("behind a jump host in the user's ssh_config is reached over both", async () => {
    const text = clone.read(file());
    const jump = await remote.startJumpHost(jumpPort);
    appendFileSync(join(clone.home, ".ssh/known_hosts"), jump.knownHost);
    clone.write(file(), text.replace(remote.address, "ssh://root@behind"));
    await assertSilent(clone);
    await clone.ssh("rm ~/.local/bin/uv");
    await up();
    assert.equal(await clone.ssh("hostname; uv --version | cut -c1-2"), `${clone.name}\nuv\n`);
    await clone.ok(["bin/benchbox", "ssh-config", clone.stack]);
    assert.equal(await clone.ok(["ssh", "-o", "BatchMode=yes", clone.name, "id -u"]), "3100\n");
    await assertSilent(clone);
    assert.match(jump.log(), /Accepted publickey for root/);
    clone.write(file(), text);
    await assertSilent(clone);
  });

  test("without SSH cannot be a jump host, which is reported with the line", async () => {
    const text = clone.read(file());
    clone.write(file(), text.replace(/docker_host: .*/, "docker_host: tcp://192.0.2.1:2376"));
    const { output } = await clone.run(["bin/benchbox", "doctor", clone.stack]);
    clone.write(file(), text);
    assert.match(
      output,
      /Pulumi\.\w+\.yaml:\d+: .*ssh\.bind: 127\.0\.0\.1 on the Docker host at tcp:\S+ cannot be reached/,
    );
  });

  test("over TLS uses the stack's certificates, and SSH connects to an address of that host", async () => {
    const text = clone.read(file());
    const id = docker("--host", remote.engine.host, "container", "inspect", "--format", "{{.Id}}", clone.name);
    const certs = join(clone.home, "certs");
    const tls = text.replace(remote.address, `tcp://${remote.ip}:2376\n  benchbox:docker_certs: ~/certs`);
    clone.write(file(), tls.replace(/ssh:\n/, `ssh:\n    bind: ${remote.ip}\n    allow_weak_password: true\n`));
    const doctor = () => clone.run(["bin/benchbox", "doctor", clone.stack]);
    assert.match((await doctor()).output, /does not answer \(.*certs\/ca\.pem: no such file/s);

    makeCertificates(certs, remote.ip);
    assert.match((await doctor()).output, /does not answer \(.*certificate signed by unknown authority/s);

    rmSync(certs, { recursive: true });
    mkdirSync(certs);
    for (const name of ["ca.pem", "cert.pem", "key.pem"]) cpSync(join(remote.certs, name), join(certs, name));
    const plain = await clone.run(["bin/pulumi", "preview", "--stack", clone.stack]);
    assert.equal(plain.code, 0, plain.output);
    await up();
    assert.equal(await clone.ssh("cat ~/kept; uv --version | cut -c1-2"), "kept\nuv\n");
    await assertSilent(clone);
    assert.notEqual(
      docker("--host", remote.engine.host, "container", "inspect", "--format", "{{.Id}}", clone.name),
      id,
    );

    // The same with a context of the docker client, which a stack without an address uses.
    const places = ["ca", "cert", "key"].map((name) => `,${name}=${join(certs, name)}.pem`).join("");
    await clone.ok(["docker", "context", "create", "lab", `--docker=host=tcp://${remote.ip}:2376${places}`]);
    await clone.ok(["docker", "context", "use", "lab"]);
    const mine = clone.read(file());
    clone.write(file(), mine.replace(/ {2}benchbox:docker_.*\n/g, ""));
    await assertSilentInFull(clone);
    clone.write(file(), mine);
    await clone.ok(["docker", "context", "use", "default"]);
  });
});
