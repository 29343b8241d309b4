import * as pulumi from "@pulumi/pulumi";
import { BaseImage } from "./components/base-image.ts";
import { BoxHooks } from "./components/box-hooks.ts";
import { writeBuildFiles } from "./components/build-files.ts";
import { DevImage } from "./components/dev-image.ts";
import { Fingerprint } from "./components/fingerprint.ts";
import { FirstRun } from "./components/first-run.ts";
import { GpuClocks } from "./components/gpu-clocks.ts";
import { GpuContainer } from "./components/gpu-container.ts";
import { observeBoot } from "./src/observe/boot.ts";
import { isNetworkChanged } from "./src/plan/assess.ts";
import { networkTrigger } from "./src/plan/trigger.ts";
import { outputsOf } from "./src/program/outputs.ts";
import { declaredMachine, survey } from "./src/program/survey.ts";

// Pulumi captures a stack trace for each promise and maps it to sources, which this program runs directly: a tenth of a preview's time.
Reflect.deleteProperty(Error, "prepareStackTrace");

/** Brings one stack from its actual to its desired state; returns the stack's outputs. */
export default async () => {
  const declared = declaredMachine(import.meta.dirname);
  const { name } = declared;
  const found = await survey(declared);
  const { machine, seen, plan, steps, hooks, start, lock } = found;

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
    ...found,
    image: devImage,
    agentKeys: seen.agentKeys,
    trigger: found.start,
    seen: seen.box.container,
    isImageKnown: plan.baseIdentity !== undefined,
    keptVolumes: seen.keptVolumes,
    networkTrigger: networkTrigger(seen.network, isNetworkChanged(machine, seen)),
  });
  const firstRun = new FirstRun(name, { box, steps });

  const { lists } = hooks;
  if (lists) new BoxHooks(name, { box, firstRun, plan: { ...hooks, lists }, start });

  const { tools } = firstRun;
  const fingerprint = new Fingerprint(name, { machine, base, image: devImage, box, firstRun, lock, seen }).facts;
  return { ...outputsOf(machine, found.gpus, base, devImage, box), tools, fingerprint };
};
