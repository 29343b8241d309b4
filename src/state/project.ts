import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../model/user-error.ts";

/** The clone's folder: commands run in it, from wherever they are called. */
export const projectFolder = join(import.meta.dirname, "../..");

/** The folder that the user called a command from; npm changes it. */
export const userFolder = process.env.INIT_CWD ?? process.cwd();

/** The name of this Pulumi project. To load a YAML reader for it would take half as long as all else that `bin/pulumi` does. */
export const projectName = /^name: *(\S+)/m.exec(readFileSync(join(projectFolder, "Pulumi.yaml"), "utf8"))?.[1] ?? "";

/** The names of this clone's stacks, which are those of its `Pulumi.<stack>.yaml`, sorted. */
export function stackNames(): string[] {
  return readdirSync(projectFolder)
    .flatMap((file) => /^Pulumi\.([^.]+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/** @throws UserError when this clone has no such stack */
export function requireStack(stack: string): void {
  const known = stackNames();
  if (known.includes(stack)) return;
  throw new UserError(
    `there is no stack ${stack}: Pulumi.${stack}.yaml does not exist. There are: ${known.join(", ")}. For a new one: npm run new -- ${stack}.`,
  );
}

/** What the stack's container, network and image repository are called. */
export const boxName = (stack: string): string => `${projectName}-${stack}`;

/** The file of a stack's options. */
export const stackFile = (stack: string): string => join(projectFolder, `Pulumi.${stack}.yaml`);
