import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { toolsReport } from "../../src/cli/documents.ts";
import { isChecked } from "../../src/model/checked.ts";
import { readCertificateAuthorities } from "../../src/observe/certificate-authorities.ts";
import { publish, toolLock } from "../scripts/fake-releases.ts";
import { ReleaseSite } from "../scripts/release-site.ts";
import { Clone, docker, freePort } from "../support/clone.ts";
import { engineLacks, listsCdi } from "../support/engines.ts";
import { cudaEnvironment, cudaPath, publishFakeCuda } from "../support/fake-cuda.ts";
import { copyImage, gpuEnvironment, requestedGpus, startGpuEngine } from "../support/fake-gpu.ts";
import { makeBase } from "../support/make-base.ts";
import { startProxy } from "../support/proxy-server.ts";
import { type Endpoint, startRegistry } from "../support/registry.ts";
import type { SecondEngine } from "../support/second-engine.ts";
import { assertSilent, assertSilentInFull } from "./plan.ts";
import { environments } from "./sessions.ts";

const base = `docker.1ms.run/${cudaPath}`;

/**
 * The stack of the requirements, without access to their registry: a registry on loopback serves a fake base as a mirror, and a Docker
 * Engine has fake GPUs. Each test starts with the box up and leaves it up.
 */
describe("the stack `dev`", { concurrency: 1, skip: engineLacks(), timeout: 1_200_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "bb-dev-"));
  const machine = mkdtempSync(join(tmpdir(), "bb-dev-gpu-"));
  let registry: Endpoint;
  let engine: SecondEngine;
  let clone: Clone;
  let id: string;
  let output = "";
  let site: ReleaseSite;
  let everyTool = "";

  before(async () => {
    site = await ReleaseSite.start();
    registry = await startRegistry(folder);
    engine = await startGpuEngine();
    clone = new Clone(`dev${process.pid}`, await freePort(), gpuEnvironment(machine), "all");
    id = await publishFakeCuda(registry.host);
    const port = /port: \d+/.exec(clone.read(`Pulumi.${clone.stack}.yaml`))?.[0] ?? assert.fail("no port");
    const own = `  benchbox:docker_host: ${engine.host}\n  benchbox:image:\n    id: "${id.slice("sha256:".length, 19)}"\n    mirrors: ["${registry.host}"]\n`;
    const dev = clone.read("Pulumi.dev.yaml").replace(/port: \d+/, port);
    clone.write(`Pulumi.${clone.stack}.yaml`, dev + own);
    const authority = join(machine, "site.pem");
    writeFileSync(authority, site.authority);
    const config = clone.read("user_config.yml");
    clone.write(
      "user_config.yml",
      config.replace(
        "ca_certificates: host",
        `ca_certificates: ${JSON.stringify([...hostAuthorities(machine), authority])}`,
      ),
    );
    everyTool = clone.read("user_config.yml");
    clone.firstRun();
    output = await clone.up();
  });
  after(async () => {
    site.close();
    await registry.stop();
    for (const path of [folder, machine]) rmSync(path, { recursive: true });
    await clone.purge();
    clone.remove();
    await engine.stop();
  });

  const isSilent = (): Promise<void> => assertSilent(clone);
  const onEngine = (...words: string[]): string => docker("--host", engine.host, ...words);
  const idOf = (name: string): string => onEngine("image", "inspect", "--format", "{{.Id}}", name);
  /** Changes a script of the build, so that an image must be built. */
  const changeBuild = (): void =>
    clone.write("image/box/healthcheck", `${clone.read("image/box/healthcheck")}# changed\n`);

  test("the base comes from the mirror, and has the required id and the name in the requirements", async () => {
    assert.match(output, new RegExp(`${registry.host}/${cudaPath}`));
    assert.equal(idOf(base), id);
    await isSilent();
  });

  test("the user has the configured ids, and Ubuntu's own user still exists", async () => {
    assert.equal(await clone.ssh("id -u; id -g; id -u ubuntu"), "3100\n1100\n1000\n");
  });

  test("the box has all GPUs, as configured in Pulumi.dev.yaml", async () => {
    const id = onEngine("container", "inspect", "--format", "{{.Id}}", clone.name);
    assert.equal(requestedGpus(engine, id), listsCdi ? undefined : "all"); // through CDI if the Docker Engine lists its devices
    assert.match(await clone.ssh("nvidia-smi -L"), /^GPU 0: /);
  });

  test("every kind of session has the base's CUDA environment", async () => {
    const sessions = await environments(clone, ["docker", "--host", engine.host]);
    const wanted = {
      ...cudaEnvironment,
      NVIDIA_VISIBLE_DEVICES: listsCdi ? "void" : "all", // with CDI, the runtime's hook must add none
      NVIDIA_DRIVER_CAPABILITIES: "compute,utility,graphics,display",
    };
    for (const [session, environment] of Object.entries(sessions)) {
      const found = Object.fromEntries(
        Object.keys(wanted).map((name) => [name, environment.match(new RegExp(`^${name}=(.*)$`, "m"))?.[1]]),
      );
      assert.deepEqual(found, { ...wanted, PATH: found.PATH }, session);
      assert.equal(found.PATH?.replace(/:?\/home\/peid\/\.(local|bun|pixi)\/bin:?/g, ""), wanted.PATH, session);
    }
  });

  test("a box without Internet access installs its tools through a proxy on this host's loopback", async () => {
    const proxy = await startProxy({ kind: "http" });
    try {
      clone.firstRun('- "stage-1/system/uv/install-uv.sh --user peid"');
      const environment = { HTTPS_PROXY: proxy.url, https_proxy: proxy.url, NO_PROXY: "", no_proxy: "" };
      await clone.ok(["bin/benchbox", "up", clone.stack], environment);
      assert.match(await clone.ssh("uv --version"), /^uv /);
      assert.ok(
        proxy.requests().some((request) => request.startsWith("CONNECT")),
        "the proxy got no request",
      );
      await isSilent();
    } finally {
      await proxy.stop();
    }
  });

  test("every tool of the list, all of them required, is installed", async () => {
    publishUnregistered(clone, site);
    const file = `Pulumi.${clone.stack}.yaml`;
    clone.write(file, `${clone.read(file)}  benchbox:tools:\n    mirrors: { github: [${site.mirror("well")}] }\n`);
    clone.write("user_config.yml", everyTool);
    const proxy = await startProxy({ kind: "http" });
    const here = site.host.replace(/:.*/, "");
    const environment = { HTTPS_PROXY: proxy.url, https_proxy: proxy.url, NO_PROXY: here, no_proxy: here };
    try {
      const output = await clone.ok(["bin/benchbox", "up", clone.stack, "--skip-preview"], environment);
      const json = await clone.ok(["bin/benchbox", "tools", clone.stack, "--json"]);
      const { tools: rows } = toolsReport.parse(JSON.parse(json));
      assert.deepEqual(
        rows.filter(({ state }) => state !== "installed"),
        [],
        output,
      );
      assert.equal(rows.length, 9);
      assert.equal(rows.find(({ step }) => step === "clash-rs")?.source, site.host);
      for (const command of [
        "uv",
        "pixi",
        "node",
        "bun",
        "claude",
        "codex",
        "gemini",
        "jq",
        "yq",
        "nvitop",
        "btop",
        "hx",
        "clash-rs",
      ]) {
        assert.match(await clone.ssh(`${command} --version`), /\d/, command);
      }
      assert.match(await clone.ssh("ls /soft/app/clash"), /./);
      await isSilent();
    } finally {
      await proxy.stop();
    }
  });

  test("a different image under the base's name changes nothing, and no build uses it", async () => {
    copyImage(makeBase("trixie"), engine);
    onEngine("tag", makeBase("trixie"), base);
    await isSilent();
    changeBuild();
    await clone.up();
    assert.equal(idOf(base), id);
    await isSilent();
  });

  test("a deleted base is not pulled before a build needs it", async () => {
    onEngine("image", "rm", "--force", base);
    await isSilent();
    assert.throws(() => idOf(base));
    changeBuild();
    await clone.up();
    assert.equal(idOf(base), id);
    await isSilent();
  });

  test("a base with a different id is refused, both ids are reported, and the box stays", async () => {
    const file = `Pulumi.${clone.stack}.yaml`;
    const text = clone.read(file);
    clone.write(file, text.replace(/id: ".*"/, 'id: "468c101db63b"'));
    const ran = await clone.run(["bin/benchbox", "up", clone.stack]);
    clone.write(file, text);
    assert.notEqual(ran.code, 0);
    assert.match(ran.output, /468c101db63b/);
    assert.match(ran.output, new RegExp(id.slice("sha256:".length, 19)));
    await clone.ssh("true");
    await assertSilentInFull(clone);
  });
});

/** A file with the certificate authorities that were added to this host, as `ca_certificates: host` finds them; empty if there are none. */
function hostAuthorities(folder: string): string[] {
  const found = readCertificateAuthorities("host", "/", (message) => assert.fail(message));
  if (!isChecked(found) || found.value.certificates.length === 0) return [];
  const file = join(folder, "host-authorities.pem");
  writeFileSync(file, `${found.value.certificates.join("\n")}\n`);
  return [file];
}

/** Publishes fakes of the two tools that no package registry has on the site, and writes their checksums into the clone's lock file. */
function publishUnregistered(clone: Clone, site: ReleaseSite): void {
  let lock = clone.read("tools.lock.yml");
  for (const id of ["pixi", "clash-rs"]) {
    const version = toolLock[id]?.version ?? assert.fail(id);
    const pixi = readFileSync(new URL("../support/fake-pixi/pixi", import.meta.url), "utf8").replace("0.0.0", version);
    const { sha256 } = publish(site, id, version, "x86_64", 200, id === "pixi" ? { pixi } : {});
    const [part = ""] = new RegExp(`^${id}:\\n( .*\\n)+`, "m").exec(lock) ?? [];
    lock = lock.replace(part, part.replace(/ {6}checksums: .*\n/, `      sha256: { x86_64: ${sha256} }\n`));
  }
  clone.write("tools.lock.yml", lock);
}
