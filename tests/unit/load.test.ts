import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { load as parse } from "js-yaml";
import { type LoadOptions, loadMachine } from "../../src/config/load.ts";
import type { EngineConfig } from "../../src/config/stack-source.ts";
import { ConfigurationError } from "../../src/model/problem.ts";

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

/** Loads a project that consists of these files in a temporary folder; null stands for no Pulumi engine. */
function load(files: Record<string, string> = {}, engineConfig: EngineConfig | null = {}) {
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
    const options: LoadOptions = {
      directory,
      project: "benchbox",
      stack: "test",
      engineConfig: engineConfig ?? undefined,
      home,
    };
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

test("a problem in a first-run entry is reported with its line and path", () => {
  const entry = (text: string) => userConfig.replace(/on_first_run:\n.*\n/, `on_first_run:\n${text}`);
  const problemsWith = (text: string) => problemsOf(() => load({ "user_config.yml": entry(text) })).join("\n");
  const run = '    - run: "stage-1/system/uv/install-uv.sh --user peid"\n';
  assert.match(
    problemsWith(`${run}      timeot: 5\n`),
    /user_config\.yml:12: custom\.on_first_run\[0\]\.timeot: unknown option/,
  );
  assert.match(
    problemsWith(`${run}      timeout: soon\n`),
    /:12: custom\.on_first_run\[0\]\.timeout: "soon" must be a whole number of seconds/,
  );
  assert.match(problemsWith("    - 5\n"), /:11: custom\.on_first_run\[0\]: 5 must be a line, or a mapping with `run`/);
  assert.match(
    problemsWith("    - needs: [uv]\n"),
    /custom\.on_first_run\[0\]\.run: is missing; it must be a line such as/,
  );
});

test("a valid configuration becomes a frozen machine", () => {
  const machine = load({}, { "benchbox:gpu": "none", "benchbox:ssh": '{"port":22022}' });
  assert.deepEqual(machine, {
    name: "benchbox-test",
    dockerHost: undefined,
    dockerCerts: undefined,
    base: {
      kind: "registry",
      reference: "nvidia/cuda:12.8.1-cudnn-devel-ubuntu24.04",
      id: undefined,
      onMismatch: "error",
      mirrors: [],
      platform: undefined,
    },
    build: {
      useProxy: true,
      packages: [],
      apt: undefined,
      aptSources: [],
      pypi: undefined,
      conda: undefined,
      requireAptSources: false,
      locale: "C.UTF-8",
      timezone: "Etc/UTC",
      scripts: [],
    },
    gpu: { devices: "none", mode: "auto" },
    limits: { shm: 8 * 2 ** 30, ipc: "private", log: { maxSize: 10 * 2 ** 20, maxFile: 3 } },
    capabilities: [],
    userNamespaces: false,
    security: { seccomp: undefined, apparmor: undefined, privileged: false },
    pid: "private",
    storage: [
      { key: "home-peid", path: "/home/peid" },
      { key: "soft", path: "/soft" },
      { key: "workspace", path: "/workspace" },
    ],
    mounts: [],
    devices: [],
    ports: [],
    network: {
      kind: "own",
      name: undefined,
      mtu: undefined,
      subnet: undefined,
      ipv6: undefined,
      dns: [],
      dnsSearch: [],
      extraHosts: {},
    },
    environment: {},
    secrets: [],
    hostname: "benchbox-test",
    users: [
      {
        name: "peid",
        password: "123456",
        uid: 3100,
        gid: 1100,
        groups: [],
        shell: "bash",
        sudo: true,
        publicKeys: [key.trim()],
        withAgent: true,
      },
    ],
    ssh: { bind: "127.0.0.1", host: "127.0.0.1", port: 22022, keyGeneration: 0 },
    notices: [],
    x11: { socket: false, server: undefined },
    caCertificates: [],
    hooks: { start: [], login: [] },
    gitIdentity: {},
    firstRun: [
      {
        id: "uv",
        tool: "uv",
        script: "stage-1/system/uv/install-uv.sh",
        arguments: ["--user", "peid"],
        user: "peid",
        needs: [],
        environment: {},
        timeout: 1800,
        retries: 1,
        probe: undefined,
        required: true,
      },
    ],
    tools: { policy: "locked", mirrors: {} },
  });
  assert.throws(() => Object.assign(machine.users[0], { uid: 0 }), TypeError);
});

test("values from the Pulumi engine override the file's, and keys of other projects are ignored", () => {
  assert.equal(load({}, { "benchbox:ssh": '{"port":23000}', "docker:host": "unix:///x" }).ssh.port, 23000);
});

test("docker_certs requires a tcp:// Docker Engine, and `~` stands for the home folder", () => {
  const near = { "benchbox:docker_certs": "~/certs", "benchbox:ssh": '{"bind":"10.0.0.2","allow_weak_password":true}' };
  const { dockerCerts } = load({}, { ...near, "benchbox:docker_host": "tcp://10.0.0.2:2376" });
  assert.match(String(dockerCerts), /^\/.+\/certs$/);
  for (const [config, message] of [
    [near, /docker_certs: requires a docker_host that starts with tcp:\/\//],
    [{ "benchbox:docker_certs": "certs" }, /docker_certs: "certs" must be an absolute path, or start with `~\/`/],
    [
      { "benchbox:docker_host": "tcp://me:secret@lab:2376" },
      /^(?!.*secret).*docker_host: .*must not contain a password/,
    ],
  ] as const) {
    assert.match(problemsOf(() => load({}, config)).join("\n"), message);
  }
});

test("a stack may override parts of user_config.yml, or name another file", () => {
  const overlay = (value: object) => ({ "benchbox:user_config": JSON.stringify(value) });
  const { build, users } = load({}, overlay({ build: { packages: ["less"], timezone: "Asia/Shanghai" } }));
  assert.deepEqual([build.packages, build.timezone, build.locale], [["less"], "Asia/Shanghai", "C.UTF-8"]);
  assert.equal(users[0].uid, 3100);

  const own = { "lab.yml": userConfig.replace("3100", "3200") };
  assert.equal(load(own, { "benchbox:user_config": "lab.yml" }).users[0].uid, 3200);
  assert.throws(() => load({}, { "benchbox:user_config": "lab.yml" }), /lab\.yml:1: is missing/);
});

test("a problem in a stack's override is reported with its line in the stack's file", () => {
  const value = { build: { package: [], locale: 5 }, custom: { on_first_run: ["stage-9/nothing.sh"] } };
  const stack = `config:\n  benchbox:gpu: none\n  benchbox:user_config:\n    build:\n      package: []\n      locale: 5\n    custom:\n      on_first_run:\n        - stage-9/nothing.sh\n`;
  const problemsWith = (files: Record<string, string>, config: object) =>
    problemsOf(() => load({ "Pulumi.test.yaml": stack, ...files }, { "benchbox:user_config": JSON.stringify(config) }));
  const at = "config\\.benchbox:user_config";
  assert.match(
    problemsWith({}, value).join("\n"),
    new RegExp(`Pulumi\\.test\\.yaml:5: ${at}\\.build\\.package: unknown option`),
  );
  assert.match(
    problemsWith({}, value).join("\n"),
    new RegExp(`Pulumi\\.test\\.yaml:6: ${at}\\.build\\.locale: 5 must be`),
  );
  const { custom } = value;
  assert.match(
    problemsWith({}, { custom }).join("\n"),
    new RegExp(`yaml:9: ${at}\\.custom\\.on_first_run\\[0\\]: .*nothing\\.sh`),
  );
  const below = problemsWith({ "user_config.yml": userConfig.replace("3100", "minus") }, { custom: {} }).join("\n");
  assert.match(below, /user_config\.yml:\d+: ssh\.users\[0\]\.uid: "minus" must be/);
  const secret = problemsWith({}, { ssh: { users: [{ name: "peid", password: "hunter22" }] } }).join("\n");
  assert.match(secret, /user_config: must not contain passwords/);
  assert.doesNotMatch(secret, /hunter22/);
});

test("a stack with a debootstrap base does not use image.base", () => {
  const machine = load({}, { "benchbox:base": '{"debootstrap":{"suite":"trixie"}}' });
  assert.deepEqual(machine.base, { kind: "debootstrap", suite: "trixie" });
});

test("options that depend on the host may be in the stack's file, which takes precedence", () => {
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

test("an X server in the box adds its packages, each once, and has the port that X clients expect", () => {
  const withXauth = userConfig.replace("ssh:", "build:\n  packages: [xauth]\nssh:");
  const { x11, build } = load({ "user_config.yml": withXauth }, { "benchbox:x11": '{"server":{}}' });
  assert.deepEqual(x11, { socket: false, server: { display: 20, port: 6020, screen: "1920x1080" } });
  assert.deepEqual(build.packages, ["xauth", "xvfb"]);
  const samePort = { "benchbox:x11": '{"server":{"display":21}}', "benchbox:ssh": '{"port":6021}' };
  const file = "config:\n  benchbox:ssh:\n    port: 6021\n  benchbox:x11:\n    server:\n      display: 21\n";
  assert.deepEqual(
    problemsOf(() => load({ "Pulumi.test.yaml": file }, samePort)),
    [
      "Pulumi.test.yaml:6: config.benchbox:x11.server.display: its port, 6021, is already used by SSH (`ssh.port`); choose another display or another SSH port",
    ],
  );
  const other = load({}, { ...samePort, "benchbox:ssh": '{"port":6021,"bind":"127.0.0.2"}' });
  assert.equal(other.x11.server?.port, 6021);
  const wrong = { "benchbox:x11": '{"socket":"yes","server":{"display":0,"screen":"big"}}' };
  const problems = problemsOf(() => load({}, wrong)).join("\n");
  assert.match(problems, /x11\.socket: "yes" must be true or false/);
  assert.match(problems, /x11\.server\.display: 0 must be at least 20: SSH and desktops use lower displays/);
  assert.match(problems, /x11\.server\.screen: "big" must be a size in pixels/);
});

test("the name and the email address of the host's git configuration are read, and nothing else", () => {
  const gitconfig = "[user]\n\tname = Ada\n[credential]\n\thelper = store\n";
  assert.deepEqual(load({ "home/.gitconfig": gitconfig }).gitIdentity, { "user.name": "Ada" });
});

test("GPUs are all, none or a list, in the short form or with a mode", () => {
  const gpuOf = (text: string) => load({}, { "benchbox:gpu": text }).gpu;
  const uuid = "GPU-3a23c669-1f69-c64e-cf85-44e9b07e7a2a";
  assert.deepEqual(gpuOf("all"), { devices: "all", mode: "auto" });
  assert.deepEqual(gpuOf(`[0,"2","1:0","${uuid}"]`), { devices: ["0", "2", "1:0", uuid], mode: "auto" });
  assert.deepEqual(gpuOf('{"devices":[1],"mode":"cdi"}'), { devices: ["1"], mode: "cdi" });
  assert.deepEqual(gpuOf('{"mode":"runtime"}'), { devices: "all", mode: "runtime" });
});

for (const [value, wanted] of [
  ['[0, 1, "0"]', /:3: config\.benchbox:gpu\[2\]: "0" is listed twice; remove one of the two$/],
  ["[]", /:2: config\.benchbox:gpu: must not be empty: write "none" for no GPU$/],
  ["[-1]", /:3: config\.benchbox:gpu\[0\]: "-1" must be the index or the full UUID of a GPU/],
  ['["GPU-3a23"]', /gpu\[0\]: "GPU-3a23" must be the index or the full UUID/],
  ['{ "devices": "some" }', /:3: config\.benchbox:gpu\.devices: "some" must be "all", "none" or a list of indices/],
  ['{ "mode": "hook" }', /:3: config\.benchbox:gpu\.mode: "hook" must be "auto", "cdi" or "runtime"$/],
  ['{ "device": "all" }', /:3: config\.benchbox:gpu\.device: unknown option/],
] as const) {
  test(`gpu ${value} is refused with the fix`, () => {
    const file = `config:\n  benchbox:gpu:\n    ${value}\n`;
    assert.match(problemsOf(() => load({ "Pulumi.test.yaml": file }, { "benchbox:gpu": value })).join("\n"), wanted);
  });
}

test("limits are sizes in docker's form, and /dev/shm does not exceed the memory", () => {
  const limitsOf = (text: string) => load({}, { "benchbox:limits": text }).limits;
  const gib = 2 ** 30;
  const usual = { ipc: "private", log: { maxSize: 10 * 2 ** 20, maxFile: 3 } };
  assert.deepEqual(limitsOf('{"shm":"16g","memlock":"unlimited","stack":"64m","cpus":1.5,"memory":"64GiB"}'), {
    ...usual,
    shm: 16 * gib,
    memlock: "unlimited",
    stack: gib / 16,
    cpus: 1.5,
    memory: 64 * gib,
  });
  assert.deepEqual(limitsOf('{"memory":"2g"}'), { ...usual, memory: 2 * gib, shm: 2 * gib });
  const others =
    '{"memory":"2g","swap":"1g","pids":4096,"nofile":65536,"ipc":"host","log":{"max_size":"50m","max_file":5}}';
  assert.deepEqual(limitsOf(others), {
    memory: 2 * gib,
    swap: gib,
    pids: 4096,
    nofile: 65536,
    ipc: "host",
    shm: undefined,
    log: { maxSize: 50 * 2 ** 20, maxFile: 5 },
  });
});

for (const [value, wanted] of [
  ['{ "shm": 8 }', /:3: config\.benchbox:limits\.shm: 8 must be a size with a unit, for example 8g$/],
  ['{ "shm": "8" }', /limits\.shm: "8" must be a size with a unit \(m, g or t\), for example 8g$/],
  ['{ "shm": "8g", "memory": "4g" }', /limits\.shm: "8g" must not exceed the box's memory, 4g,/],
  ['{ "memory": "4m" }', /limits\.memory: "4m" must be a whole number of MiB, at least 64m$/],
  ['{ "cpus": "2" }', /limits\.cpus: "2" must be a number of CPUs/],
  ['{ "memlock": "lots" }', /limits\.memlock: "lots" must be .*unlimited/],
  ['{ "swap": "1g" }', /limits\.swap: "1g" requires `memory` to be set$/],
  ['{ "swap": 0 }', /limits\.swap: 0 must be a size with a unit, for example 16g$/],
  ['{ "pids": 20 }', /limits\.pids: 20 must be at least 256/],
  ['{ "pids": "many" }', /limits\.pids: "many" must be a whole number of processes and threads, .* or unlimited$/],
  ['{ "nofile": 100 }', /limits\.nofile: 100 must be at least 1024/],
  ['{ "ipc": "none" }', /limits\.ipc: "none" must be "private", "shareable" or "host"$/],
  ['{ "ipc": "host", "shm": "1g" }', /limits\.shm: "1g" cannot be set with ipc: host/],
  ['{ "log": { "max_size": "10" } }', /limits\.log\.max_size: "10" must be a size with a unit/],
  ['{ "log": { "max_file": 0 } }', /limits\.log\.max_file: 0 must be at least 1$/],
  ['{ "cpu": 2 }', /limits\.cpu: unknown option/],
] as const) {
  test(`limits ${value} is refused with the fix`, () => {
    const file = `config:\n  benchbox:limits:\n    ${value}\n`;
    assert.match(problemsOf(() => load({ "Pulumi.test.yaml": file }, { "benchbox:limits": value })).join("\n"), wanted);
  });
}

for (const [key, value, wanted] of [
  ["capabilities", '["SYS_PTRACEE"]', /:3: .*capabilities\[0\]: "CAP_SYS_PTRACEE" is not a kernel capability/],
  ["ssh.port", "34777", /:3: .*ssh\.port: unknown option; write it as `ssh: \{ port: … \}`$/],
  ["env", '{"PATH": "x"}', /:3: .*env\.PATH: "PATH" is set by the session itself; choose another name$/],
  ["env", '{"A B": "x"}', /:3: .*env\.A B: "A B" is not a variable name/],
  ["ports", '["34790:80"]', /:3: .*ports\[0\]: "34790:80" must be a mapping$/],
] as const) {
  test(`${key} ${value} of a stack is refused with the fix`, () => {
    const file = `config:\n  # as written\n  benchbox:${key}: ${value}\n`;
    assert.match(
      problemsOf(() => load({ "Pulumi.test.yaml": file }, { [`benchbox:${key}`]: value })).join("\n"),
      wanted,
    );
  });
}

for (const [written, wanted] of [
  ["benchbox:env: { OCT: 493 }", /:2: config\.benchbox:env\.OCT: 493 must be a string: quote it$/],
  ["benchbox:env: { ON: true }", /:2: config\.benchbox:env\.ON: true must be a string: quote it$/],
  ["benchbox:env: { OCT: 0755 }", /:2: config\.benchbox:env\.OCT: 0755 .*: write 755 or 493, or quote it$/],
  ["benchbox:hostname: 123", /:2: config\.benchbox:hostname: 123 must be a host name: quote it$/],
  ["benchbox:apt: { mirror: 163 }", /:2: config\.benchbox:apt\.mirror: 163 must be a mirror .*: quote it$/],
  ["benchbox:image: { id: 468101 }", /:2: config\.benchbox:image\.id: 468101 must be a quoted string/],
  [
    "benchbox:limits: { memory: 8 }",
    /:2: config\.benchbox:limits\.memory: 8 must be a size with a unit, for example 64g$/,
  ],
] as const) {
  test(`${written} is refused with and without the Pulumi engine, with the advice to quote it where that is the fix`, () => {
    const { config } = parse(`config: {${written}}`) as { config: Record<string, unknown> };
    const given = Object.entries(config).map(([key, value]) => [
      key,
      typeof value === "object" ? JSON.stringify(value) : String(value),
    ]);
    for (const engineConfig of [null, Object.fromEntries(given)]) {
      const files = { "Pulumi.test.yaml": `config:\n  ${written}\n` };
      assert.match(problemsOf(() => load(files, engineConfig)).join("\n"), wanted);
    }
  });
}

for (const [text, wanted] of [
  ["just text\n", /^Pulumi\.test\.yaml:1: .*must be a mapping, for example `config:`/],
  ["# none\nconfig: []\n", /^Pulumi\.test\.yaml:2: config: must be a mapping/],
] as const) {
  test(`the stack file ${JSON.stringify(text)} is refused instead of treated as one without options`, () => {
    assert.match(problemsOf(() => load({ "Pulumi.test.yaml": text })).join("\n"), wanted);
  });
}

for (const stack of ["Lab", "lab-", "a".repeat(60)]) {
  test(`the stack name ${stack} is refused`, () => {
    const options = { directory: "/nonexistent", project: "benchbox", stack, engineConfig: {}, home: "/" };
    assert.throws(
      () => loadMachine(options),
      /the box would be named benchbox-\S+, but a name has at most 63 characters/,
    );
  });
}

for (const [key, line, wanted] of [
  ["image", "  id: 468101123456", /image\.id: 468101123456 must be a quoted string/],
  ["image", '  id: "468c"', /image\.id: "468c" is not an image id: .*12 to 64/],
  ["image", '  mirrors: ["mymirror"]', /image\.mirrors\[0\]: "mymirror" is not a mirror; write host/],
  ["image", '  mirrors: ["https://mirror.example"]', /image\.mirrors\[0\]: .* must be a registry without https/],
  ["image", "  on_id_mismatch: shrug", /must be "error", "warn" or "ignore"/],
  ["build", "  packages: [Nano]", /build\.packages\[0\]: "Nano" must be a package name/],
  ["build", "  apt: { mirror: tsinghua }", /build\.apt\.mirror: "tsinghua" must be one of "tuna"/],
  [
    "build",
    '  apt: { mirror: "https://me:pw@mirror.example/debian" }',
    /"https:\/\/\*\*\*@mirror\.example\/debian" must be one of .* or an http or https address without credentials/,
  ],
  ["build", "  timezone: Berlin", /must be a time zone, for example `Europe\/Berlin`/],
  ["build", "  remove_global_proxy_after_build: false", /false is not allowed: a proxy must not stay in the image/],
  [
    "custom",
    '  on_build: ["stage-1/custom/nope.sh"]',
    /custom\.on_build\[0\]: scripts\/stage-1\/custom\/nope\.sh does not exist/,
  ],
] as const) {
  test(`${line.trim()} in ${key} is refused with the fix`, () => {
    const text = userConfig.includes(`${key}:\n`)
      ? userConfig.replace(`${key}:\n`, `${key}:\n${line}\n`)
      : `${userConfig}${key}:\n${line}\n`;
    assert.match(problemsOf(() => load({ "user_config.yml": text })).join("\n"), wanted);
  });
}

test("all problems of both files are reported at once, with file, line, path and fix", () => {
  const bad = userConfig
    .replace('"123456"', "123456")
    .replace("uid: 3100", "uid: 12")
    .replace("    - name", "    - colour: zsh\n      name");
  const stack = "config:\n  benchbox:gpu: some\n  benchbox:colour: red\n";
  assert.deepEqual(
    problemsOf(() =>
      load({ "user_config.yml": bad, "Pulumi.test.yaml": stack }, { "benchbox:gpu": "some", "benchbox:colour": "red" }),
    ),
    [
      "user_config.yml:5: ssh.users[0].colour: unknown option; remove it or fix the spelling",
      'user_config.yml:7: ssh.users[0].password: the value (not shown) must be a quoted string, for example "123456": YAML reads bare digits as a number',
      "user_config.yml:8: ssh.users[0].uid: 12 must be at least 100: lower ids belong to the system",
      'Pulumi.test.yaml:2: config.benchbox:gpu: "some" must be "all", "none" or a list of indices or UUIDs, for example [0, 1]',
      "Pulumi.test.yaml:3: config.benchbox:colour: unknown option; remove it or fix the spelling",
    ],
  );
});

test("a password never appears in a problem", () => {
  const bad = userConfig.replace('"123456"', '"hunter2\\nhunter2"').replace("uid: 3100", "uid: 1");
  assert.doesNotMatch(problemsOf(() => load({ "user_config.yml": bad })).join("\n"), /hunter2/);
});

test("malformed YAML is reported with its line", () => {
  assert.deepEqual(
    problemsOf(() => load({ "user_config.yml": "image:\n  base: a\n bad: [\n" })),
    ["user_config.yml:3: : is not valid YAML: bad indentation of a mapping entry"],
  );
});

test("an empty file is reported as one problem", () => {
  assert.deepEqual(problemsOf(() => load({ "user_config.yml": "" })).length, 1);
});

test("root and a duplicate user are refused", () => {
  const two = userConfig.replace(
    "custom:",
    "    - {name: peid, uid: 3101, gid: 1100, sudo: true}\n    - {name: root, uid: 3102, gid: 1100}\ncustom:",
  );
  const problems = problemsOf(() => load({ "user_config.yml": two })).join("\n");
  assert.match(problems, /user_config.yml:9: ssh.users\[1].name: "peid" is already used by another user/);
  assert.match(problems, /user_config.yml:10: ssh.users\[2\].name: .*must not be `root`/);
});

test('a bare ~ is read as "~", with a notice', () => {
  const bare = userConfig.replace("ssh:\n", "ssh:\n  pubkey_file: ~\n");
  const { users, notices } = load({ "user_config.yml": bare });
  assert.deepEqual(users[0].publicKeys, [key.trim()]);
  assert.equal(notices.length, 1);
  assert.match(
    notices[0]?.text ?? "",
    /^user_config\.yml:4: ssh\.pubkey_file: a bare ~ is null in YAML; it is read as "~"/,
  );
  assert.equal(notices[0]?.severity, "info");
});

const securityKey =
  "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIPyTXa+7lJCfFkRQnKs4PPYj7VBEELpbvOSlRTa6UJfQAAAABHNzaDo= token";
const nistKey =
  "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg= nist";

test("each user may have a pubkey_file: a path, a key, or several keys", () => {
  const users = [
    `    - { name: ada, uid: 3101, gid: 1100, pubkey_file: ${JSON.stringify(securityKey)} }`,
    `    - { name: bob, uid: 3102, gid: 1100, pubkey_file: ${JSON.stringify(`${nistKey}\n${securityKey}\n`)} }`,
    "    - { name: eve, uid: 3103, gid: 1100, pubkey_file: ~/keys/lab.pub }",
    "    - { name: joe, uid: 3104, gid: 1100, pubkey_file: ~ }",
  ].join("\n");
  const text = userConfig
    .replace("ssh:\n", `ssh:\n  pubkey_file: ${JSON.stringify(nistKey)}\n`)
    .replace("custom:", `${users}\ncustom:`);
  const machine = load({ "user_config.yml": text, "home/keys/lab.pub": `# the lab's\n\n${key}${key}` });
  assert.deepEqual(
    machine.users.map(({ name, publicKeys, withAgent }) => [name, publicKeys, withAgent]),
    [
      ["peid", [nistKey], false],
      ["ada", [securityKey], false],
      ["bob", [nistKey, securityKey], false],
      ["eve", [key.trim()], false],
      ["joe", [key.trim()], true],
    ],
  );
});

for (const [pubkey, message] of [
  [
    "/nonexistent/id.pub",
    /\/nonexistent\/id\.pub cannot be read \(ENOENT\); fix the path or its permissions, or write "~"/,
  ],
  ["-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n", /holds a private key; write the public key/],
  ["ssh-ed25519 c2VjcmV0", /is not a public key file: line 1|the text is not a public key/],
  ["nothing\nof the kind", /has several lines, and the first is not a public key/],
] as const) {
  test(`the pubkey_file ${JSON.stringify(pubkey)} is rejected`, () => {
    const text = userConfig.replace("ssh:\n", `ssh:\n  pubkey_file: ${JSON.stringify(pubkey)}\n`);
    const problems = problemsOf(() => load({ "user_config.yml": text })).join();
    assert.match(problems, message);
    assert.doesNotMatch(problems, /c2VjcmV0/);
  });
}

test("a loopback address accepts any password; any other requires a strong one, keys only, or allow_weak_password", () => {
  const at = (ssh: object, password?: string) => {
    const text =
      password === undefined ? userConfig.replace(/ +password.*\n/, "") : userConfig.replace("123456", password);
    return () => load({ "user_config.yml": text }, { "benchbox:ssh": JSON.stringify(ssh) });
  };
  for (const bind of ["127.0.0.1", "127.0.0.9", "::1"]) assert.deepEqual(at({ bind }, "123456")().notices, []);
  for (const bind of ["0.0.0.0", "192.168.1.5", "::", "fd00::5"]) {
    const problems = problemsOf(at({ bind }, "123456")).join();
    assert.match(problems, /Pulumi\.test\.yaml:3: config\.benchbox:ssh\.bind: .* the password of peid is weak/);
    assert.doesNotMatch(problems, /123456/);
    assert.deepEqual(at({ bind }, "7Yq-fan4-Lop2-kiw")().notices, []);
    const text = "peid has no password, so sudo does not ask for one (sudo: false disables sudo)";
    assert.deepEqual(at({ bind })().notices, [{ severity: "info", text }]);
    const [warning] = at({ bind, allow_weak_password: true }, "123456")().notices;
    assert.equal(warning?.severity, "warning");
    assert.match(warning?.text ?? "", /other hosts can try the password of peid, which is weak/);
  }
  assert.equal(at({ bind: "0.0.0.0" })().ssh.host, "127.0.0.1");
  assert.equal(at({ bind: "::" })().ssh.host, "::1");
  assert.match(problemsOf(at({ bind: "localhost" })).join(), /"localhost" must be an IPv4 or IPv6 address/);
});

test("a private key in place of a public one is refused, and not shown", () => {
  const file = userConfig.replace("ssh:\n", "ssh:\n  pubkey_file: ~/.ssh/id_x\n");
  const text = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n";
  const problems = problemsOf(() => load({ "user_config.yml": file, "home/.ssh/id_x": text })).join();
  assert.match(problems, /is a private key; use the public key/);
  assert.doesNotMatch(problems, /c2VjcmV0/);
});

test("a home without keys is accepted when there is a password", () => {
  assert.deepEqual(load({ "home/.ssh/id_ed25519.pub": "" }).users[0].publicKeys, []);
});

for (const [line, message] of [
  [
    "stage-1/system/uv/nope.sh",
    /scripts\/stage-1\/system\/uv\/nope.sh does not exist; available scripts: stage-1\/system\/uv\/install-uv.sh/,
  ],
  ["../host/setup", /must be below stage-1\/ or stage-2\//],
  ["stage-1/system/uv/install-uv.sh --user $USER", /contains a quote/],
] as const) {
  test(`the first-run line "${line}" is rejected`, () => {
    const file = userConfig.replace("stage-1/system/uv/install-uv.sh --user peid", line);
    assert.match(problemsOf(() => load({ "user_config.yml": file })).join(), message);
  });
}

test("a missing file is reported with the folder to create it in", () => {
  const options = { directory: "/nonexistent", project: "benchbox", stack: "test", engineConfig: {}, home: "/" };
  assert.match(
    problemsOf(() => loadMachine(options)).join(),
    /Pulumi.test.yaml:1: : is missing; create it in \/nonexistent/,
  );
});
