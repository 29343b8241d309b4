import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../src/model/machine.ts";
import { proxyVariables } from "../src/model/proxy.ts";

/**
 * What a build needs to know of this machine and its network, and what must not become a part of the image or of its
 * cache key: files of our own state folder, whose paths never change, so that a new value is no difference.
 */
export interface BuildFiles {
  /** Registries to try for the base, a line each. */
  readonly mirrors: string;
  /** Where the build's progress is written, from the oldest build to the newest. */
  readonly log: string;
  /** What each step of the build may read, as BuildKit secrets. */
  readonly secrets: { id: string; env?: string; src?: string }[];
}

/** Writes the files of one machine, in a preview as well: they are ours alone and say nothing that is not declared. */
export function writeBuildFiles(machine: Machine, stack: string): BuildFiles {
  const folder = join(".state", "build", stack);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, lines: readonly string[]): string => {
    const path = join(folder, name);
    const text = lines.map((line) => `${line}\n`).join("");
    // Left alone when it is right: a build that is under way may be reading it.
    if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
    return path;
  };
  const { base, build } = machine;
  return {
    mirrors: write("mirrors", base.kind === "registry" ? base.mirrors : []),
    log: join(folder, "log"),
    secrets: [
      // By name, from the environment of the plugin, which is that of `pulumi`: the values are never an input.
      ...(build.useProxy ? proxyVariables.map((id) => ({ id, env: id })) : []),
      { id: "ca_certificates", src: write("ca_certificates", machine.caCertificates) },
      { id: "apt_mirror", src: write("apt_mirror", build.apt ? [build.apt.mirror] : []) },
    ],
  };
}
