import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { hostBlock, knownHost, withoutBlock, withoutKnownHost } from "../../src/cli/ssh-config/host-entry.ts";
import { sshConfigIn } from "../../src/cli/ssh-config/ssh-config.ts";

const box = { host: "127.0.0.1", port: 22022, user: "peid", hostKey: "ssh-ed25519 AAAA" };

test("a host entry names the box's address, its key and the user's keys", () => {
  const jumped = { ...box, jump: "me@lab-3" };
  assert.equal(
    hostBlock("benchbox-dev", jumped, "/home/a b/known_hosts", ["/home/a b/id_work"]),
    `# >>> benchbox-dev: written by npm run ssh-config
Host benchbox-dev
  HostName 127.0.0.1
  Port 22022
  User peid
  HostKeyAlias benchbox-dev
  UserKnownHostsFile "/home/a b/known_hosts"
  StrictHostKeyChecking yes
  UpdateHostKeys no
  ProxyJump me@lab-3
  IdentityFile "/home/a b/id_work"
# <<< benchbox-dev
`,
  );
  assert.equal(knownHost("benchbox-dev", box), "benchbox-dev,[127.0.0.1]:22022 ssh-ed25519 AAAA\n");
});

test("taking a host entry out leaves those of other boxes, also of one whose name begins the same", () => {
  const dev = hostBlock("benchbox-dev", box, "/h", []);
  const dev2 = hostBlock("benchbox-dev2", box, "/h", []);
  assert.equal(withoutBlock(`${dev2}${dev}`, "benchbox-dev"), dev2);
  assert.equal(withoutBlock(dev2, "benchbox-dev"), dev2);
  const hosts = knownHost("benchbox-dev", box) + knownHost("benchbox-dev2", box);
  assert.equal(withoutKnownHost(hosts, "benchbox-dev"), knownHost("benchbox-dev2", box));
});

describe("the user's ssh_config", () => {
  let folder: string;
  let file: string;
  let config: ReturnType<typeof sshConfigIn>;
  const read = (name: string): string => readFileSync(join(folder, name), "latin1");
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "benchbox ssh "));
    file = join(folder, "config");
    config = sshConfigIn(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("is as it was, byte for byte, once the last box is taken out", () => {
    const text = "Host other # \xe9 in latin 1\n  User me"; // and no line's end
    writeFileSync(file, text, { encoding: "latin1", mode: 0o640 });
    config.put("benchbox-dev", box, []);
    config.put("benchbox-sandbox", box, []);
    assert.equal(read("config"), `Include "${folder}/benchbox/config"\n${text}`);
    assert.equal(read("config.before-benchbox"), text);
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.equal(config.has("benchbox-dev"), true);
    config.remove("benchbox-dev");
    assert.equal(config.has("benchbox-dev"), false);
    assert.match(read("benchbox/config"), /^# >>> benchbox-sandbox/);
    config.remove("benchbox-sandbox");
    assert.equal(read("config"), text);
    assert.ok(!existsSync(join(folder, "benchbox")) && !existsSync(join(folder, "config.before-benchbox")));
  });

  test("is not there where it was not there", () => {
    config.put("benchbox-dev", box, []);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    config.remove("benchbox-dev");
    assert.ok(!existsSync(file));
  });

  test("keeps what was changed since, and then also the copy of what it was", () => {
    writeFileSync(file, "Host other\n");
    config.put("benchbox-dev", box, []);
    writeFileSync(file, `${read("config")}Host newer\n`);
    config.remove("benchbox-dev");
    assert.equal(read("config"), "Host other\nHost newer\n");
    assert.equal(read("config.before-benchbox"), "Host other\n");
  });

  test("is written where a link leads, and not at all where nothing is new", () => {
    writeFileSync(join(folder, "dotfile"), "Host other\n");
    symlinkSync("dotfile", file);
    config.put("benchbox-dev", box, []);
    assert.match(read("dotfile"), /^Include /);
    const written = ["dotfile", "benchbox/config", "benchbox/known_hosts"].map((name) => statSync(join(folder, name)));
    config.put("benchbox-dev", box, []);
    for (const [index, name] of ["dotfile", "benchbox/config", "benchbox/known_hosts"].entries()) {
      assert.equal(statSync(join(folder, name)).ino, written[index]?.ino, name);
    }
  });
});
