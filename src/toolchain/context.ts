import { readFileSync } from "node:fs";
import { join } from "node:path";
import { contentKey, keyOf } from "./content-key.ts";
import { SetupError } from "./setup-error.ts";

export type Architecture = "x64" | "arm64";
export type ProviderName = "docker" | "command";

/** The content of `src/toolchain/versions.json`: exact versions, addresses and checksums. */
export interface Toolchain {
  readonly node: { readonly version: string };
  readonly go: { readonly minimum: string };
  readonly pulumi: {
    /** The version that set-up installs. */
    readonly version: string;
    /** The oldest CLI on PATH that set-up uses instead of installing one. */
    readonly minimum: string;
    readonly archives: readonly string[];
    readonly checksums: string;
    readonly sha256: Partial<Record<Architecture, string>>;
  };
  readonly plugins: Record<
    ProviderName,
    { readonly version: string; readonly sha256: Partial<Record<Architecture, string>> }
  >;
}

/** What every part needs to know. */
export interface Context {
  readonly checkout: string;
  readonly cache: string;
  readonly architecture: Architecture;
  /** Whether official releases may be used. If false, set-up builds everything. */
  readonly official: boolean;
  readonly pulumiHome: string;
  readonly isPulumiHomeUserOwned: boolean;
  readonly toolchain: Toolchain;
}

export function readContext(checkout: string, environment: NodeJS.ProcessEnv): Context {
  const architecture = process.arch;
  if (architecture !== "x64" && architecture !== "arm64") {
    throw new SetupError(`unsupported architecture ${architecture}: benchbox requires Linux on x64 or arm64`);
  }
  const cache = environment.BENCHBOX_CACHE;
  if (!cache) throw new SetupError("BENCHBOX_CACHE is not set\n  Fix: run src/toolchain/setup, which sets it");
  const official = environment.BENCHBOX_OFFICIAL !== "never";
  const own = environment.PULUMI_HOME;
  return {
    checkout,
    cache,
    architecture,
    official,
    pulumiHome: own ? own : join(cache, `pulumi-home-${pulumiHomeKey(checkout, architecture, official)}`),
    isPulumiHomeUserOwned: Boolean(own),
    toolchain: JSON.parse(readFileSync(join(checkout, "src/toolchain/versions.json"), "utf8")) as Toolchain,
  };
}

// Pulumi finds a plugin in its home by version only, so two clones whose plugins differ must not share a home.
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
