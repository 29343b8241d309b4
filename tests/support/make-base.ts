import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { debootstrapTag } from "../../src/model/debootstrap-tag.ts";

const makeBaseScript = join(import.meta.dirname, "../../src/resources/make-base");

/**
 * Makes the real base of a Debian suite where the engine has none, as the project makes it; returns its tag.
 * Quiet when that succeeds; else throws an error that holds all that make-base said.
 */
export function makeBase(suite: string): string {
  const tag = debootstrapTag({ kind: "debootstrap", suite });
  execFileSync(makeBaseScript, [tag, suite], { stdio: ["ignore", "ignore", "pipe"] });
  return tag;
}
