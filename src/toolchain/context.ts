import { readFileSync } from "node:fs";
import { join } from "node:path";
import { contentKey, keyOf } from "./content-key.ts";
import { Problem } from "./setup-error.ts";

export type Architecture = "x64" | "arm64";
export type PluginName = "docker" | "command";

/** `src/toolchain/versions.json`: the exact versions, where they come from, and their checksums. */
export interface Toolchain {
  readonly node: { readonly version: string };
  readonly go: { readonly minimum: string };
  readonly pulumi: {
    /** What set-up installs. */
    readonly version: string;
    /** The oldest CLI on PATH that is used instead. */
    readonly minimum: string;
    readonly archives: readonly string[];
    readonly checksums: string;
    readonly sha256: Partial<Record<Architecture, string>>;
  };
  readonly plugins: Record<
    PluginName,
    { readonly version: string; readonly sha256: Partial<Record<Architecture, string>> }
  >;
}

/** What every part is told. */
export interface Context {
  readonly checkout: string;
  readonly cache: string;
  readonly architecture: Architecture;
  /** False: nothing official is used, everything is built. */
  readonly official: boolean;
  readonly pulumiHome: string;
  readonly pulumiHomeIsTheUsers: boolean;
  readonly toolchain: Toolchain;
}

export function readContext(checkout: string, environment: NodeJS.ProcessEnv): Context {
  const architecture = process.arch;
  if (architecture !== "x64" && architecture !== "arm64") {
    throw new Problem(`This machine is ${architecture}. Needed: Linux on x64 or arm64.`);
  }
  const cache = environment.BENCHBOX_CACHE;
  if (!cache) throw new Problem("Start this by src/toolchain/setup, which knows the folder for the tools.");
  const official = environment.BENCHBOX_OFFICIAL !== "never";
  const own = environment.PULUMI_HOME;
  return {
    checkout,
    cache,
    architecture,
    official,
    pulumiHome: own ? own : join(cache, `pulumi-home-${pulumiHomeKey(checkout, architecture, official)}`),
    pulumiHomeIsTheUsers: Boolean(own),
    toolchain: JSON.parse(readFileSync(join(checkout, "src/toolchain/versions.json"), "utf8")) as Toolchain,
  };
}

// Two clones whose plugins differ do not share a home: a plugin is found there by its version alone.
function pulumiHomeKey(checkout: string, architecture: Architecture, official: boolean): string {
  const plugins = ["docker", "command", "language-nodejs"].map((name) => {
    try {
      return contentKey(join(checkout, "plugins", name));
    } catch {
      return "absent";
    }
  });
  return keyOf(...plugins, architecture, String(official)).slice(0, 12);
}
