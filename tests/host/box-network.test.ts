import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { whichProgram } from "../../src/toolchain/run.ts";
import { docker } from "../support/clone.ts";

const program = join(import.meta.dirname, "../../src/resources/box-network.ts");
const skip = process.getuid?.() !== 0 && "a network namespace needs root";

/** The MTU of a box's network created on a host whose default route has the MTU `mtu`; empty if it is the Docker Engine's default. */
function networkMtu(t: TestContext, mtu: number, environment: NodeJS.ProcessEnv = {}): string {
  const name = `bb-mtu-${process.pid}-${mtu}`;
  const ip = (...words: string[]): Buffer => execFileSync("ip", words);
  const inside = (...words: string[]): Buffer => ip("-netns", name, ...words);
  ip("netns", "add", name);
  t.after(() => ip("netns", "delete", name));
  inside("link", "add", "uplink", "mtu", String(mtu), "type", "bridge");
  inside("address", "add", "10.255.255.2/30", "dev", "uplink");
  inside("link", "set", "uplink", "up");
  inside("route", "add", "default", "via", "10.255.255.1");
  t.after(() => execFileSync(program, ["remove", name]));
  execFileSync("ip", ["netns", "exec", name, program, "make", name], { env: { ...process.env, ...environment } });
  return docker("network", "inspect", "--format", '{{index .Options "com.docker.network.driver.mtu"}}', name);
}

test("the box's network has the host's MTU if that is below the default of 1500", { skip }, (t) => {
  assert.equal(networkMtu(t, 1420), "1420");
  assert.equal(networkMtu(t, 1500), "");
});

test("a network on another host's Docker Engine does not get this host's MTU", { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-mtu-"));
  t.after(() => rmSync(folder, { recursive: true }));
  // A fake client, which uses this host's Docker Engine in spite of DOCKER_HOST.
  writeFileSync(join(folder, "docker"), `#!/bin/sh\nunset DOCKER_HOST\nexec ${whichProgram("docker")} "$@"\n`, {
    mode: 0o755,
  });
  const PATH = `${folder}:${process.env.PATH}`;
  assert.equal(networkMtu(t, 1421, { PATH, DOCKER_HOST: "ssh://me@lab.example" }), "");
  assert.equal(networkMtu(t, 1422, { PATH, DOCKER_HOST: "unix:///var/run/docker.sock" }), "1422");
});
