import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Fingerprint } from "../../components/fingerprint.ts";
import type { FirstRunStep } from "../../src/model/machine.ts";
import type { EngineInfo } from "../../src/observe/docker-engine.ts";
import { registeredBy } from "./mocked-program.ts";

const engine: EngineInfo = {
  ServerVersion: "28.2.2",
  Driver: "overlay2",
  DockerRootDir: "/var/lib/docker",
  Runtimes: {},
  NCPU: 2,
  MemTotal: 2 ** 34,
  KernelVersion: "6.8.0",
  OperatingSystem: "Ubuntu 24.04",
  Architecture: "x86_64",
};
const image = {
  reference: "box:abc",
  declared: "d",
  trigger: "abc 1",
  baseTrigger: "t",
  environment: ["CUDA_VERSION=12.8.1"],
};
const uv: FirstRunStep = {
  id: "uv",
  tool: "uv",
  script: "stage-1/system/uv/install-uv.sh",
  arguments: ["--user", "peid"],
  user: "peid",
  needs: [],
  environment: {},
  timeout: 1800,
  retries: 1,
  required: true,
};
const outputs = {
  "command:local:Command": { stdout: "", stderr: "" },
  "docker:index/container:Container": {},
};

/** The inputs of the step that writes the fingerprint in a box with these arguments. */
async function inputsOf(options: {
  container?: string;
  lock?: string;
  kernel?: string;
  toolsAreKnown?: boolean;
  imageIsGone?: boolean;
}) {
  const user = {
    name: "peid",
    uid: 3100,
    gid: 1100,
    groups: [],
    shell: "bash",
    sudo: true,
    publicKeys: [],
    withAgent: false,
  };
  const unknown = pulumi.unknown as unknown as string;
  const registered = await registeredBy(
    () => {
      const stub = (name: string) => new pulumi.ComponentResource("benchbox:test:Stub", name);
      new Fingerprint("box", {
        machine: { gpu: { devices: "none", mode: "auto" }, users: [user], firstRun: [uv] },
        base: { identity: pulumi.output("base") },
        image: { reference: pulumi.output("box:abc"), id: pulumi.output(options.imageIsGone ? unknown : "sha256:1") },
        box: Object.assign(stub("box-stub"), {
          container: stub("container-stub") as never,
          containerId: pulumi.output(options.container ?? "c1"),
        }),
        firstRun: Object.assign(stub("first-run-stub"), {
          tools: pulumi.output({
            uv: options.toolsAreKnown === false ? unknown : { version: "1", path: "/uv" },
          }) as never,
        }),
        lock: { uv: { version: options.lock ?? "1" } },
        seen: {
          host: {
            engine: { ...engine, KernelVersion: options.kernel ?? "6.8.0" },
            address: undefined,
            isRemote: false,
          },
          images: [options.imageIsGone ? { ...image, reference: "" } : image],
        },
      });
    },
    outputs,
    true,
  );
  const step = registered.find(({ name }) => name === "box-fingerprint");
  return step?.inputs ?? assert.fail("the step is not registered");
}

test("the step gets the facts on standard input, including the image's CUDA version", async () => {
  const { stdin, create } = await inputsOf({});
  const facts = JSON.parse(String(stdin));
  assert.deepEqual(facts.image, { name: "box:abc", baseId: "base" });
  assert.deepEqual([facts.cuda, facts.kernel, facts.memoryGiB, facts.gpus], ["12.8.1", "6.8.0", 16, []]);
  assert.match(String(create), /^src\/resources\/write-fingerprint\.ts box peid c1 [0-9a-f]{12}$/);
});

test("the file is written again only for another container, another lock or another host", async () => {
  const before = await inputsOf({});
  assert.deepEqual(await inputsOf({}), before);
  for (const change of [{ container: "c2" }, { lock: "2" }, { kernel: "6.9.0" }]) {
    assert.notDeepEqual(await inputsOf(change), before, JSON.stringify(change));
  }
});

test("the step's inputs do not change in a preview that repairs a tool or an image", async () => {
  assert.deepEqual(await inputsOf({ imageIsGone: true }), await inputsOf({}));
  assert.deepEqual(await inputsOf({ toolsAreKnown: false }), await inputsOf({}));
});
