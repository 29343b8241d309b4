import { hashOf } from "./hash.ts";
import type { DebootstrapBase } from "./machine.ts";

/** Name that a base made by debootstrap has on the engine. It is shared: two stacks with the same recipe use one base. */
export function debootstrapTag(base: DebootstrapBase): string {
  return `benchbox/base:${base.suite}-${hashOf(base.suite, base.mirror ?? "")}`;
}
