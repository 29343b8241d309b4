import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { BaseImage } from "./components/base-image.ts";
import { x11Output } from "./components/box-x11.ts";
import { writeBuildFiles } from "./components/build-files.ts";
import { DevImage } from "./components/dev-image.ts";
import { FirstRun, firstRunFolders } from "./components/first-run.ts";
import { GpuContainer } from "./components/gpu-container.ts";
import { planImage } from "./components/image-plan.ts";
import { loadMachine } from "./config/load.ts";
import { readToolLock } from "./lib/tool-lock.ts";
import { startTrigger } from "./lib/trigger.ts";
import { refuse, userErrors } from "./lib/user-errors.ts";
import { observeMachine } from "./observe/machine.ts";
import { missingOn } from "./observe/preflight.ts";

const machine = userErrors(() =>
  loadMachine({
    directory: import.meta.dirname,
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    engineConfig: pulumi.runtime.allConfig(),
    home: homedir(),
  }),
);
const { name } = machine;
const [firstUser] = machine.users;

const seen = await observeMachine(machine);
const plan = planImage(machine, seen);
refuse("This machine cannot run the stack; nothing was changed.", await missingOn(machine, seen, plan.isBuilt));

const files = writeBuildFiles(machine, pulumi.getStack());
const base = new BaseImage(name, {
  base: machine.base,
  identity: plan.baseIdentity,
  mirrorFile: files.mirrors,
  trigger: plan.baseTrigger,
});
const devImage = new DevImage(name, { base, plan, files, seen: seen.images });
const box = new GpuContainer(name, {
  image: devImage,
  machine,
  folders: firstRunFolders(firstUser.name, machine.firstRun),
  trigger: startTrigger(seen.box),
});
const firstRun = new FirstRun(name, {
  connection: box.connection,
  user: firstUser.name,
  scripts: machine.firstRun,
  lock: readToolLock(readFileSync("tools.lock.yml", "utf8")),
  seen: seen.box,
});

const { bind: host, port } = machine.ssh;
export const ssh = {
  host,
  port,
  user: firstUser.name,
  hostKey: box.hostKey,
  command: `ssh -p ${port} ${firstUser.name}@${host}`,
};
export const x11 = x11Output(machine.x11);
export const gpu = { mode: machine.gpu === "none" ? "none" : "runtime", devices: machine.gpu };
export const image = { name: devImage.reference, id: devImage.id, baseId: base.identity };
export const container = { name: box.containerName, id: box.containerId };
export const { tools } = firstRun;
