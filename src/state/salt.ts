// The Pulumi engine writes the salt of a stack's secrets into the stack's file. That file is tracked in git but the passphrase is not, so
// the salt is kept in a separate file (docs/decisions/0002-salt-apart.md). The two files are combined for each command.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../model/user-error.ts";
import { backendUrl, isOwnBackend, stateFolder } from "./backend.ts";
import { askCli } from "./cli.ts";
import { projectName, requireStack, stackFile } from "./project.ts";

/** Creates the stack in the backend if it has no salt yet. @throws UserError when the clone has no such stack, or creating it fails */
export async function ensureStack(stack: string): Promise<void> {
  requireStack(stack);
  if ([stackFile(stack), saltFile(stack)].some((file) => existsSync(file) && hasSalt(read(file)))) return;
  const folder = saltFolder();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "Pulumi.yaml"), `name: ${projectName}\nruntime: nodejs\n`);
  const created = await askCli(["stack", "init", stack, "--non-interactive", "--no-select"], { folder });
  if (created.ok) return;
  // If another clone, or a killed run of this one, has created the stack, its state has the salt.
  const exported = await askCli(["stack", "export", "--stack", stack], { folder });
  const salt = exported.ok && JSON.parse(exported.stdout).deployment?.secrets_providers?.state?.salt;
  if (typeof salt === "string") writeFileSync(saltFile(stack), `encryptionsalt: ${salt}\n`);
  else if (!created.stderr.includes("already exists")) {
    throw new UserError(`creating the stack ${stack} failed: ${created.stderr || created.startError}`);
  }
}

/** Writes a copy of the stack's file that includes the salt, for the Pulumi CLI. @returns its path */
export function writeComposedConfig(stack: string): string {
  const file = join(stateFolder, `Pulumi.${stack}.yaml`);
  const salt = existsSync(saltFile(stack)) ? read(saltFile(stack)) : undefined;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, composeConfig(read(stackFile(stack)), salt), "latin1");
  renameSync(fresh, file);
  return file;
}

/** Copies the changes that `pulumi config` made in the composed file, except the salt, back to the stack's file. */
export function takeConfigBack(stack: string, composed: string): void {
  const text = read(composed);
  const own = (existsSync(saltFile(stack)) ? withoutSalt(text) : text).replace(/\n+$/, "");
  const file = stackFile(stack);
  if (own !== read(file).replace(/\n+$/, "")) writeFileSync(file, `${own}\n`, "latin1");
}

/** Combines a stack's file with the file of its salt. Pure. */
export function composeConfig(config: string, saltText: string | undefined): string {
  if (saltText === undefined) return config;
  // Plain `pulumi` may have written the salt into the stack's file as well: it must not occur twice.
  return `${withoutSalt(config)}\n${saltText.match(saltLines)?.join("") ?? ""}`;
}

/** Each line of a salt, with its line break. */
const saltLines = /(?<![^\n])(encryptionsalt|secretsprovider|encryptedkey):[^\n]*\n?/g;

export const withoutSalt = (text: string): string => text.replace(saltLines, "");

export const hasSalt = (text: string): boolean => text.search(saltLines) >= 0;

/** One character per byte, so that writing the text back changes no byte. */
const read = (file: string): string => readFileSync(file, "latin1");

/** Each backend has its own state of a stack, and with it another salt. */
function saltFolder(): string {
  const folder = join(stateFolder, "stacks");
  if (isOwnBackend()) return folder;
  return join(folder, createHash("sha256").update(`${backendUrl()}\n`).digest("hex").slice(0, 12));
}

const saltFile = (stack: string): string => join(saltFolder(), `Pulumi.${stack}.yaml`);
