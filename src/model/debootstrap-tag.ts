import { hashOf } from "./hash.ts";
import type { DebootstrapBase } from "./machine.ts";

/** Image name of a base created by debootstrap. Stacks with the same suite and mirror share one base. */
export function debootstrapTag(base: DebootstrapBase): string {
  return `benchbox/base:${base.suite}-${hashOf(base.suite, base.mirror ?? "")}`;
}
