import { existsSync } from "node:fs";
import { type CheckResult, error, passed } from "../model/check-result.ts";
import { type X11, x11Sockets } from "../model/x11.ts";

const otherwise = "or take benchbox:x11.socket out of Pulumi.<stack>.yaml: windows then come over SSH (ssh -X)";

/** Whether this machine has the screen that the stack wants (`benchbox:x11.socket`). */
export function evaluateX11({ socket }: X11, isRemote: boolean, hasFolder = existsSync(x11Sockets)): CheckResult[] {
  const subject = "screen";
  if (!socket) return [];
  if (isRemote) {
    return error(subject, "the engine is on another machine", "the engine on the machine with the screen", otherwise);
  }
  if (!hasFolder) {
    const found = `there is no folder ${x11Sockets}, so no X server has run here`;
    return error(subject, found, "an X server", `log in on the screen, ${otherwise}`);
  }
  return passed(subject, x11Sockets);
}
