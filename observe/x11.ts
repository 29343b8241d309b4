import { existsSync } from "node:fs";
import type { Machine } from "../config/machine.ts";
import { docker } from "./docker.ts";
import { canListen, isRemote } from "./preflight.ts";

/** What this machine lacks for the stack's `benchbox:x11`; undefined when it is all there. Looks only. */
export async function missingForX11({ name, x11 }: Machine): Promise<string | undefined> {
  const key = "set benchbox:x11.socket to false in its Pulumi.<stack>.yaml; windows then come over SSH (ssh -X)";
  if (x11.socket && isRemote(process.env.DOCKER_HOST)) {
    return `The stack wants this machine's screen (benchbox:x11.socket), but its engine is on another one, ${process.env.DOCKER_HOST}. For that machine, ${key}.`;
  }
  if (x11.socket && !existsSync("/tmp/.X11-unix")) {
    return (
      "The stack wants this machine's screen (benchbox:x11.socket), but there is no folder /tmp/.X11-unix, so no X server has run here. " +
      `Log in on the screen, or ${key}.`
    );
  }
  if (!x11.server || (await canListen("127.0.0.1", x11.server.port))) return undefined;
  const words = ["ps", "--filter", `publish=${x11.server.port}`, "--format", "{{.Names}}"];
  const holder = (await docker(words)).stdout.trim();
  if (holder === name) return undefined;
  return (
    `Port ${x11.server.port} on 127.0.0.1, on which the box's X server is to be reached, is taken by ${holder ? `the container ${holder}` : "another program"}. ` +
    "Stop it, or give this stack another display: set benchbox:x11.server.display in its Pulumi.<stack>.yaml."
  );
}
