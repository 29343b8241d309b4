import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { BaseImage, debootstrapTag } from "./components/base-image.ts";
import { DevImage } from "./components/dev-image.ts";
import { FirstRun, firstRunFolders } from "./components/first-run.ts";
import { GpuContainer } from "./components/gpu-container.ts";
import { loadMachine } from "./config/load.ts";
import { readToolLock } from "./lib/tool-lock.ts";
import { imageTrigger, startTrigger } from "./lib/trigger.ts";
import { userErrors } from "./lib/user-errors.ts";
import { observeBox } from "./observe/box.ts";
import { imageMadeUnder } from "./observe/images.ts";
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

const [seen, madeUnder] = await Promise.all([
  observeBox(name, firstUser.name),
  machine.base.kind === "debootstrap" ? imageMadeUnder(debootstrapTag(machine.base)) : undefined,
]);
const missing = await missingOn(machine, seen);
if (missing.length > 0)
  throw new pulumi.RunError(["This machine cannot run the stack; nothing was changed.", ...missing].join("\n  - "));

const base = new BaseImage(name, { base: machine.base, trigger: imageTrigger(madeUnder) });
const devImage = new DevImage(name, { base, users: machine.users });
const box = new GpuContainer(name, {
  image: devImage,
  machine,
  folders: firstRunFolders(firstUser.name, machine.firstRun),
  trigger: startTrigger(seen),
});
const firstRun = new FirstRun(name, {
  connection: box.connection,
  user: firstUser.name,
  scripts: machine.firstRun,
  lock: readToolLock(readFileSync("tools.lock.yml", "utf8")),
  seen,
});

const { bind: host, port } = machine.ssh;
export const ssh = {
  host,
  port,
  user: firstUser.name,
  hostKey: box.hostKey,
  command: `ssh -p ${port} ${firstUser.name}@${host}`,
};
export const gpu = { mode: machine.gpu === "none" ? "none" : "runtime", devices: machine.gpu };
export const image = { name: devImage.reference, id: devImage.id, base: base.reference };
export const container = { name: box.containerName, id: box.containerId };
export const { tools } = firstRun;
