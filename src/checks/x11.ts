import { existsSync } from "node:fs";
import { type CheckResult, error, passed } from "../model/check-result.ts";
import { type X11, x11Sockets } from "../model/x11.ts";

const alternative = "or remove benchbox:x11.socket from Pulumi.<stack>.yaml, and open windows over SSH (ssh -X)";

/** Checks that this host has the screen that `benchbox:x11.socket` requests. */
export function evaluateX11({ socket }: X11, isRemote: boolean, hasFolder = existsSync(x11Sockets)): CheckResult[] {
  const subject = "screen";
  if (!socket) return [];
  if (isRemote) {
    return error(
      subject,
      "the Docker Engine is on another host",
      "a Docker Engine on the host with the screen",
      alternative,
    );
  }
  if (!hasFolder) {
    const found = `${x11Sockets} does not exist, so no X server has run on this host`;
    return error(subject, found, "an X server", `log in to a graphical session on this host, ${alternative}`);
  }
  return passed(subject, x11Sockets);
}
