import assert from "node:assert/strict";
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { driftReport } from "../../src/cli/documents.ts";
import { Clone, docker, freePort } from "../support/clone.ts";
import { plannedSteps } from "./plan.ts";

const homes = "/var/tmp/bb-homes-";

/** Three users: the default one, one as from a directory such as LDAP, and one with only a name. Each test starts without drift. */
describe("accounts", { concurrency: 1, timeout: 1_200_000 }, () => {
  const home = mkdtempSync(homes);
  let clone: Clone;

  before(async () => {
    chownSync(home, 900_123, 900_123);
    clone = new Clone(`accounts${process.pid}`, await freePort());
    mkdirSync(join(clone.directory, "keys"));
    await clone.ok(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "keys/ana"]);
    const key = join(clone.directory, "keys/ana.pub");
    const users = [
      `    - {name: ana.b, uid: 900123, password: "ana's 7Yq-fan4", sudo: nopasswd, shell: zsh, groups: [video, "lab:5000"],`,
      `       pubkey_file: ["${key}", "~"]}`,
      "    - {name: bob, sudo: false}",
      "",
    ].join("\n");
    const text = clone
      .read("user_config.yml")
      .replace("      gid: 1100\n", `      gid: 1100\n${users}`)
      .replace("\nssh:\n", `\n    - zsh\nstorage: { homes: { ana.b: ${home} } }\nssh:\n`);
    clone.write("user_config.yml", text);
    await clone.up();
  });
  after(async () => {
    await clone.purge();
    clone.remove();
    rmSync(home, { recursive: true });
  });

  const containerId = (): string => docker("container", "inspect", "--format", "{{.Id}}", clone.name);
  const inBox = (script: string, user = "root"): string =>
    docker("exec", "--user", user, clone.name, "bash", "-c", script);
  const driftingParts = async (): Promise<string[]> => {
    const { output } = await clone.run(["npm", "run", "--silent", "drift", "--", clone.stack, "--json"]);
    return driftReport.parse(JSON.parse(output)).drifts.map(({ part }) => part);
  };
  const change = (from: string, to: string): void => clone.replaceIn("user_config.yml", from, to);

  test("each user has the configured ids, groups, shell and sudo, and a home on the host where one is set", () => {
    assert.match(
      inBox("id ana.b"),
      /^uid=900123\(ana\.b\) gid=900123\(ana\.b\) groups=.*\(sudo\).*\(video\).*5000\(lab\)$/,
    );
    assert.match(inBox("getent passwd ana.b"), /:\/home\/ana\.b:\/usr\/bin\/zsh$/);
    assert.equal(inBox("sudo -n id -u", "ana.b"), "0");
    assert.match(inBox("sudo -n id -u 2>&1 || true", "peid"), /password is required/);
    assert.match(inBox("sudo -n id -u 2>&1 || true", "bob"), /password is required|not in the sudoers/);
    assert.match(inBox("id bob"), /^uid=([1-5]\d{4})\(bob\) gid=\1\(bob\) groups=\1\(bob\)$/);
    assert.deepEqual(readdirSync(home).includes(".ssh"), true);
  });

  test("no user's subordinate ids contain the id of another user, and lastlog does not grow with the highest id", () => {
    const starts = inBox("cat /etc/subuid /etc/subgid").split("\n");
    assert.equal(starts.length, 6);
    for (const line of starts) assert.ok(Number(line.split(":")[1]) > 900_123, line);
    const created = docker("run", "--rm", "--entrypoint", "stat", image(), "-c", "%s", "/var/log/lastlog");
    assert.ok(Number(created) < 3_000_000, created);
  });
  const image = (): string => docker("container", "inspect", "--format", "{{.Config.Image}}", clone.name);

  test("a user with several key files logs in over SSH, in the own shell", async () => {
    const key = join(clone.directory, "keys/ana");
    const words = ["ssh", "-F", join(clone.home, ".ssh/config"), "-o", "IdentitiesOnly=yes", "-i", key, "-l", "ana.b"];
    await clone.ok(["npm", "run", "ssh-config", "--", clone.stack]);
    assert.match(await clone.ok([...words, clone.name, 'echo "$0 $HOME"']), /^(\/usr\/bin\/)?zsh \/home\/ana\.b\n$/);
  });

  test("`docker exec` finds the user's tools without a login shell, and root's sudo searches no home", () => {
    assert.match(docker("exec", "--user", "peid", clone.name, "uv", "--version"), /^uv /);
    assert.doesNotMatch(inBox("cat /etc/sudoers.d/benchbox"), /\/home\//);
    const path = docker("exec", clone.name, "printenv", "PATH").split(":");
    assert.ok(path.indexOf("/usr/bin") < path.indexOf("/home/peid/.local/bin"), path.join(":"));
    assert.ok(!path.some((folder) => folder.startsWith("/home/bob/")), "bob cannot become root");
  });

  test("a changed shell, group or sudo rule is drift, which the same container loses", async () => {
    const id = containerId();
    assert.deepEqual(await driftingParts(), []);
    inBox("usermod --shell /bin/bash ana.b; gpasswd --delete ana.b lab; rm /etc/sudoers.d/benchbox-user-ana+b");
    assert.deepEqual(await driftingParts(), ["login shell of ana.b", "groups of ana.b", "sudo of ana.b"]);
    assert.deepEqual(await plannedSteps(clone), ["replace start"]);
    await clone.up();
    assert.deepEqual(await driftingParts(), []);
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), []);
    assert.equal(inBox("sudo -n id -u", "ana.b"), "0");
    assert.equal(containerId(), id);
  });

  test("changed groups and another shell are set in the same container; a shell that is not there is refused", async () => {
    const id = containerId();
    change('[video, "lab:5000"]', "[dialout]");
    change("shell: zsh", "shell: fish");
    const { code, output } = await clone.run(["npm", "run", "up", "--", clone.stack]);
    assert.notEqual(code, 0);
    assert.match(output, /cannot set the login shell of ana\.b: the box has no shell fish/);
    assert.match(output, /Fix: add its package to build\.packages, or set ssh\.users\.shell to one of: .*\/bin\/bash/);
    change("shell: fish", "shell: sh");
    await clone.up();
    assert.equal(containerId(), id);
    assert.match(inBox("id -nG ana.b"), /^ana\.b dialout sudo$/);
    assert.match(inBox("getent passwd ana.b"), /:(\/usr)?\/bin\/sh$/);
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), []);
  });

  test("a group that the box does not have is refused unless it has an id", async () => {
    change("[dialout]", "[render2]");
    const { code, output } = await clone.run(["npm", "run", "up", "--", clone.stack]);
    assert.notEqual(code, 0);
    assert.match(output, /cannot add ana\.b to the group render2: the box has no such group/);
    change("[render2]", '["render2:5000"]');
    const again = await clone.run(["npm", "run", "up", "--", clone.stack]);
    assert.match(again.output, /cannot create the group render2: in the box lab has the id 5000/);
    change('["render2:5000"]', "[lab]");
    await clone.up();
    assert.match(inBox("id -nG ana.b"), /^ana\.b sudo lab$/);
  });
});
