import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "./project.ts";

/** What this clone keeps for itself: its states, their passphrase and salts, what set-up found. No other user reads it. */
export const stateFolder = join(projectFolder, ".state");

/** This clone's own backend, a folder. */
const ownBackend = `file://${stateFolder}`;

export const backendUrl = (): string => process.env.PULUMI_BACKEND_URL || ownBackend;

export const isOwnBackend = (): boolean => backendUrl() === ownBackend;

/** Where a backend of files has them, for example `.state/.pulumi`; undefined for another one. */
export function backendFolder(): string | undefined {
  const [, folder] = /^file:\/\/([^?]*)/.exec(backendUrl()) ?? [];
  return folder === undefined ? undefined : join(folder.replace(/^~/, homedir()), ".pulumi");
}

/** What the Pulumi CLI needs to find the states, unless the user's environment says where they are, or what they are encrypted with. */
export function backendEnvironment(): NodeJS.ProcessEnv {
  mkdirSync(stateFolder, { recursive: true });
  chmodSync(stateFolder, 0o700);
  const { PULUMI_CONFIG_PASSPHRASE: passphrase, PULUMI_CONFIG_PASSPHRASE_FILE: file } = process.env;
  return {
    PULUMI_BACKEND_URL: backendUrl(),
    ...(passphrase === undefined && !file && { PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile() }),
  };
}

/** Creates the file once: of two runs at the same time the first wins, and none reads an incomplete one. */
function passphraseFile(): string {
  const file = join(stateFolder, "passphrase");
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0) return file;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
  execFileSync("mv", ["--no-clobber", fresh, file]); // atomic, and on every file system
  rmSync(fresh, { force: true });
  return file;
}
