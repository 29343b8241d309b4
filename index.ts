import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { BaseImage } from "./components/base-image.ts";
import { writeBuildFiles } from "./components/build-files.ts";
import { DevImage } from "./components/dev-image.ts";
import { Fingerprint } from "./components/fingerprint.ts";
import { FirstRun } from "./components/first-run.ts";
import { GpuClocks } from "./components/gpu-clocks.ts";
import { GpuContainer } from "./components/gpu-container.ts";
import { planHardware } from "./components/hardware-plan.ts";
import { planImage } from "./components/image-plan.ts";
import { outputsOf } from "./components/outputs.ts";
import { loadMachine } from "./config/load.ts";
import { askedFor } from "./lib/asked-for.ts";
import { boxNotices } from "./lib/box-notice.ts";
import { lossOf } from "./lib/gpu.ts";
import { readToolLock } from "./lib/tool-lock.ts";
import { startTrigger } from "./lib/trigger.ts";
import { refuse, refuseOrWarn, tell, userErrors, warn } from "./lib/user-errors.ts";
import { newAgentKeys } from "./observe/agent.ts";
import { observeBoot } from "./observe/boot.ts";
import { observeMachine } from "./observe/machine.ts";
import { preflight } from "./observe/preflight/preflight.ts";

const machine = userErrors(() =>
  loadMachine({
    directory: import.meta.dirname,
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    engineConfig: pulumi.runtime.allConfig(),
    home: homedir(),
  }),
);
tell(machine.notices);
const { name } = machine;

const seen = await observeMachine(machine);
tell(newAgentKeys(seen.box.agentKeys ?? [], seen.agentKeys));
const plan = planImage(machine, seen);
await refuseOrWarn(await preflight(machine, seen, plan.isBuilt));
tell(boxNotices(seen.box, machine.firstRun));
const { gpus, limits } = planHardware(machine, seen);
refuse("This machine cannot give the box its limits; nothing was changed.", limits.problems);
await warn([...limits.warnings, ...lossOf(seen.box)]);

const files = writeBuildFiles(machine, pulumi.getStack());
const base = new BaseImage(name, {
  base: machine.base,
  identity: plan.baseIdentity,
  mirrorFile: files.mirrors,
  trigger: plan.baseTrigger,
});
const devImage = new DevImage(name, { base, plan, files, seen: seen.images });
const { clocks } = machine.gpu;
if (clocks) new GpuClocks(name, { gpu: machine.gpu, clocks, boot: await observeBoot() });
const box = new GpuContainer(name, {
  image: devImage,
  machine,
  gpus,
  limits: limits.args,
  agentKeys: seen.agentKeys,
  trigger: startTrigger(seen.box),
  seen: seen.box.container,
  isImageKnown: plan.baseIdentity !== undefined,
  keptVolumes: seen.keptVolumes,
});
const lock = readToolLock(readFileSync("tools.lock.yml", "utf8"));
const firstRun = new FirstRun(name, { box, machine, lock, seen: seen.box, asked: askedFor(process.env) });

export const { ssh, x11, gpu, image, container } = outputsOf(machine, gpus, base, devImage, box);
export const { tools } = firstRun;
export const fingerprint = new Fingerprint(name, { machine, base, image: devImage, box, firstRun, lock, seen }).facts;
