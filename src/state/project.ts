import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../model/user-error.ts";

/** The clone's folder, in which all commands run. */
export const projectFolder = join(import.meta.dirname, "../..");

/** The folder from which the user ran the command: npm changes the current folder. */
export const userFolder = process.env.INIT_CWD ?? process.cwd();

/** The name of the Pulumi project. Read without a YAML parser, since loading one takes half as long as everything else in `bin/pulumi`. */
export const projectName = /^name: *(\S+)/m.exec(readFileSync(join(projectFolder, "Pulumi.yaml"), "utf8"))?.[1] ?? "";

/** The stacks of this clone, one per `Pulumi.<stack>.yaml`, sorted. */
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
    `no stack ${stack}: Pulumi.${stack}.yaml does not exist (existing stacks: ${known.join(", ")})\n` +
      `  To create it: npm run new -- ${stack}`,
  );
}

/** The name of the stack's container, network and image repository. */
export const boxName = (stack: string): string => `${projectName}-${stack}`;

/** The path of the stack's file, which has its options. */
export const stackFile = (stack: string): string => join(projectFolder, `Pulumi.${stack}.yaml`);
