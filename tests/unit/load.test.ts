import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type LoadOptions, loadMachine } from "../../config/load.ts";
import { ConfigurationError } from "../../config/problem.ts";

const userConfig = `image:
  base: nvidia/cuda:12.8.1-cudnn-devel-ubuntu24.04
ssh:
  users:
    - name: peid
      password: "123456"
      uid: 3100
      gid: 1100
custom:
  on_first_run:
    - "stage-1/system/uv/install-uv.sh --user peid"
`;
const stackConfig = `config:
  benchbox:gpu: none
  benchbox:ssh:
    port: 22022
`;
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtTFY9GAhtEMZc1veMu53Yx9V68QdQDRy4GPNiTdbvy me@here\n";

/** Loads a project that consists of these files, in a folder of its own. */
function load(files: Record<string, string> = {}, engineConfig: Record<string, string> = {}) {
  const directory = mkdtempSync(join(tmpdir(), "benchbox-load-"));
  const all = {
    "user_config.yml": userConfig,
    "Pulumi.test.yaml": stackConfig,
    "scripts/stage-1/system/uv/install-uv.sh": "",
    "home/.ssh/id_ed25519.pub": key,
    ...files,
  };
  try {
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    const home = join(directory, "home");
    const options: LoadOptions = { directory, project: "benchbox", stack: "test", engineConfig, home };
    return loadMachine(options);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function problemsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.problems.map(({ file, line, path, message }) => `${file}:${line}: ${path}: ${message}`);
  }
  return assert.fail("the configuration was accepted");
}

test("a good configuration becomes a frozen machine", () => {
  const machine = load({}, { "benchbox:gpu": "none", "benchbox:ssh": '{"port":22022}' });
  assert.deepEqual(machine, {
    name: "benchbox-test",
    dockerHost: undefined,
    base: {
      kind: "registry",
      reference: "nvidia/cuda:12.8.1-cudnn-devel-ubuntu24.04",
      id: undefined,
      onMismatch: "error",
      mirrors: [],
      platform: undefined,
    },
    build: { useProxy: true, packages: [], apt: undefined, locale: "C.UTF-8", timezone: "Etc/UTC", scripts: [] },
    gpu: "none",
    users: [{ name: "peid", password: "123456", uid: 3100, gid: 1100 }],
    ssh: { bind: "127.0.0.1", port: 22022, publicKeys: [key.trim()] },
    x11: { socket: false, server: undefined },
    caCertificates: [],
    gitIdentity: {},
    firstRun: [{ id: "uv", script: "stage-1/system/uv/install-uv.sh", arguments: ["--user", "peid"] }],
  });
  assert.throws(() => Object.assign(machine.users[0], { uid: 0 }), TypeError);
});

test("the engine's values win over the file's, and other projects' keys are not ours", () => {
  assert.equal(load({}, { "benchbox:ssh": '{"port":23000}', "docker:host": "unix:///x" }).ssh.port, 23000);
});

test("a stack with a debootstrap base does not use image.base", () => {
  const machine = load({}, { "benchbox:base": '{"debootstrap":{"suite":"trixie"}}' });
  assert.deepEqual(machine.base, { kind: "debootstrap", suite: "trixie" });
});

test("what depends on the machine may stand in the stack's file, which wins", () => {
  const withImage = userConfig
    .replace("ssh:", "build:\n  apt: { mirror: tuna, keep: true }\nssh:")
    .replace("ubuntu24.04\n", 'ubuntu24.04\n  id: "468c101db63b"\n  mirrors: [one.example]\n');
  const { base, build } = load(
    { "user_config.yml": withImage },
    { "benchbox:image": '{"mirrors":["127.0.0.1:5000"],"on_id_mismatch":"warn"}', "benchbox:apt": '{"mirror":"cn"}' },
  );
  assert.deepEqual(base, {
    kind: "registry",
    reference: "nvidia/cuda:12.8.1-cudnn-devel-ubuntu24.04",
    id: "468c101db63b",
    onMismatch: "warn",
    mirrors: ["127.0.0.1:5000"],
    platform: undefined,
  });
  assert.deepEqual(build.apt, { mirror: "cn", keep: false });
});

test("the name and the address of this machine's git are read, and nothing else of it", () => {
  const gitconfig = "[user]\n\tname = Ada\n[credential]\n\thelper = store\n";
  assert.deepEqual(load({ "home/.gitconfig": gitconfig }).gitIdentity, { "user.name": "Ada" });
});

for (const [key, line, wanted] of [
  ["image", "  id: 468101123456", /image\.id: 468101123456 must be a quoted string/],
  ["image", '  id: "468c"', /image\.id: "468c" must be an image id of at least 12/],
  ["image", '  mirrors: ["https://mirror.example"]', /image\.mirrors\[0\]: .* must be a registry without https/],
  ["image", "  on_id_mismatch: shrug", /must be "error", "warn" or "ignore"/],
  ["build", "  packages: [Nano]", /build\.packages\[0\]: "Nano" must be a package's name/],
  ["build", "  apt: { mirror: tsinghua }", /build\.apt\.mirror: "tsinghua" must be one of "tuna"/],
  [
    "build",
    '  apt: { mirror: "https://me:pw@mirror.example/debian" }',
    /"https:\/\/\*\*\*@mirror\.example\/debian" must be one of .* or an http or https address without a login/,
  ],
  ["build", "  timezone: Berlin", /must be a time zone, for example `Europe\/Berlin`/],
  ["build", "  remove_global_proxy_after_build: false", /false is refused: a proxy must not be kept in the image/],
  [
    "custom",
    '  on_build: ["stage-1/custom/nope.sh"]',
    /custom\.on_build\[0\]: scripts\/stage-1\/custom\/nope\.sh does not exist/,
  ],
] as const) {
  test(`the option ${line.trim()} of ${key} is refused with what to write instead`, () => {
    const text = userConfig.includes(`${key}:\n`)
      ? userConfig.replace(`${key}:\n`, `${key}:\n${line}\n`)
      : `${userConfig}${key}:\n${line}\n`;
    assert.match(problemsOf(() => load({ "user_config.yml": text })).join("\n"), wanted);
  });
}

test("every problem of both files is told at once, with file, line, path and what to write", () => {
  const bad = userConfig
    .replace('"123456"', "123456")
    .replace("uid: 3100", "uid: 12")
    .replace("    - name", "    - shell: zsh\n      name");
  const stack = "config:\n  benchbox:gpu: some\n  benchbox:colour: red\n";
  assert.deepEqual(
    problemsOf(() =>
      load({ "user_config.yml": bad, "Pulumi.test.yaml": stack }, { "benchbox:gpu": "some", "benchbox:colour": "red" }),
    ),
    [
      'user_config.yml:7: ssh.users[0].password: what stands there (not shown) must be a quoted string, for example "123456": YAML reads bare digits as a number',
      "user_config.yml:8: ssh.users[0].uid: 12 must be at least 1000: lower ids belong to the system",
      "user_config.yml:5: ssh.users[0].shell: is not an option; remove it or mend its spelling",
      'Pulumi.test.yaml:2: config.benchbox:gpu: "some" must be "none" or "all"',
      "Pulumi.test.yaml:3: config.benchbox:colour: is not an option; remove it or mend its spelling",
    ],
  );
});

test("a password never appears in a problem", () => {
  const bad = userConfig.replace('"123456"', '"hunter2\\nhunter2"').replace("uid: 3100", "uid: 1");
  assert.doesNotMatch(problemsOf(() => load({ "user_config.yml": bad })).join("\n"), /hunter2/);
});

test("malformed YAML is told with its line", () => {
  assert.deepEqual(
    problemsOf(() => load({ "user_config.yml": "image:\n  base: a\n bad: [\n" })),
    ["user_config.yml:3: : is not valid YAML: bad indentation of a mapping entry"],
  );
});

test("an empty file names what is missing", () => {
  assert.deepEqual(problemsOf(() => load({ "user_config.yml": "" })).length, 1);
});

test("root and a user that is there twice are refused", () => {
  const two = userConfig.replace(
    "custom:",
    "    - {name: peid, uid: 3101, gid: 1100}\n    - {name: root, uid: 3102, gid: 1100}\ncustom:",
  );
  const problems = problemsOf(() => load({ "user_config.yml": two })).join("\n");
  assert.match(problems, /user_config.yml:9: ssh.users\[1\].name: .*peid is used by another user/);
  assert.match(problems, /user_config.yml:10: ssh.users\[2\].name: .*must not be `root`/);
});

test("a bare ~ is explained", () => {
  const bare = userConfig.replace("ssh:\n", "ssh:\n  pubkey_file: ~\n");
  assert.match(
    problemsOf(() => load({ "user_config.yml": bare })).join(),
    /user_config.yml:4: ssh.pubkey_file: .*quoted: a bare ~ is YAML's null/,
  );
});

test("a private key is refused where a public one is wanted, and is not shown", () => {
  const file = userConfig.replace("ssh:\n", "ssh:\n  pubkey_file: ~/.ssh/id_x\n");
  const text = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n";
  const problems = problemsOf(() => load({ "user_config.yml": file, "home/.ssh/id_x": text })).join();
  assert.match(problems, /is a private key; name the public one/);
  assert.doesNotMatch(problems, /c2VjcmV0/);
});

test("a home without keys is no problem: there is the password", () => {
  assert.deepEqual(load({ "home/.ssh/id_ed25519.pub": "" }).ssh.publicKeys, []);
});

for (const [line, message] of [
  [
    "stage-1/system/uv/nope.sh",
    /scripts\/stage-1\/system\/uv\/nope.sh does not exist; there are: stage-1\/system\/uv\/install-uv.sh/,
  ],
  ["../host/setup", /must lie below stage-1\/ or stage-2\//],
  ["stage-1/system/uv/install-uv.sh --user $USER", /holds a quote/],
] as const) {
  test(`the first-run line "${line}" is refused`, () => {
    const file = userConfig.replace("stage-1/system/uv/install-uv.sh --user peid", line);
    assert.match(problemsOf(() => load({ "user_config.yml": file })).join(), message);
  });
}

test("a missing file says where it belongs", () => {
  const options = { directory: "/nonexistent", project: "benchbox", stack: "test", engineConfig: {}, home: "/" };
  assert.match(
    problemsOf(() => loadMachine(options)).join(),
    /user_config.yml:1: : is missing; it belongs into \/nonexistent/,
  );
});
