import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "./project.ts";

/** The clone's private folder: its states, their passphrase and salts, and the programs that set-up found. Only its owner can read it. */
export const stateFolder = join(projectFolder, ".state");

/** The default backend, in the clone. */
const ownBackend = `file://${stateFolder}`;

/** The URL of the backend: PULUMI_BACKEND_URL, by default the clone's own. */
export const backendUrl = (): string => process.env.PULUMI_BACKEND_URL || ownBackend;

export const isOwnBackend = (): boolean => backendUrl() === ownBackend;

/** The folder of a file backend, for example `.state/.pulumi`; undefined for any other backend. */
export function backendFolder(): string | undefined {
  const [, folder] = /^file:\/\/([^?]*)/.exec(backendUrl()) ?? [];
  return folder === undefined ? undefined : join(folder.replace(/^~/, homedir()), ".pulumi");
}

/** The variables with which the Pulumi CLI finds and decrypts the states. Settings of the user's environment take precedence. */
export function backendEnvironment(): NodeJS.ProcessEnv {
  mkdirSync(stateFolder, { recursive: true });
  chmodSync(stateFolder, 0o700);
  const { PULUMI_CONFIG_PASSPHRASE: passphrase, PULUMI_CONFIG_PASSPHRASE_FILE: file } = process.env;
  return {
    PULUMI_BACKEND_URL: backendUrl(),
    ...(passphrase === undefined && !file && { PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile() }),
  };
}

/** Creates the file once: if two runs do so at the same time, the first one wins, and neither reads an incomplete file. */
function passphraseFile(): string {
  const file = join(stateFolder, "passphrase");
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0) return file;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
  execFileSync("mv", ["--no-clobber", fresh, file]); // atomic on every file system
  rmSync(fresh, { force: true });
  return file;
}
