import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { debootstrapTag } from "../../src/model/debootstrap-tag.ts";

const makeBaseScript = join(import.meta.dirname, "../../src/resources/make-base");

/**
 * Creates the base of a Debian suite, as the project does, unless the Docker Engine has it.
 *
 * @returns its tag
 * @throws with the output of make-base when it fails
 */
export function makeBase(suite: string): string {
  const tag = debootstrapTag({ kind: "debootstrap", suite });
  execFileSync(makeBaseScript, [tag, suite], { stdio: ["ignore", "ignore", "pipe"] });
  return tag;
}
