import { dirname } from "node:path";
import type { Part } from "../part.ts";

/** The Node that runs this program, which the bash program `setup` found or installed. */
export function nodePart(from: "system" | "cache" | "npm"): Part {
  const found = from === "system" ? process.versions.node : `${process.versions.node}, cached`;
  return {
    name: "Node",
    wanted: ">= 22.21",
    inspect: async () => ({ isPresent: true, found, where: dirname(process.execPath) }),
    install: () => Promise.reject(new Error("src/toolchain/setup installs Node before it starts this program")),
  };
}
