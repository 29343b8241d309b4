import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setupReport } from "../../src/cli/documents.ts";
import { ended, FakeCheckout, writeProgram } from "./fake-checkout.ts";

test("set-up in a new clone builds everything once, and the second run changes nothing", async (t) => {
  const clone = new FakeCheckout(t);
  const first = await clone.setup();
  assert.equal(first.code, 0, first.output);
  assert.deepEqual(clone.built, ["cli", "language-nodejs", "docker", "command"]);
  assert.match(first.output, /^\+ Pulumi CLI .*built from plugins\/cli/m);
  const before = treeOf(join(clone.cache, "built"));

  const second = await clone.setup();
  assert.equal(second.code, 0, second.output);
  assert.equal(clone.built.length, 4);
  assert.deepEqual(treeOf(join(clone.cache, "built")), before);
  assert.doesNotMatch(second.output, /^[+!]/m);
  assert.ok(second.seconds < 1.5, `took ${second.seconds} s`);
});

test("the cache and the result belong to the user alone", async (t) => {
  const clone = new FakeCheckout(t);
  await clone.setup();
  for (const folder of [clone.cache, join(clone.checkout, ".state")])
    assert.equal(statSync(folder).mode & 0o777, 0o700);
});

test("the result makes the tools available when bash sources it, even if the paths contain spaces and quotes", async (t) => {
  const clone = new FakeCheckout(t);
  await clone.setup();
  const script =
    'source "$1"; source "$1"; pulumi version; ls "$PULUMI_HOME"/plugins/language-nodejs-*/pulumi-language-nodejs; echo "$PULUMI_HOME"; echo "$BENCHBOX_CACHE"';
  const shell = spawn("bash", ["-euc", script, "bash", clone.result], {
    env: { PATH: "/usr/bin:/bin" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [version, host, home, cache] = (await ended(shell)).output.trim().split("\n");
  assert.equal(version, "v3.276.0");
  assert.ok(host?.startsWith(`${home}/plugins/`), host);
  assert.ok(home?.startsWith(`${clone.cache}/pulumi-home-`), home);
  assert.equal(cache, clone.cache);
  for (const name of ["docker-v5.2.0", "command-v1.2.1"]) assert.ok(existsSync(`${home}/plugins/resource-${name}`));
});

test("the CLI cannot write its logs into set-up's Pulumi home, and a user's own one is left unchanged", async (t) => {
  const clone = new FakeCheckout(t);
  await clone.setup();
  const [home] = readdirSync(clone.cache).filter((name) => name.startsWith("pulumi-home-"));
  const logs = join(clone.cache, String(home), "logs");
  assert.ok(statSync(logs).isFile());
  rmSync(logs);
  mkdirSync(logs);
  writeFileSync(join(logs, "pulumi-20261126T120000-1.log"), "x");
  await clone.setup();
  assert.ok(statSync(logs).isFile());
  const userHome = join(clone.cache, "../user-home");
  mkdirSync(join(userHome, "logs"), { recursive: true });
  await clone.setup([], { PULUMI_HOME: userHome });
  assert.ok(statSync(join(userHome, "logs")).isDirectory());
});

test("set-up with its own result sourced leads to the same result", async (t) => {
  const clone = new FakeCheckout(t);
  await clone.setup();
  const before = readFileSync(clone.result, "utf8");
  const script = 'source "$1"; exec "$2"';
  const args = ["-euc", script, "bash", clone.result, join(clone.checkout, "src/toolchain/setup")];
  const repeated = await ended(spawn("bash", args, { env: clone.environment(), stdio: ["ignore", "pipe", "pipe"] }));
  assert.equal(repeated.code, 0, repeated.output);
  assert.equal(readFileSync(clone.result, "utf8"), before);
});

test("--check in a new clone lists what is missing and changes nothing", async (t) => {
  const clone = new FakeCheckout(t);
  const before = treeOf(clone.root);
  const check = await clone.setup(["--check"]);
  assert.equal(check.code, 1, check.output);
  assert.match(check.output, /^! Pulumi CLI .*missing/m);
  assert.match(check.output, /^ {2}Docker Engine .*28\.0\.0/m);
  assert.deepEqual(treeOf(clone.root), before);
});

test("--check --json prints every part, before and after a set-up", async (t) => {
  const clone = new FakeCheckout(t);
  const missing = await clone.setup(["--check", "--json"]);
  assert.equal(missing.code, 1, missing.output);
  const before = setupReport.parse(JSON.parse(missing.output));
  assert.equal(before.isComplete, false);
  const [pulumi, engine] = ["Pulumi CLI", "Docker Engine"].map((name) =>
    before.parts.find(({ part }) => part === name),
  );
  assert.deepEqual(pulumi, {
    part: "Pulumi CLI",
    state: "missing",
    required: true,
    needed: ">= 3.259",
    found: "nothing",
    plannedAction: "set-up installs the official release, or builds plugins/cli",
  });
  assert.equal(engine?.found, "28.0.0");
  assert.equal(before.parts.find(({ part }) => part === "debootstrap")?.required, false);

  await clone.setup();
  const complete = await clone.setup(["--json", "--check"]);
  assert.equal(complete.code, 0, complete.output);
  const after = setupReport.parse(JSON.parse(complete.output));
  assert.equal(after.isComplete, true);
  assert.deepEqual(
    after.parts.map(({ part }) => part),
    before.parts.map(({ part }) => part),
  );
});

test("Podman instead of a Docker Engine is reported with what it lacks and a fix", async (t) => {
  const clone = new FakeCheckout(t);
  // The answer of Podman 4.3.1 in Debian bookworm.
  clone.addProgram("docker", 'echo "4.3.1 Podman Engine,Conmon,OCI Runtime (crun),Engine,"');
  const check = await clone.setup(["--check"]);
  assert.match(check.output, /^! Docker Engine .*Podman 4\.3\.1/m);
  const refused = await clone.setup([], { DOCKER_HOST: "unix:///run/podman/podman.sock" });
  assert.notEqual(refused.code, 0);
  assert.match(
    refused.output.replace(/\s+/g, " "),
    /Podman 4\.3\.1 answers on unix:\/\/\/run\/podman\/podman\.sock, not Docker Engine: .*no BuildKit sessions.*Fix: install Docker Engine/,
  );
});

test("--check after a set-up finds nothing missing and changes nothing", async (t) => {
  const clone = new FakeCheckout(t);
  await clone.setup();
  const before = treeOf(clone.root);
  const check = await clone.setup(["--check"]);
  assert.equal(check.code, 0, check.output);
  assert.deepEqual(treeOf(clone.root), before);
});

test("--quick prints nothing if set-up is up to date, and runs it if the sources of a provider changed", async (t) => {
  const clone = new FakeCheckout(t);
  await clone.setup();
  const quick = await clone.setup(["--quick"]);
  assert.deepEqual([quick.code, quick.output], [0, ""]);
  assert.ok(quick.seconds < 0.6, `took ${quick.seconds} s`);

  clone.addPlugin("docker", "pulumi-resource-docker", "two");
  const changed = await clone.setup(["--quick"]);
  assert.equal(changed.code, 0, changed.output);
  assert.deepEqual(clone.built.slice(4), ["docker"]);
});

test("--quick runs set-up if the Docker Engine does not answer", async (t) => {
  const clone = new FakeCheckout(t);
  await clone.setup();
  clone.addProgram("docker", "echo 'permission denied while trying to connect' >&2; exit 1");
  const quick = await clone.setup(["--quick"]);
  assert.equal(quick.code, 1);
  assert.match(quick.output, /you may not use its socket\n {2}Fix: sudo usermod -aG docker "\$USER"/);
});

test("a second clone builds nothing again, and shares the Pulumi home as long as its plugins are the same", async (t) => {
  const [one, two] = [new FakeCheckout(t), new FakeCheckout(t)];
  await one.setup();
  const sharing = await two.setup([], { BENCHBOX_CACHE: one.cache });
  assert.equal(sharing.code, 0, sharing.output);
  assert.deepEqual(two.built, []);
  assert.equal(homeIn(two.result), homeIn(one.result));

  two.addPlugin("command", "pulumi-resource-command", "two");
  await two.setup([], { BENCHBOX_CACHE: one.cache });
  assert.deepEqual(two.built, ["command"]);
  assert.notEqual(homeIn(two.result), homeIn(one.result));
});

test("a user's PULUMI_HOME is used, and a provider in it that was built from other sources is replaced", async (t) => {
  const clone = new FakeCheckout(t);
  const own = { PULUMI_HOME: join(clone.root, "my pulumi") };
  await clone.setup([], own);
  assert.doesNotMatch(readFileSync(clone.result, "utf8"), /PULUMI_HOME/);
  const keyFile = join(own.PULUMI_HOME, "plugins/resource-docker-v5.2.0/.built-from");
  const before = readFileSync(keyFile, "utf8");

  clone.addPlugin("docker", "pulumi-resource-docker", "two");
  const renewed = await clone.setup([], own);
  assert.equal(renewed.code, 0, renewed.output);
  assert.notEqual(readFileSync(keyFile, "utf8"), before);
});

test("a recent enough Pulumi on PATH is used, with the language host next to it", async (t) => {
  const clone = new FakeCheckout(t);
  clone.addProgram("pulumi", "echo v3.300.1");
  clone.addProgram("pulumi-language-nodejs", "exit 0");
  const check = await clone.setup(["--check"], { BENCHBOX_OFFICIAL: "auto" });
  assert.match(check.output, /^ {2}Pulumi CLI .*3\.300\.1 .*bin\/pulumi$/m);
  assert.match(check.output, /^ {2}Node language host .*in the CLI/m);
});

test("a Pulumi on PATH that is too old is not used", async (t) => {
  const clone = new FakeCheckout(t);
  clone.addProgram("pulumi", "echo v3.100.0");
  const check = await clone.setup(["--check"], { BENCHBOX_OFFICIAL: "auto" });
  assert.match(check.output, /^! Pulumi CLI +>= 3\.259 +3\.100\.0 +missing/m);
});

test("node packages that differ from the lock file are installed with npm ci", async (t) => {
  const clone = new FakeCheckout(t);
  lockOnly(clone, "js-yaml", "argparse");
  rmSync(join(clone.checkout, "node_modules"), { recursive: true });
  const check = await clone.setup(["--check"]);
  assert.match(check.output, /^! node packages .*missing/m);
  const first = await clone.setup();
  assert.equal(first.code, 0, first.output);
  assert.ok(existsSync(join(clone.checkout, "node_modules/js-yaml/package.json")));
  rmSync(join(clone.checkout, "node_modules/js-yaml"), { recursive: true });
  const repaired = await clone.setup();
  assert.match(repaired.output, /^\+ node packages .*installed with npm ci/m);
});

test("an old Node is used only to install a newer one", async (t) => {
  const clone = new FakeCheckout(t);
  addOldNode(clone, "18.20.0");
  // A fake npm, since the real package is 50 MB.
  const bin = `node_modules/node-linux-${process.arch}/bin`;
  clone.addProgram(
    "npm",
    `[[ $1 == ci && -e package-lock.json ]]; mkdir -p ${bin}; cp "${process.execPath}" ${bin}/node`,
  );
  requireNodeVersion(clone, process.versions.node);
  const check = await clone.setup(["--check"]);
  assert.equal(check.code, 1);
  const json = await clone.setup(["--check", "--json"]);
  assert.equal(json.code, 1);
  const { isComplete, parts } = setupReport.parse(JSON.parse(json.output));
  assert.equal(isComplete, false);
  assert.deepEqual(
    parts.map(({ part, state }) => [part, state]),
    [["Node", "missing"]],
  );
  assert.ok(!existsSync(clone.cache));
  const first = await clone.setup();
  assert.equal(first.code, 0, first.output);
  assert.match(readFileSync(clone.result, "utf8"), /\/node-[\d.]+-\w+\/bin/);
  const second = await clone.setup();
  assert.doesNotMatch(second.output, /downloading/);
});

test("wrong arguments print the usage", async (t) => {
  const clone = new FakeCheckout(t);
  for (const words of [["--chek"], ["--check", "--quick"], ["--json"]]) {
    const ran = await clone.setup(words);
    assert.equal(ran.code, 2);
    assert.match(ran.output, /^Usage: /);
  }
  assert.equal((await clone.setup([], { BENCHBOX_OFFICIAL: "sometimes" })).code, 2);
});

function homeIn(result: string): string | undefined {
  return /^export PULUMI_HOME=(.*)$/m.exec(readFileSync(result, "utf8"))?.[1];
}

/** Adds a fake old Node, which only prints an old version. */
function addOldNode(clone: FakeCheckout, version: string): void {
  writeProgram(
    join(clone.bin, "node"),
    `if [[ $* == "-p process.versions.node" ]]; then echo ${version}; else exec "${process.execPath}" "$@"; fi`,
  );
}

function requireNodeVersion(clone: FakeCheckout, version: string): void {
  const file = join(clone.checkout, "src/toolchain/versions.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), node: { version } }));
}

/** Gives the fake checkout a lock file with the named packages of the project's own lock file. */
function lockOnly(clone: FakeCheckout, ...names: readonly string[]): void {
  const real = JSON.parse(readFileSync(join(import.meta.dirname, "../../package-lock.json"), "utf8"));
  const packages: Record<string, unknown> = {};
  const dependencies: Record<string, string> = {};
  for (const name of names) {
    const entry = real.packages[`node_modules/${name}`];
    packages[`node_modules/${name}`] = entry;
    dependencies[name] = entry.version;
  }
  const root = { name: "fake", version: "0.0.0", type: "module", dependencies };
  const lock = { name: "fake", version: "0.0.0", lockfileVersion: 3, packages: { "": root, ...packages } };
  writeFileSync(join(clone.checkout, "package.json"), JSON.stringify(root));
  writeFileSync(join(clone.checkout, "package-lock.json"), JSON.stringify(lock));
}

/** Every file below a folder, with its mode, modification time and content. */
function treeOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => {
    const file = lstatSync(join(folder, name));
    const content = file.isFile()
      ? createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex")
      : "";
    return `${name} ${file.mode} ${file.mtimeMs} ${content}`;
  });
}
