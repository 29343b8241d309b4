/** What there is to print of an attempt to open windows. */
export interface WindowReport {
  readonly isOk: boolean;
  readonly lines: readonly string[];
}

/**
 * @param findings what `open-windows.sh` printed in the box
 * @param errors what ssh printed
 */
export function reportWindows(stack: string, findings: string, errors: string): WindowReport {
  const lines: string[] = [];
  let isOk = true;
  let hasOpened = false;
  const fail = (line: string): void => {
    isOk = false;
    lines.push(line);
  };
  for (const finding of findings.split("\n").filter(Boolean)) {
    const [kind, what = "", more = ""] = finding.split("\t");
    if (kind === "opened") {
      hasOpened = true;
      lines.push(`${what}: works`);
    } else if (kind === "missing") {
      fail(
        `${what} is missing in the box. Add "${more}" to build.packages in user_config.yml, then: npm run up -- ${stack}`,
      );
    } else if (kind === "no-display") fail(noDisplay(errors, what));
    else if (kind === "failed") fail(`${what} does not open a window: ${more}`);
    else if (kind === "none") {
      lines.push(
        `no Python with OpenCV found in the box; to try one: npm run x11-test -- ${stack} /path/in/the/box/bin/python`,
      );
    }
  }
  if (isOk && hasOpened) lines.push("works");
  else if (isOk) fail("the box did not answer");
  return { isOk, lines };
}

/** Whether ssh reports that the box's SSH server refused `ssh -X`. */
export const isForwardingRefused = (errors: string): boolean => /^X11 forwarding request failed/m.test(errors);

/** @param reason what the box makes of it */
export function noDisplay(errors: string, reason: string): string {
  const refusal =
    "the box's SSH server refused X11 forwarding (X11Forwarding or X11UseLocalhost in its sshd_config, or xauth there); ";
  return `the box gave no display: ${isForwardingRefused(errors) ? refusal : ""}${reason}`;
}
