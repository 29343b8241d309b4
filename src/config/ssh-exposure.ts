import { isLoopbackAddress } from "../model/bind-address.ts";
import { strongPasswordRule, weaknessOf } from "./password-strength.ts";

export interface Exposure {
  /** The address that SSH is published on. */
  readonly bind: string;
  readonly users: readonly { readonly name: string; readonly password?: string | undefined }[];
  readonly allowWeakPassword: boolean;
}

/** What is to be said of passwords that other machines can try. Says nothing of a box that only this machine reaches. */
export interface ExposureVerdict {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Judges the passwords of a box by who can reach it. Pure; the sentences show no password. */
export function evaluateExposure({ bind, users, allowWeakPassword }: Exposure): ExposureVerdict {
  if (isLoopbackAddress(bind)) return { problems: [], warnings: [] };
  const weak = users.flatMap(({ name, password }) => {
    const weakness = password === undefined ? undefined : weaknessOf(password, [name, "benchbox"]);
    return weakness ? [{ name, weakness }] : [];
  });
  if (allowWeakPassword) {
    const warnings = weak.map(
      ({ name, weakness }) =>
        `SSH is published on ${bind}, so other machines can try the password of ${name}, which is weak: ${weakness}. ` +
        `The stack allows it (ssh.allow_weak_password); better is ${strongPasswordRule}, or none: keys only.`,
    );
    return { problems: [], warnings };
  }
  const problems = weak.map(
    ({ name, weakness }) =>
      `opens the box to other machines, and the password of ${name} is weak: ${weakness}. Leave the password out (keys only), ` +
      `take one of ${strongPasswordRule}, or write ssh.allow_weak_password: true, of which each preview then warns`,
  );
  return { problems, warnings: [] };
}
