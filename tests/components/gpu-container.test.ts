import assert from "node:assert/strict";
import { test } from "node:test";
import { BaseImage } from "../../components/base-image.ts";
import type { BuildFiles } from "../../components/build-files.ts";
import { DevImage } from "../../components/dev-image.ts";
import { GpuContainer } from "../../components/gpu-container.ts";
import { planImage } from "../../components/image-plan.ts";
import type { Build, Machine, User } from "../../config/machine.ts";
import type { MachineObservation } from "../../observe/machine.ts";
import { type Registered, registeredBy } from "./mocked-program.ts";

const password = "not to be seen";
const users: [User] = [{ name: "peid", uid: 3100, gid: 1100, password }];
const outputs = {
  "command:local:Command": { stdout: "ssh-ed25519 PUBLIC\n-----BEGIN PRIVATE\nPRIVATE\n-----END", stderr: "" },
  "docker:index/remoteImage:RemoteImage": { imageId: "sha256:abc" },
  "docker:index/network:Network": {},
  "docker:index/volume:Volume": {},
  "docker:index/container:Container": {},
};

const build: Build = {
  useProxy: true,
  packages: ["nano", "libgl1-mesa-glx|libgl1+libglx-mesa0"],
  locale: "C.UTF-8",
  timezone: "Etc/UTC",
  scripts: [],
};
const machine: Machine = {
  name: "box",
  base: { kind: "debootstrap", suite: "trixie" },
  build,
  gpu: "none",
  users,
  ssh: { bind: "127.0.0.1", port: 22022, publicKeys: ["ssh-ed25519 MINE"] },
  x11: { socket: false },
  caCertificates: [],
  gitIdentity: { "user.name": "Ada" },
  firstRun: [],
};
const files: BuildFiles = { mirrors: "mirrors", log: "log", secrets: [{ id: "HTTP_PROXY", env: "HTTP_PROXY" }] };
const nothing = { base: undefined, images: [] };

function declareImage(declared: Machine, seen: Pick<MachineObservation, "base" | "images">): DevImage {
  const plan = planImage(declared, seen);
  const args = {
    base: declared.base,
    identity: plan.baseIdentity,
    mirrorFile: files.mirrors,
    trigger: plan.baseTrigger,
  };
  return new DevImage("box", { base: new BaseImage("box", args), plan, files, seen: seen.images });
}

function declareBox(gpu: "none" | "all"): void {
  const image = declareImage(machine, nothing);
  new GpuContainer("box", { image, machine: { ...machine, gpu }, folders: ["/home/peid/x"], trigger: "created" });
}

const one = (all: readonly Registered[], name: string): Registered => {
  const found = all.find((resource) => resource.name === name);
  return found ?? assert.fail(`${name} is not among ${all.map((resource) => resource.name).join(", ")}`);
};

test("SSH is published on loopback only, and the homes are volumes", async () => {
  const { inputs } = one(await registeredBy(() => declareBox("none"), outputs), "box-container");
  assert.deepEqual(inputs.ports, [{ internal: 22, external: 22022, ip: "127.0.0.1", protocol: "tcp" }]);
  assert.deepEqual(inputs.volumes, [{ volumeName: "box-home-peid", containerPath: "/home/peid" }]);
  assert.equal(inputs.mustRun, false);
  assert.equal(inputs.gpus, undefined);
});

test("a stack with GPUs asks the engine for them", async () => {
  const { inputs } = one(await registeredBy(() => declareBox("all"), outputs), "box-container");
  assert.equal(inputs.gpus, "all");
});

test("the password reaches the standard input of the start, and no other input", async () => {
  const registered = await registeredBy(() => declareBox("none"), outputs);
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

test("the private host key ends with the newline without which OpenSSH does not read it", async () => {
  const { stdin } = one(await registeredBy(() => declareBox("none"), outputs), "box-start").inputs as {
    stdin: { value: string };
  };
  const [, key] = stdin.value.match(/^host-key - (.*)$/m) ?? [];
  assert.equal(Buffer.from(key ?? "", "base64").toString(), "-----BEGIN PRIVATE\nPRIVATE\n-----END\n");
});

test("a preview of a box that is not there yet needs no value that only an update gives", async () => {
  const names = (await registeredBy(() => declareBox("none"), outputs, true)).map(({ name }) => name);
  for (const name of ["box-base", "box-image", "box-network", "box-home-peid", "box-container", "box-start"]) {
    assert.ok(names.includes(name), `${name} is not among ${names.join(", ")}`);
  }
});
