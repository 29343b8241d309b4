import assert from "node:assert/strict";
import { test } from "node:test";
import { BaseImage } from "../../components/base-image.ts";
import { DevImage } from "../../components/dev-image.ts";
import type { Machine } from "../../src/model/machine.ts";
import type { HostObservation } from "../../src/observe/host.ts";
import { type BuiltImage, imageLabels } from "../../src/observe/images.ts";
import type { MachineObservation } from "../../src/observe/observation.ts";
import { planImage } from "../../src/plan/image-plan.ts";
import { plainHost, plainMachine } from "../support/machine.ts";
import { type Registered, registeredBy } from "./mocked-program.ts";

const machine = plainMachine;
const secrets = [{ id: "HTTP_PROXY", env: "HTTP_PROXY" }];

type Seen = Pick<MachineObservation, "base" | "images">;
type Image = Registered & { inputs: { name: string; build: { label: Record<string, string>; networkMode?: string } } };

/** The resources that the program registers for the image, given the observation `seen`. */
async function declared(
  change: Partial<Machine>,
  seen: Seen,
  host: HostObservation = plainHost,
): Promise<{ base: Registered; image: Image }> {
  const changed = { ...machine, ...change };
  const registered = await registeredBy(
    () => {
      const plan = planImage(changed, { ...seen, host });
      const args = {
        base: changed.base,
        identity: plan.baseIdentity,
        mirrorFile: "mirrors",
        trigger: plan.baseTrigger,
      };
      const files = { mirrors: "mirrors", log: "log", secrets };
      new DevImage("box", { base: new BaseImage("box", args), plan, files, seen: seen.images });
    },
    {
      "command:local:Command": { stdout: "base", stderr: "" },
      "docker:index/remoteImage:RemoteImage": { imageId: "sha256:abc" },
    },
  );
  const named = (name: string) => registered.find((one) => one.name === name) ?? assert.fail(`no ${name}`);
  return { base: named("box-base"), image: named("box-image") as Image };
}

const built = ({ inputs }: Image): BuiltImage => ({
  reference: inputs.name,
  declared: inputs.build.label[imageLabels.declared] ?? "",
  trigger: inputs.build.label[imageLabels.trigger] ?? "",
  baseTrigger: inputs.build.label[imageLabels.baseTrigger] ?? "",
  base: inputs.build.label[imageLabels.base],
});

const nothing: Seen = { base: undefined, images: [] };

test("the same input has the same tag, and each change of the input has another", async () => {
  const tagOf = async (change: Partial<Machine>): Promise<string> =>
    (await declared(change, nothing)).image.inputs.name;
  const tags = [
    await tagOf({}),
    await tagOf({ users: [{ ...machine.users[0], uid: 3101 }] }),
    await tagOf({ build: { ...machine.build, packages: ["nano", "micro"] } }),
    await tagOf({ build: { ...machine.build, timezone: "Europe/Berlin" } }),
    await tagOf({ build: { ...machine.build, apt: { mirror: "tuna", keep: true } } }),
  ];
  assert.equal(new Set(tags).size, tags.length);
  assert.equal(await tagOf({}), tags[0]);
});

test("the end of a long list of packages is the last step, or precedes the scripts that may need it", () => {
  const packages = Array.from({ length: 31 }, (_, at) => `p${at}`);
  const args = (build: Partial<Machine["build"]>) =>
    planImage({ ...machine, build: { ...machine.build, packages, ...build } }, { ...nothing, host: plainHost })
      .buildArgs;
  assert.match(args({}).PACKAGES ?? "", /^p0 .* p29$/);
  assert.deepEqual([args({}).LATER_PACKAGES, args({}).LAST_PACKAGES], ["", "p30"]);
  const script = { id: "uv", tool: "uv", script: "stage-1/system/uv/install-uv.sh", arguments: [] };
  const { LATER_PACKAGES, LAST_PACKAGES } = args({ scripts: [script] });
  assert.deepEqual([LATER_PACKAGES, LAST_PACKAGES], ["p30", ""]);
});

test("mirrors and proxies do not affect the image's tag", async () => {
  const { name } = (await declared({}, nothing)).image.inputs;
  const others: Partial<Machine>[] = [
    { caCertificates: ["-----BEGIN CERTIFICATE-----"] },
    { gitIdentity: { "user.name": "Ada" } },
    { build: { ...machine.build, apt: { mirror: "tuna", keep: false } } },
    { build: { ...machine.build, useProxy: false } },
    { users: [{ ...machine.users[0], password: "secret" }] },
  ];
  for (const other of others) assert.equal((await declared(other, nothing)).image.inputs.name, name);
});

test("an existing image is used as it is, and a change of its build arguments is no difference", async () => {
  const first = await declared({}, nothing);
  const again = await declared({}, { base: "base", images: [built(first.image)] });
  const { build, ...rest } = first.image.inputs;
  assert.ok(build);
  assert.deepEqual(again.image.inputs, rest);
  assert.deepEqual(again.base.inputs, first.base.inputs);
});

test("a base that existed before the first `up` is checked first, and the tag follows from the result", async () => {
  const stale = await declared({}, { base: "stale", images: [] });
  const fresh = await declared({}, nothing);
  assert.equal(stale.image.inputs.name, fresh.image.inputs.name);
});

test("a missing image is built again on the existing base", async () => {
  const first = await declared({}, nothing);
  const remembered = { ...built(first.image), reference: "" }; // only the container records it
  const again = await declared({}, { base: "base", images: [remembered] });
  assert.equal(again.image.inputs.name, first.image.inputs.name);
  assert.notDeepEqual(again.image.inputs.build.label, first.image.inputs.build.label);
  assert.deepEqual(again.base.inputs, first.base.inputs);
});

test("a missing base is not fetched again until an image must be built on it", async () => {
  const first = await declared({}, nothing);
  const images = [built(first.image)];
  const again = await declared({}, { base: undefined, images });
  assert.deepEqual(again.base.inputs, first.base.inputs);
  const changed = await declared({ build: { ...machine.build, packages: [] } }, { base: undefined, images });
  assert.notDeepEqual(changed.base.inputs, first.base.inputs);
});

test("another image under the base's name is ignored without a build, and fetched and checked before one", async () => {
  const seen: Seen = { base: "base", images: [] };
  const first = await declared({}, seen);
  const images = [built(first.image)];
  const moved = await declared({}, { base: "another", images });
  assert.deepEqual(moved.base.inputs, first.base.inputs);
  assert.equal(moved.image.inputs.name, first.image.inputs.name);
  const changed = { build: { ...machine.build, packages: [] } };
  assert.deepEqual((await declared(changed, { base: "base", images })).base.inputs, first.base.inputs);
  assert.notDeepEqual((await declared(changed, { base: "another", images })).base.inputs, first.base.inputs);
});

test("an image built before its base was recorded stays unchanged", async () => {
  const { base: _, ...before } = built((await declared({}, nothing)).image);
  const again = await declared({}, { base: "base", images: [before] });
  assert.deepEqual([again.image.inputs.name, again.image.inputs.build], [before.reference, undefined]);
});

test("no secret of the build is passed by value, and only a build with proxies uses the host's network", async () => {
  const { image } = await declared({}, nothing);
  assert.equal(image.inputs.build.networkMode, "host");
  assert.deepEqual((image.inputs.build as { secrets?: unknown }).secrets, secrets);
  const without = await declared({ build: { ...machine.build, useProxy: false } }, nothing);
  assert.equal(without.image.inputs.build.networkMode, undefined);
});

test("on a Docker Engine with userns-remap a build has its own network", async () => {
  const engine = { ...plainHost.engine, SecurityOptions: ["name=seccomp,profile=builtin", "name=userns"] };
  const { image } = await declared({}, nothing, { ...plainHost, engine });
  assert.equal(image.inputs.build.networkMode, undefined);
  assert.equal(image.inputs.name, (await declared({}, nothing)).image.inputs.name);
});
