import { dirname } from "node:path";
import type { Part } from "../part.ts";

/** The Node that runs this: `setup` has chosen or got it. */
export function nodePart(from: "system" | "cache" | "npm"): Part {
  const found = from === "system" ? process.versions.node : `${process.versions.node}, ours`;
  return {
    name: "Node",
    wanted: ">= 22.21",
    look: async () => ({ there: true, found, where: dirname(process.execPath) }),
    get: () => Promise.reject(new Error("src/toolchain/setup gets Node itself")),
  };
}
