/** The result of an attempt to open windows. */
export interface WindowReport {
  readonly isOk: boolean;
  readonly lines: readonly string[];
}

/**
 * @param findings what `open-windows.sh` printed in the box
 * @param errors what ssh printed
 */
export function reportWindows(stack: string, findings: string, errors: string): WindowReport {
  const texts: Readonly<Record<string, (what: string, more: string) => string>> = {
    opened: (what) => `${what}: works`,
    missing: (what, packages) =>
      `${what} is missing in the box\n    Fix: add "${packages}" to build.packages in user_config.yml, then: npm run up -- ${stack}`,
    "no-display": (reason) => noDisplay(errors, reason),
    failed: (what, reason) => `${what} failed to open a window: ${reason}`,
    none: () =>
      `no Python with OpenCV found in the box; to test one: npm run x11-test -- ${stack} /path/in/the/box/bin/python`,
  };
  const found = findings.split("\n").map((line) => line.split("\t"));
  const lines = found.flatMap(([kind = "", what = "", more = ""]) => texts[kind]?.(what, more) ?? []);
  const has = (...kinds: readonly string[]): boolean => found.some(([kind = ""]) => kinds.includes(kind));
  if (has("missing", "no-display", "failed")) return { isOk: false, lines };
  const isOk = has("opened");
  return { isOk, lines: [...lines, isOk ? "works" : "the box did not answer"] };
}

/** Whether ssh reports that the box's SSH server refused `ssh -X`. */
export const isForwardingRefused = (errors: string): boolean => /^X11 forwarding request failed/m.test(errors);

/** @param reason why, as the box reports it */
export function noDisplay(errors: string, reason: string): string {
  const refusal =
    "the box's SSH server refused X11 forwarding (X11Forwarding or X11UseLocalhost in its sshd_config, or xauth there); ";
  return `no display: ${isForwardingRefused(errors) ? refusal : ""}${reason}`;
}
