// The Pulumi engine writes the salt of a stack's secrets into the stack's file. That file is tracked and the passphrase is not, so the
// salt is kept apart (docs/decisions/0002-salt-apart.md), and the two are put together for each command.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../model/user-error.ts";
import { backendUrl, isOwnBackend, stateFolder } from "./backend.ts";
import { askCli } from "./cli.ts";
import { projectName, requireStack, stackFile } from "./project.ts";

/** Creates the stack in the backend where it has no salt yet. */
export async function ensureStack(stack: string): Promise<void> {
  requireStack(stack);
  if ([stackFile(stack), saltFile(stack)].some((file) => existsSync(file) && hasSalt(read(file)))) return;
  const folder = saltFolder();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "Pulumi.yaml"), `name: ${projectName}\nruntime: nodejs\n`);
  const created = await askCli(["stack", "init", stack, "--non-interactive", "--no-select"], { folder });
  if (created.ok) return;
  // It exists: another clone, or a run that was killed here, created it. Its state has the salt.
  const exported = await askCli(["stack", "export", "--stack", stack], { folder });
  const salt = exported.ok && JSON.parse(exported.stdout).deployment?.secrets_providers?.state?.salt;
  if (typeof salt === "string") writeFileSync(saltFile(stack), `encryptionsalt: ${salt}\n`);
  else if (!created.stderr.includes("already exists")) {
    throw new UserError(`stack ${stack} was not created: ${created.stderr || created.startError}`);
  }
}

/** Writes the stack's file with its salt for the Pulumi CLI. @returns the path */
export function writeComposedConfig(stack: string): string {
  const file = join(stateFolder, `Pulumi.${stack}.yaml`);
  const salt = existsSync(saltFile(stack)) ? read(saltFile(stack)) : undefined;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, composeConfig(read(stackFile(stack)), salt), "latin1");
  renameSync(fresh, file);
  return file;
}

/** Takes over what `pulumi config` changed in the composed file, but for the salt. */
export function takeConfigBack(stack: string, composed: string): void {
  const text = read(composed);
  const own = (existsSync(saltFile(stack)) ? withoutSalt(text) : text).replace(/\n+$/, "");
  const file = stackFile(stack);
  if (own !== read(file).replace(/\n+$/, "")) writeFileSync(file, `${own}\n`, "latin1");
}

/** A stack's file with its salt, which is kept apart. Pure. */
export function composeConfig(config: string, apart: string | undefined): string {
  if (apart === undefined) return config;
  // Plain `pulumi` may have written the salt into the user's file, too: it must not be there twice.
  return `${withoutSalt(config)}\n${linesOf(apart).filter(isSalt).join("")}`;
}

export const withoutSalt = (text: string): string =>
  linesOf(text)
    .filter((line) => !isSalt(line))
    .join("");

export const hasSalt = (text: string): boolean => linesOf(text).some(isSalt);

const isSalt = (line: string): boolean => /^(encryptionsalt|secretsprovider|encryptedkey):/.test(line);

/** Each with its end. */
const linesOf = (text: string): string[] => text.split(/(?<=\n)/);

/** As bytes, of which none is changed by writing them again. */
const read = (file: string): string => readFileSync(file, "latin1");

/** Each backend has its own state of the stack, with secrets of its own. */
function saltFolder(): string {
  const folder = join(stateFolder, "stacks");
  if (isOwnBackend()) return folder;
  return join(folder, createHash("sha256").update(`${backendUrl()}\n`).digest("hex").slice(0, 12));
}

const saltFile = (stack: string): string => join(saltFolder(), `Pulumi.${stack}.yaml`);
