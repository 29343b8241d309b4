import { dirname, join } from "node:path";
import { hashFile, hashFolder, hashOf } from "../model/hash.ts";
import type { Base, Build, Machine, Script, User } from "../model/machine.ts";
import { baseName } from "../observe/base.ts";
import type { MachineObservation } from "../observe/observation.ts";
import { buildsOnHostNetwork } from "./build-network.ts";
import { baseTrigger, wasChecked } from "./trigger.ts";

/** What makes an image, and under what its base must be there. */
export interface ImagePlan {
  /** The Dockerfile's arguments, the base apart. */
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Hash of the arguments and of everything that the Dockerfile brings along. */
  readonly hash: string;
  /** The same with the base as declared. */
  readonly declared: string;
  /** Whether the engine has this image already. */
  readonly isBuilt: boolean;
  /** See `baseTrigger`. */
  readonly baseTrigger: string;
  /** What the base is; undefined when it must be looked at first, since it is got or checked by this very run. */
  readonly baseIdentity: string | undefined;
  /** See `buildsOnHostNetwork`. */
  readonly isOnHostNetwork: boolean;
  /** `linux/arm64`; undefined for the engine's own. */
  readonly platform: string | undefined;
}

export function planImage(machine: Machine, seen: Pick<MachineObservation, "host" | "base" | "images">): ImagePlan {
  const { base, build, users } = machine;
  const buildArgs = buildArgsOf(build, users);
  const platform = base.kind === "registry" ? base.platform : undefined;
  const context = [hashFile(".dockerignore"), hashFolder("image"), ...scriptHashes(build.scripts)];
  const hash = hashOf(...context, JSON.stringify(buildArgs), platform ?? "");
  const declaration = baseDeclaration(base);
  const declared = hashOf(hash, declaration);
  const built = seen.images.find((image) => image.reference !== "" && image.declared === declared);
  const isBuilt = built !== undefined;
  // A base that is gone or was never checked, another image under its name among them, is got before a build only.
  const mustGet = !isBuilt && (seen.base === undefined || !wasChecked(declaration, seen.base, seen.images));
  return {
    buildArgs,
    hash,
    declared,
    isBuilt,
    baseTrigger: baseTrigger(declaration, mustGet, seen.images),
    baseIdentity: mustGet ? undefined : (built?.base ?? seen.base),
    isOnHostNetwork: "problem" in seen.host.engine || buildsOnHostNetwork(build, seen.host.engine),
    platform,
  };
}

/** The name with tag of the image that is built on a base of this identity. */
export const imageReference = (name: string, { hash }: Pick<ImagePlan, "hash">, identity: string): string =>
  `${name}:${hashOf(hash, identity)}`;

const baseDeclaration = (base: Base): string => hashOf(baseName(base), (base.kind === "registry" && base.id) || "");

/** So many entries, those of user_config.yml as it comes, are one layer, and those behind them the next: what a user adds at the end re-does the end only. */
const earlyPackages = 30;

function buildArgsOf(build: Build, users: readonly User[]): Record<string, string> {
  const rest = build.packages.slice(earlyPackages).join(" ");
  const scriptsMayNeedThem = build.scripts.length > 0;
  return {
    PACKAGES: build.packages.slice(0, earlyPackages).join(" "),
    LATER_PACKAGES: scriptsMayNeedThem ? rest : "",
    LAST_PACKAGES: scriptsMayNeedThem ? "" : rest,
    USERS: users.map(({ name, uid, gid, sudo }) => `${name}:${uid}:${gid}${sudo ? ":sudo" : ""}`).join(" "),
    ON_BUILD: build.scripts.map(({ script, arguments: words }) => [script, ...words].join(" ")).join("\n"),
    REQUIRE_APT_SOURCES: build.requireAptSources ? "yes" : "",
    KEPT_MIRROR: build.apt?.keep ? build.apt.mirror : "",
    LOCALE: build.locale,
    TIMEZONE: build.timezone,
  };
}

/** A script comes with its folder and the library that all scripts share. */
function scriptHashes(scripts: readonly Script[]): string[] {
  if (scripts.length === 0) return [];
  return [hashFolder("scripts/lib"), ...scripts.map(({ script }) => hashFolder(join("scripts", dirname(script))))];
}
