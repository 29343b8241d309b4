import { isLoopbackAddress } from "../model/bind-address.ts";
import { strongPasswordRule, weaknessOf } from "./password-strength.ts";

export interface Exposure {
  /** Address that SSH is published on. */
  readonly bind: string;
  readonly users: readonly { readonly name: string; readonly password?: string | undefined }[];
  readonly allowWeakPassword: boolean;
}

/** Problems and warnings about passwords that other hosts can try. */
export interface ExposureResult {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Checks the passwords of a box that other hosts can reach. Returns nothing for an address that only the Docker host reaches. Pure; the
 * messages reveal no password.
 */
export function evaluateExposure({ bind, users, allowWeakPassword }: Exposure): ExposureResult {
  if (isLoopbackAddress(bind)) return { problems: [], warnings: [] };
  const weak = users.flatMap(({ name, password }) => {
    const weakness = password === undefined ? undefined : weaknessOf(password, [name, "benchbox"]);
    return weakness ? [{ name, weakness }] : [];
  });
  if (allowWeakPassword) {
    const warnings = weak.map(
      ({ name, weakness }) =>
        `SSH is published on ${bind}, so other hosts can try the password of ${name}, which is weak: ${weakness}. ` +
        `The stack allows it (ssh.allow_weak_password); use a password of ${strongPasswordRule}, or none (keys only).`,
    );
    return { problems: [], warnings };
  }
  const problems = weak.map(
    ({ name, weakness }) =>
      `opens the box to other hosts, and the password of ${name} is weak: ${weakness}. Omit the password (keys only), ` +
      `use one of ${strongPasswordRule}, or set ssh.allow_weak_password: true, which each preview warns about`,
  );
  return { problems, warnings: [] };
}
