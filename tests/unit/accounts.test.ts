import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { evaluateUserIds } from "../../src/checks/user-ids.ts";
import { loadMachine } from "../../src/config/load.ts";
import { assignIds } from "../../src/config/user-ids.ts";
import { ConfigurationError } from "../../src/model/problem.ts";
import { planImage } from "../../src/plan/image-plan.ts";
import { plainHost } from "../support/machine.ts";

const keys = ["GtTFY9GAhtEMZc1veMu53Yx9V68QdQDRy4GPNiTdbvy", "HtTFY9GAhtEMZc1veMu53Yx9V68QdQDRy4GPNiTdbvy"].map(
  (end) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${end} me@here`,
);

/** Loads a stack with these lines in `ssh.users`, which start at line 5, and these at the end of `user_config.yml`. */
function load(users: string, rest = "", stack = "") {
  const directory = mkdtempSync(join(tmpdir(), "benchbox-accounts-"));
  try {
    mkdirSync(join(directory, "ana"));
    for (const [index, key] of keys.entries()) writeFileSync(join(directory, `${index}.pub`), `${key}\n`);
    const text = `image:\n  base: debian:13\nssh:\n  users:\n${users}${rest}`.replaceAll("HERE", directory);
    writeFileSync(join(directory, "user_config.yml"), text);
    writeFileSync(
      join(directory, "Pulumi.test.yaml"),
      `config:\n  benchbox:gpu: none\n${stack.replaceAll("HERE", directory)}`,
    );
    const options = { directory, project: "benchbox", stack: "test", engineConfig: undefined, home: directory };
    return { ...loadMachine(options), directory };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const withKeys = (fields: string): string => `    - {name: ana, pubkey_file: HERE/0.pub${fields}}\n`;

test("a user without uid has one that follows from the name, whoever else is in the list", () => {
  const alone = assignIds([{ name: "ana" }])[0];
  assert.ok(alone && alone.uid >= 10_000 && alone.uid < 60_000);
  assert.equal(alone.gid, alone.uid);
  assert.deepEqual(assignIds([{ name: "bob" }, { name: "zoe" }, { name: "ana" }])[2], alone);
  const { uid } = alone;
  assert.deepEqual(assignIds([{ name: "ana" }, { name: "bob", uid, gid: 1100 }])[0], { uid: uid + 1, gid: uid + 1 });
  assert.deepEqual(
    assignIds([
      { name: "ana", uid: 900_123 },
      { name: "bob", gid: 1100 },
    ])[0],
    {
      uid: 900_123,
      gid: 900_123,
    },
  );
});

test("a user has groups, a shell, sudo and keys from several files", () => {
  const fields = ", groups: [video, 'lab:5000'], shell: zsh, sudo: nopasswd, uid: 900123";
  const [ana] = load(withKeys(fields).replace("HERE/0.pub", "[HERE/0.pub, HERE/1.pub, HERE/0.pub]")).users;
  assert.deepEqual(ana, {
    name: "ana",
    uid: 900_123,
    gid: 900_123,
    groups: ["video", "lab:5000"],
    shell: "zsh",
    sudo: "nopasswd",
    publicKeys: keys,
    withAgent: false,
  });
});

for (const name of ["a.b", "ana.maria", "_x", "a-b_c.d"]) {
  test(`${name} is accepted as a user name`, () => {
    assert.equal(load(withKeys("").replace("ana", name)).users[0].name, name);
  });
}

for (const [fields, problem] of [
  [", uid: 12", "uid: 12 must be at least 100: lower ids belong to the system"],
  [", uid: 65534", "uid: 65534 must not be between 60001 and 65535: these ids are reserved"],
  [", gid: 4294967295", "gid: 4294967295 must be at most 2147483647"],
  [", groups: video", 'groups: "video" must be a list of groups'],
  [", groups: [root]", 'groups[0]: "root" must not be `root`'],
  [", groups: ['sudo']", 'groups[0]: "sudo" must not be `sudo`: use the key `sudo`'],
  [
    ", groups: ['lab:x']",
    'groups[0]: "lab:x" must be a group that the box has, for example `video`, or a name and an id',
  ],
  [", shell: 'zsh -l'", 'shell: "zsh -l" must be the name or the full path of a shell'],
  [", shell: bin/zsh", 'shell: "bin/zsh" must be the name or the full path of a shell'],
  [", sudo: always", 'sudo: "always" must be true, false or "nopasswd"'],
  [", name: a.", 'name: "a." must be a Linux user name'],
] as const) {
  test(`the user's ${fields.slice(2)} is refused`, () => {
    const fieldsOnly = fields.startsWith(", name") ? withKeys("").replace("ana", "a.") : withKeys(fields);
    assert.throws(
      () => load(fieldsOnly),
      (error) =>
        error instanceof ConfigurationError &&
        error.problems.some(
          ({ line, path, message }) =>
            line === 5 && `${path.replace("ssh.users[0].", "")}: ${message}`.startsWith(problem),
        ),
    );
  });
}

test("a second user's home may be a folder of the host; a stack overrides it by user", () => {
  const users = `${withKeys("")}    - {name: bob, pubkey_file: HERE/0.pub}\n`;
  const storage = "storage:\n  homes: { bob: HERE/ana }\n";
  const { storage: places, directory } = load(users, storage);
  assert.equal(places.find(({ path }) => path === "/home/bob")?.hostPath, `${directory}/ana`);
  const stacks = load(users, storage, "  benchbox:storage: { homes: { bob: volume } }\n").storage;
  assert.equal(stacks.find(({ path }) => path === "/home/bob")?.hostPath, undefined);
  for (const [name, rule] of [
    ["ana", "ana is the first user, whose home is `storage.home`; others: bob"],
    ["eve", "eve is not one of ssh.users; others: bob"],
  ] as const) {
    assert.throws(
      () => load(users, `storage:\n  homes:\n    ${name}: HERE/ana\n`),
      (error) =>
        error instanceof ConfigurationError &&
        error.problems.some(
          ({ line, path, message }) => line === 9 && path === `storage.homes.${name}` && message === rule,
        ),
    );
  }
});

test("ids that the Docker Engine does not map are refused", () => {
  const remapped = [{ box: 0, host: 100_000, count: 65_536 }];
  const ids = { uids: remapped, gids: remapped };
  const user = { name: "ana", uid: 900_123, gid: 1100 };
  const [found] = evaluateUserIds([user], ids);
  assert.equal(found?.severity, "error");
  assert.match(JSON.stringify(found), /uid 900123/);
  assert.deepEqual(evaluateUserIds([{ ...user, uid: 3100 }], ids), []);
  assert.deepEqual(evaluateUserIds([user], undefined), []);
});

test("the image's PATH ends with the tools of the users who can become root", () => {
  const users = `${withKeys("")}    - {name: bob, pubkey_file: HERE/0.pub, sudo: false}\n`;
  const seen = { host: plainHost, base: undefined, images: [] };
  assert.equal(
    planImage(load(users), seen).buildArgs.TOOL_PATH,
    ":/home/ana/.local/bin:/home/ana/.bun/bin:/home/ana/.pixi/bin",
  );
});

test("the stack `dev` publishes the ports of SSH and X11, both on the loopback address", () => {
  const options = { project: "benchbox", stack: "dev", engineConfig: undefined, home: tmpdir() };
  const { ssh, x11 } = loadMachine({ ...options, directory: join(import.meta.dirname, "../..") });
  assert.equal(ssh.bind, "127.0.0.1");
  assert.equal(x11.server?.port, 6020);
});
