import { statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { namesIn } from "./host-files.ts";

/** Keys that ssh looks for by itself. */
const usualName = /^id_(rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk)$/;

/**
 * The private keys beside `~/.ssh/id_*.pub`, where ssh does not look for them by itself: in a HOME that is not the user database's, or
 * under other names than the usual ones.
 */
export function ownKeys(folder = join(homedir(), ".ssh"), isSshHome = isHomeOfUser()): string[] {
  const names = namesIn(folder, /^id_.*\.pub$/)
    .map((name) => name.slice(0, -".pub".length))
    .filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile());
  if (isSshHome && names.every((name) => usualName.test(name))) return [];
  return names.map((name) => join(folder, name));
}

/** ssh asks the user database and not HOME. */
function isHomeOfUser(): boolean {
  const [home, ofUser] = [homedir(), userInfo().homedir].map((path) => statSync(path, { throwIfNoEntry: false }));
  return home !== undefined && home.ino === ofUser?.ino && home.dev === ofUser.dev;
}
