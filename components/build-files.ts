import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../src/model/machine.ts";
import { proxyVariables } from "../src/model/proxy.ts";

/**
 * Input of a build that must not become part of the image or of its cache key, such as proxies and mirrors. Passed as files in the
 * state folder, whose paths never change, so that a new value changes no resource.
 */
export interface BuildFiles {
  /** Registries to try for the base, a line each. */
  readonly mirrors: string;
  /** The log that each build appends to. */
  readonly log: string;
  /** BuildKit secrets that each step of the build may read. */
  readonly secrets: { id: string; env?: string; src?: string }[];
}

/** Writes the files of one stack, also in a preview: only benchbox uses them, and they contain nothing but configuration. */
export function writeBuildFiles(machine: Machine, stack: string): BuildFiles {
  const folder = join(".state", "build", stack);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, lines: readonly string[]): string => {
    const path = join(folder, name);
    const text = lines.map((line) => `${line}\n`).join("");
    // Not rewritten without a change, because a running build may be reading it.
    if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
    return path;
  };
  const { base, build } = machine;
  return {
    mirrors: write("mirrors", base.kind === "registry" ? base.mirrors : []),
    log: join(folder, "log"),
    secrets: [
      // By name, from the environment of `pulumi`, which the Docker provider inherits: the values are never an input.
      ...(build.useProxy ? proxyVariables.map((id) => ({ id, env: id })) : []),
      { id: "ca_certificates", src: write("ca_certificates", machine.caCertificates) },
      { id: "apt_mirror", src: write("apt_mirror", build.apt ? [build.apt.mirror] : []) },
    ],
  };
}
