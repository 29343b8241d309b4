import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { checkRegistries } from "../../src/checks/registries.ts";
import type { CheckResult } from "../../src/model/check-result.ts";
import type { RegistryBase } from "../../src/model/machine.ts";
import { bridgeAddress } from "../image/network-site.ts";
import { isBrief } from "../support/engines.ts";
import { makeCertificates } from "../support/tls.ts";
import { PullBench } from "./pull-bench.ts";
import { pullCases } from "./pull-cases.ts";

const baseOf = (reference: string, mirrors: string[] = []): RegistryBase => ({
  kind: "registry",
  reference,
  onMismatch: "error",
  mirrors,
});
const textOf = ([one]: CheckResult[]): string => `${one?.severity} ${one && "found" in one ? one.found : ""}`;

// The host's own Docker Engine.
const bench = new PullBench(undefined);
before(() => bench.start());
after(() => bench.stop());

pullCases(() => bench);

test("the image of another platform is a different image, and is pulled on request", async () => {
  const { path } = await bench.publish();
  const reference = `${bench.registry}/${path}`;
  const own = await bench.pull([reference]);
  const other = await bench.pull([reference, "--platform", "linux/arm64"]);
  assert.equal(other.code, 0, other.output);
  assert.notEqual(other.stdout, own.stdout);
  assert.equal(bench.docker("image", "inspect", "--format", "{{.Architecture}}", reference), "arm64");
  assert.match((await bench.pull([reference, "--platform", "linux/arm64"])).output, /already exists/);
});

test("a Docker Engine behind ssh pulls like a local one", async () => {
  const { path } = await bench.publish();
  // A fake ssh, which runs the command locally.
  const folder = join(bench.folder, "ssh");
  mkdirSync(folder);
  writeFileSync(
    join(folder, "ssh"),
    '#!/bin/sh\nwhile [ "$1" != docker ]; do shift; done\nunset DOCKER_HOST\nexec "$@"\n',
  );
  chmodSync(join(folder, "ssh"), 0o755);
  const over = { DOCKER_HOST: "ssh://somebody@elsewhere", PATH: `${folder}:${process.env.PATH}` };
  const ran = await bench.pull([`${bench.dead}/${path}`, bench.registry], over);
  assert.equal(ran.code, 0, ran.output);
  assert.deepEqual(bench.names(path), [`${bench.dead}/${path}`]);
});

test("preflight asks the Docker Engine for the base's manifest, from every source that a pull would use", async () => {
  const { path } = await bench.publish();
  const check = async (reference: string, ...mirrors: string[]): Promise<string> =>
    textOf(await checkRegistries(baseOf(reference, mirrors)));
  assert.match(await check(`${bench.dead}/${path}`, bench.registry), /^ok .* is available from \S+$/);
  assert.match(await check(`${bench.registry}/${path.replace(":1", ":2")}`), /^error .*: image not found$/);
  assert.match(await check(`${bench.dead}/${path}`), /^error .*: connection refused/);
});

test("a registry whose certificate authority only the Docker Engine trusts is checked with that authority", {
  skip: process.getuid?.() !== 0 && "the Docker Engine's authorities are in /etc/docker, which belongs to root",
}, async (t) => {
  const { path } = await bench.publish();
  const address = bridgeAddress(); // on loopback, a Docker Engine accepts a registry without a certificate
  const certificates = join(bench.folder, "certificates");
  makeCertificates(certificates, address);
  const [key, cert] = ["server-key.pem", "server-cert.pem"].map((name) => readFileSync(join(certificates, name)));
  const site = createServer({ key, cert }, ({ method, url, headers }, response) => {
    request(`http://${bench.registry}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    }).end();
  });
  await new Promise<void>((resolve) => site.listen(0, address, resolve));
  const place = site.address();
  assert.ok(place !== null && typeof place === "object");
  const host = `${address}:${place.port}`;
  const trust = `/etc/docker/certs.d/${host}`;
  t.after(() => {
    site.close();
    rmSync(trust, { recursive: true, force: true });
  });
  const check = async () => textOf(await checkRegistries(baseOf(`${host}/${path}`)));
  assert.match(await check(), /^error .*: certificate not trusted by the Docker Engine/);
  mkdirSync(trust, { recursive: true });
  cpSync(join(certificates, "ca.pem"), join(trust, "ca.crt"));
  assert.match(await check(), /^ok /);
});

test("mirrors can be listed in a file", { skip: isBrief }, async () => {
  const { path } = await bench.publish();
  const file = join(bench.folder, "mirrors");
  writeFileSync(file, `127.0.0.1:2\n\nhttp://${bench.registry}/\n`);
  const ran = await bench.pull([`${bench.dead}/${path}`, "--mirrors", file]);
  assert.equal(ran.code, 0, ran.output);
  assert.match(ran.output, /127\.0\.0\.1:2\/.*: connection refused/);
});

test("an unreachable Docker Engine and invalid arguments are reported without a stack trace", {
  skip: isBrief,
}, async () => {
  const noEngine = await bench.pull(["a/b:1"], { DOCKER_HOST: "unix:///nowhere/docker.sock" });
  assert.equal(noEngine.code, 1);
  assert.match(noEngine.output, /^benchbox: the Docker Engine does not answer: .*\n {2}Fix: .*: docker version\n$/s);
  for (const words of [[], ["a/B:1"], ["a/b", "--id", "123"], ["a/b", "nowhere"], ["a/b", "--on-mismatch", "shrug"]]) {
    const ran = await bench.pull(words);
    assert.equal(ran.code, 1);
    assert.match(ran.output, /^benchbox: .*\nUsage: [^\n]*\n$/, words.join(" "));
  }
});
