import assert from "node:assert/strict";
import { test } from "node:test";
import { BaseImage } from "../../components/base-image.ts";
import type { BuildFiles } from "../../components/build-files.ts";
import { DevImage } from "../../components/dev-image.ts";
import { GpuContainer } from "../../components/gpu-container.ts";
import type { GivenGpus } from "../../src/model/gpu.ts";
import type { Build, Limits, Machine, User } from "../../src/model/machine.ts";
import type { MachineObservation } from "../../src/observe/observation.ts";
import { planImage } from "../../src/plan/image-plan.ts";
import { plainHost, plainMachine } from "../support/machine.ts";
import { type Registered, registeredBy } from "./mocked-program.ts";

const uuid = "GPU-3a23c669-1f69-c64e-cf85-44e9b07e7a2a";
const password = "not to be seen";
const users: [User] = [
  {
    name: "peid",
    uid: 3100,
    gid: 1100,
    groups: ["video"],
    shell: "bash",
    sudo: true,
    password,
    publicKeys: ["ssh-ed25519 MINE"],
    withAgent: true,
  },
];
const outputs = {
  "command:local:Command": { stdout: "ssh-ed25519 PUBLIC\n-----BEGIN PRIVATE\nPRIVATE\n-----END", stderr: "" },
  "docker:index/remoteImage:RemoteImage": { imageId: "sha256:abc" },
  "docker:index/volume:Volume": {},
  "docker:index/container:Container": {},
};

const build: Build = { ...plainMachine.build, packages: ["nano", "libgl1-mesa-glx|libgl1+libglx-mesa0"] };
const machine: Machine = { ...plainMachine, build, users, gitIdentity: { "user.name": "Ada" } };
const files: BuildFiles = { mirrors: "mirrors", log: "log", secrets: [{ id: "HTTP_PROXY", env: "HTTP_PROXY" }] };
const nothing = { base: undefined, images: [] };
const fresh = {
  gpus: undefined,
  devices: [],
  limits: { args: {}, running: { cpus: 2, pids: 100 } },
  setsNewPrivileges: true,
  trigger: "created",
  seen: undefined,
  isDamaged: false,
  networkTrigger: "made",
  isImageKnown: true,
  keptVolumes: [],
};

function declareImage(declared: Machine, seen: Pick<MachineObservation, "base" | "images">): DevImage {
  const plan = planImage(declared, { ...seen, host: plainHost });
  const args = {
    base: declared.base,
    identity: plan.baseIdentity,
    mirrorFile: files.mirrors,
    trigger: plan.baseTrigger,
  };
  return new DevImage("box", { base: new BaseImage("box", args), plan, files, seen: seen.images });
}

function declareBox(gpus?: GivenGpus): void {
  const image = declareImage(machine, nothing);
  const agentKeys = ["ssh-ed25519 MINE again", "ssh-ed25519 OTHER"];
  new GpuContainer("box", { ...fresh, image, machine, gpus, agentKeys });
}

const one = (all: readonly Registered[], name: string): Registered => {
  const found = all.find((resource) => resource.name === name);
  return found ?? assert.fail(`${name} is not among ${all.map((resource) => resource.name).join(", ")}`);
};

test("SSH is published on loopback only, and homes, /soft and /workspace are volumes", async () => {
  const { inputs } = one(await registeredBy(() => declareBox(), outputs), "box-container");
  assert.deepEqual(inputs.ports, [{ internal: 22, external: 22022, ip: "127.0.0.1", protocol: "tcp" }]);
  assert.deepEqual(inputs.volumes, [
    { volumeName: "box-home-peid", containerPath: "/home/peid" },
    { volumeName: "box-soft", containerPath: "/soft" },
    { volumeName: "box-workspace", containerPath: "/workspace" },
  ]);
  assert.equal(inputs.mustRun, false);
  assert.equal(inputs.gpus, undefined);
});

test("a volume that the configuration no longer names stays registered, without a mount", async () => {
  const registered = await registeredBy(() => {
    const keptVolumes = ["box-home-guest"];
    const image = declareImage(machine, nothing);
    new GpuContainer("box", { ...fresh, keptVolumes, image, machine, agentKeys: [] });
  }, outputs);
  const labels = [{ label: "benchbox.box", value: "box" }];
  assert.deepEqual(one(registered, "box-home-guest").inputs, { name: "box-home-guest", labels });
  assert.doesNotMatch(JSON.stringify(one(registered, "box-container").inputs.volumes), /guest/);
});

for (const [given, wanted] of [
  [undefined, {}],
  [{ mode: "runtime", devices: "all" }, { gpus: "all" }],
  [
    { mode: "runtime", devices: ["0", "2"] },
    { deviceRequests: [{ driver: "nvidia", deviceIds: ["0", "2"], capabilities: ["gpu"] }] },
  ],
  [{ mode: "cdi", devices: "all" }, { deviceRequests: [{ driver: "cdi", deviceIds: ["nvidia.com/gpu=all"] }] }],
  [
    { mode: "cdi", devices: ["1", uuid] },
    { deviceRequests: [{ driver: "cdi", deviceIds: ["nvidia.com/gpu=1", `nvidia.com/gpu=${uuid}`] }] },
  ],
] as const) {
  test(`the container requests the GPUs ${JSON.stringify(given)}`, async () => {
    const { inputs } = one(await registeredBy(() => declareBox(given), outputs), "box-container");
    assert.deepEqual(
      { gpus: inputs.gpus, deviceRequests: inputs.deviceRequests },
      { gpus: undefined, deviceRequests: undefined, ...wanted },
    );
    const isRuntime = given?.mode === "runtime";
    assert.deepEqual(
      inputs.envs,
      isRuntime ? [] : ["NVIDIA_VISIBLE_DEVICES=void"],
      "what the image says is not followed",
    );
    const { tests } = inputs.healthcheck as { tests: string[] };
    assert.equal(tests.includes("--gpu"), given !== undefined, "the health check includes the driver");
  });
}

test("the start sets the limits of a running container, and they are no difference of the container", async () => {
  const registered = await registeredBy(() => declareBox(), outputs);
  const { create } = one(registered, "box-start").inputs;
  assert.equal(create, `src/resources/start-box.ts box '{"cpus":2,"pids":100}'`);
  const { inputs } = one(registered, "box-container");
  for (const key of ["cpus", "cpuQuota", "memory", "memorySwap"]) assert.equal(inputs[key], undefined, key);
});

test("the host's IPC comes with the option that the Docker Engine adds to it, and every other mode is a namespace of its own", async () => {
  const declare = (ipc: Limits["ipc"], sudo: boolean) =>
    registeredBy(() => {
      const [user] = users;
      const declared: Machine = { ...machine, limits: { ...machine.limits, ipc }, users: [{ ...user, sudo }] };
      const image = declareImage(declared, nothing);
      new GpuContainer("box", { ...fresh, image, machine: declared, agentKeys: [] });
    }, outputs);
  for (const [ipc, sudo, securityOpts] of [
    ["private", true, ["no-new-privileges=false"]],
    ["shareable", false, ["no-new-privileges"]],
    ["host", true, ["label=disable", "no-new-privileges=false"]],
    ["host", false, ["label=disable", "no-new-privileges"]],
  ] as const) {
    const { inputs } = one(await declare(ipc, sudo), "box-container");
    assert.deepEqual([inputs.ipcMode, inputs.securityOpts], [ipc, securityOpts]);
  }
});

test("X11 is published on loopback only, the host's sockets are read-only, and no cookie is an input", async () => {
  const x11 = { socket: true, server: { display: 20, port: 6020, screen: "800x600" } };
  const declare = () => {
    const image = declareImage(machine, nothing);
    new GpuContainer("box", { ...fresh, image, machine: { ...machine, x11 }, agentKeys: [] });
  };
  const registered = await registeredBy(declare, outputs);
  const { ports, volumes } = one(registered, "box-container").inputs as { ports: unknown[]; volumes: unknown[] };
  assert.deepEqual(ports[1], { internal: 6020, external: 6020, ip: "127.0.0.1", protocol: "tcp" });
  const sockets = { hostPath: "/tmp/.X11-unix", containerPath: "/tmp/.X11-unix", readOnly: true };
  assert.deepEqual(volumes.at(-1), sockets);
  const { stdin } = one(registered, "box-start").inputs as { stdin: { value: string } };
  const [, settings] = stdin.value.match(/^x11-server peid (.*)$/m) ?? [];
  assert.equal(Buffer.from(settings ?? "", "base64").toString(), "20 800x600\n");
});

test("the box has few capabilities, including those from the stack, and new privileges only for sudo", async () => {
  const box = { ...fresh, agentKeys: [] };
  const boxOf = async (change: Partial<Machine>) => {
    const image = () => declareImage(machine, nothing);
    const declare = () => new GpuContainer("box", { ...box, image: image(), machine: { ...machine, ...change } });
    return one(await registeredBy(declare, outputs), "box-container").inputs as {
      capabilities: { adds: string[]; drops: string[] };
      securityOpts?: string[];
    };
  };
  const { capabilities, securityOpts } = await boxOf({ capabilities: ["CAP_SYS_PTRACE"] });
  assert.deepEqual(capabilities.drops, ["ALL"]);
  assert.ok(capabilities.adds.includes("CAP_SYS_PTRACE"));
  for (const dropped of ["CAP_NET_RAW", "CAP_MKNOD"]) assert.ok(!capabilities.adds.includes(dropped));
  assert.deepEqual(securityOpts, ["no-new-privileges=false"]);
  const without = await boxOf({ users: [{ ...users[0], sudo: false }] });
  assert.deepEqual(without.securityOpts, ["no-new-privileges"]);
  const namespaces = (await boxOf({ userNamespaces: true })).securityOpts ?? [];
  assert.deepEqual(namespaces.slice(0, 2), ["no-new-privileges=false", "apparmor=unconfined"]);
  assert.equal(JSON.parse(namespaces[2]?.replace("seccomp=", "") ?? "").defaultAction, "SCMP_ACT_ERRNO");
});

test("a container created before the new-privileges option existed is not replaced", async () => {
  const declare = () =>
    new GpuContainer("box", {
      ...fresh,
      setsNewPrivileges: false,
      image: declareImage(machine, nothing),
      machine,
      agentKeys: [],
    });
  assert.equal(one(await registeredBy(declare, outputs), "box-container").inputs.securityOpts, undefined);
});

test("the password reaches the standard input of the start, and no other input", async () => {
  const registered = await registeredBy(() => declareBox(), outputs);
  const encoded = Buffer.from(password).toString("base64");
  const holders = registered.filter(
    ({ inputs }) => JSON.stringify(inputs).includes(encoded) || JSON.stringify(inputs).includes(password),
  );
  assert.deepEqual(
    holders.map(({ name }) => name),
    ["box-start"],
  );
  const { stdin } = one(registered, "box-start").inputs as { stdin: { value?: string } | string };
  const handover = typeof stdin === "string" ? stdin : (stdin.value ?? "");
  assert.match(handover, new RegExp(`^password peid ${encoded}$`, "m"));
  assert.match(handover.trimEnd().split("\n").at(-1) ?? "", /^started - /);
});

test("the agent's keys are installed once, and recorded for the next preview", async () => {
  const { stdin } = one(await registeredBy(() => declareBox(), outputs), "box-start").inputs as {
    stdin: { value: string };
  };
  const decoded = (kind: string): string =>
    Buffer.from(new RegExp(`^${kind} \\S+ (.*)$`, "m").exec(stdin.value)?.[1] ?? "", "base64").toString();
  assert.equal(
    decoded("authorized-keys"),
    "ssh-ed25519 MINE\nssh-ed25519 OTHER\nssh-ed25519 PUBLIC benchbox automation\n",
  );
  assert.equal(decoded("agent-keys"), "ssh-ed25519 MINE again\nssh-ed25519 OTHER\n");
});

test("the stack's keys have an input that rotates them, but not before the first rotation", async () => {
  const keys = async (keyGeneration: number) => {
    const ssh = { ...machine.ssh, keyGeneration };
    const args = { ...fresh, agentKeys: [] };
    const declare = () =>
      new GpuContainer("box", { ...args, image: declareImage(machine, nothing), machine: { ...machine, ssh } });
    const registered = await registeredBy(declare, outputs);
    return ["box-host-key", "box-automation-key"].map((name) => one(registered, name).inputs);
  };
  for (const inputs of await keys(0)) assert.equal(inputs.environment, undefined);
  for (const inputs of await keys(2)) {
    assert.deepEqual(inputs.environment, { BENCHBOX_KEY_GENERATION: "2" });
    assert.equal(inputs.triggers, undefined); // a protected resource cannot be replaced
  }
});

test("the private host key ends with the newline that OpenSSH requires", async () => {
  const { stdin } = one(await registeredBy(() => declareBox(), outputs), "box-start").inputs as {
    stdin: { value: string };
  };
  const [, key] = stdin.value.match(/^host-key - (.*)$/m) ?? [];
  assert.equal(Buffer.from(key ?? "", "base64").toString(), "-----BEGIN PRIVATE\nPRIVATE\n-----END\n");
});

test("a preview of a new box needs no value that only an update provides", async () => {
  const names = (await registeredBy(() => declareBox(), outputs, true)).map(({ name }) => name);
  for (const name of ["box-base", "box-image", "box-network", "box-home-peid", "box-container", "box-start"]) {
    assert.ok(names.includes(name), `${name} is not among ${names.join(", ")}`);
  }
});
