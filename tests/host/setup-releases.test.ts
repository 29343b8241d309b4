import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startProxy } from "../support/proxy-server.ts";
import { FakeCheckout, pulumi, writeProgram } from "./fake-checkout.ts";

// The release site is a fake server on loopback. No test reaches the real one.

const auto = { BENCHBOX_OFFICIAL: "auto" };

test("an official release that matches the pinned checksum is installed, and nothing is built", async (t) => {
  const clone = new FakeCheckout(t);
  const archive = releaseArchive(clone);
  const site = await listen(t, serving(archive));
  useSite(clone, site, { sha256: sha256(archive) });
  const ran = await clone.setup([], auto);
  assert.equal(ran.code, 0, ran.output);
  assert.match(ran.output, /^\+ Pulumi CLI .*official release.*the checksum in src\/toolchain\/versions\.json/m);
  assert.match(ran.output, /^ {2}Node language host .*in the CLI/m);
  assert.match(ran.output, /^\+ Docker provider .*official release, installed with pulumi plugin install/m);
  assert.deepEqual(clone.built, []);
});

test("without a pinned checksum the publisher's checksum file is used, and the table shows it", async (t) => {
  const clone = new FakeCheckout(t);
  const archive = releaseArchive(clone);
  const site = await listen(t, serving(archive, `${sha256(archive)}  ${archiveName}\n`));
  useSite(clone, site, {});
  const ran = await clone.setup([], auto);
  assert.equal(ran.code, 0, ran.output);
  assert.match(ran.output, /^\+ Pulumi CLI .*publisher's checksum file/m);
});

test("a release that does not match its checksum is rejected, and the CLI is built instead", async (t) => {
  const clone = new FakeCheckout(t);
  const archive = releaseArchive(clone);
  const site = await listen(t, serving(archive));
  useSite(clone, site, { sha256: "0".repeat(64) });
  const ran = await clone.setup([], auto);
  assert.equal(ran.code, 0, ran.output);
  assert.match(
    ran.output,
    /was rejected: its sha256 is [0-9a-f]{64}, expected 0{64} from the checksum in src\/toolchain\/versions\.json/,
  );
  assert.ok(clone.built.includes("cli"));
  assert.ok(!readdirSync(clone.cache).some((name) => name.startsWith("pulumi-3")));
});

test("a release without any checksum is not used", async (t) => {
  const clone = new FakeCheckout(t);
  const site = await listen(t, serving(releaseArchive(clone)));
  useSite(clone, site, {});
  const ran = await clone.setup([], auto);
  assert.equal(ran.code, 0, ran.output);
  assert.match(ran.output, /cannot be verified: the publisher's checksums are unavailable/);
  assert.ok(clone.built.includes("cli"));
});

test("an interrupted download is retried once, then the CLI is built instead", async (t) => {
  const clone = new FakeCheckout(t);
  const archive = releaseArchive(clone);
  let downloads = 0;
  const site = await listen(t, (request, response) => {
    if (request.headers.range) return response.writeHead(206).end("x");
    downloads++;
    response.writeHead(200, { "content-length": archive.length });
    response.write(archive.subarray(0, 100), () => response.destroy());
  });
  useSite(clone, site, { sha256: sha256(archive) });
  const ran = await clone.setup([], auto);
  assert.equal(ran.code, 0, ran.output);
  assert.equal(downloads, 2);
  assert.match(ran.output, /failed twice/);
  assert.ok(clone.built.includes("cli"));
});

test("a release site that accepts the connection but never answers is skipped within 15 seconds", async (t) => {
  const clone = new FakeCheckout(t);
  const silent = createTcpServer(() => {});
  await open(t, silent);
  useSite(clone, `http://127.0.0.1:${(silent.address() as AddressInfo).port}`, {});
  const ran = await clone.setup([], auto);
  assert.equal(ran.code, 0, ran.output);
  assert.match(ran.output, /127\.0\.0\.1: no answer within 10 s/);
  assert.equal(clone.built.length, 4);
  assert.ok(ran.seconds < 15, `took ${ran.seconds} s`);
});

test("the environment's proxy is used, and its password appears in no output, log or result", async (t) => {
  const clone = new FakeCheckout(t);
  const archive = releaseArchive(clone);
  const site = await listen(t, serving(archive), "127.0.0.2"); // 127.0.0.1 would be reached without the proxy
  useSite(clone, site, { sha256: sha256(archive) });
  const proxy = await startProxy({ kind: "http", user: "someone", password: "hunter2secret" });
  t.after(() => proxy.stop());
  const address = proxy.url;
  const ran = await clone.setup([], { ...auto, http_proxy: address, HTTPS_PROXY: address });
  assert.equal(ran.code, 0, ran.output);
  assert.ok(proxy.requests().length > 0, "the proxy was not used");

  clone.addPlugin("cli", "pulumi", "two");
  const built = await clone.setup([], { HTTPS_PROXY: address });
  const log = readFileSync(join(clone.cache, "log/build-cli.log"), "utf8");
  assert.match(log, /the proxy is \(the proxy\)/);
  const files = readdirSync(clone.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files) {
    const text = readFileSync(join(file.parentPath, file.name), "latin1");
    assert.ok(!text.includes("hunter2secret"), join(file.parentPath, file.name));
  }
  assert.doesNotMatch(ran.output + built.output, /hunter2secret/);
});

const archiveName = `pulumi-v3.276.0-linux-${process.arch}.tar.gz`;

/** An archive with the publisher's layout: a folder `pulumi` that contains the CLI and the language host. */
function releaseArchive(clone: FakeCheckout): Buffer {
  const folder = join(clone.root, "release/pulumi");
  mkdirSync(folder, { recursive: true });
  writeProgram(join(folder, "pulumi"), pulumi);
  writeProgram(join(folder, "pulumi-language-nodejs"), "exit 0");
  const file = join(clone.root, "release", archiveName);
  if (!existsSync(file)) execFileSync("tar", ["-czf", file, "-C", join(clone.root, "release"), "pulumi"]);
  return readFileSync(file);
}

function serving(archive: Buffer, checksums?: string): RequestListener {
  return (request, response) => {
    if (request.url === `/${archiveName}`) response.writeHead(200).end(archive);
    else if (request.url === "/checksums.txt" && checksums) response.writeHead(200).end(checksums);
    else response.writeHead(404).end();
  };
}

function useSite(clone: FakeCheckout, site: string, pin: { readonly sha256?: string }): void {
  const file = join(clone.checkout, "src/toolchain/versions.json");
  const toolchain = JSON.parse(readFileSync(file, "utf8"));
  toolchain.pulumi.archives = [`${site}/pulumi-v{version}-linux-{arch}.tar.gz`];
  toolchain.pulumi.checksums = `${site}/checksums.txt`;
  toolchain.pulumi.sha256 = pin.sha256 ? { [process.arch]: pin.sha256 } : {};
  writeFileSync(file, JSON.stringify(toolchain));
}

async function listen(t: TestContext, listener: RequestListener, address = "127.0.0.1"): Promise<string> {
  const server = createServer(listener);
  await open(t, server, address);
  return `http://${address}:${(server.address() as AddressInfo).port}`;
}

async function open(t: TestContext, server: Server | TcpServer, address = "127.0.0.1"): Promise<void> {
  const sockets = new Set<{ destroy(): unknown }>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
