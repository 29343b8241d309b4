import { dirname, join } from "node:path";
import { hashFile, hashFolder, hashOf } from "../model/hash.ts";
import type { AptSource, Base, Build, Machine, Script, User } from "../model/machine.ts";
import { baseName } from "../observe/base.ts";
import type { MachineObservation } from "../observe/observation.ts";
import { buildsOnHostNetwork } from "./build-network.ts";
import { baseTrigger, wasChecked } from "./trigger.ts";

/** The input of the image build, and whether its base must be pulled or created first. */
export interface ImagePlan {
  /** The Dockerfile's arguments except the base. */
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Hash of the arguments and of all files that the Dockerfile uses. */
  readonly hash: string;
  /** The same hash together with the base as configured. */
  readonly declared: string;
  /** Whether the Docker Engine already has this image. */
  readonly isBuilt: boolean;
  /** See `baseTrigger`. */
  readonly baseTrigger: string;
  /** Identity of the base; undefined until this run has pulled, created or checked it. */
  readonly baseIdentity: string | undefined;
  /** See `buildsOnHostNetwork`. */
  readonly isOnHostNetwork: boolean;
  /** `linux/arm64`; undefined for the Docker Engine's own platform. */
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
  // A base that is missing or was never checked, such as another image under its name, is only fetched for a build.
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

/**
 * How many packages the first layer holds: as many as the default user_config.yml lists. The rest are another layer, so that a package
 * added at the end rebuilds only that one.
 */
const earlyPackages = 30;

function buildArgsOf(build: Build, users: readonly User[]): Record<string, string> {
  const rest = build.packages.slice(earlyPackages).join(" ");
  const isBeforeScripts = build.scripts.length > 0; // which may need the packages
  return {
    APT_SOURCES: build.aptSources.map(aptSourceLine).join("\n"),
    PACKAGES: build.packages.slice(0, earlyPackages).join(" "),
    LATER_PACKAGES: isBeforeScripts ? rest : "",
    LAST_PACKAGES: isBeforeScripts ? "" : rest,
    USERS: users.map(({ name, uid, gid, sudo }) => `${name}:${uid}:${gid}${sudo ? ":sudo" : ""}`).join(" "),
    TOOL_PATH: toolPathOf(users),
    ON_BUILD: build.scripts.map(({ script, arguments: words }) => [script, ...words].join(" ")).join("\n"),
    REQUIRE_APT_SOURCES: build.requireAptSources ? "yes" : "",
    KEPT_MIRROR: build.apt?.keep ? build.apt.mirror : "",
    LOCALE: build.locale,
    TIMEZONE: build.timezone,
  };
}

/** A line for image/build/add-apt-sources. */
const aptSourceLine = ({ name, key, uri, suites, components }: AptSource): string =>
  [name, key.extension, key.base64, uri, suites.join(","), components.join(",")].join(" ");

/**
 * The folders of the users' own tools, so that `docker exec --user NAME` finds them without a login shell. Only of users who can become
 * root: root's `docker exec` searches the same folders.
 */
const toolPathOf = (users: readonly User[]): string =>
  users
    .filter(({ sudo }) => sudo)
    .flatMap(({ name }) => [".local", ".bun", ".pixi"].map((folder) => `:/home/${name}/${folder}/bin`))
    .join("");

/** Hashes of the scripts' folders and of the library that all scripts share. */
function scriptHashes(scripts: readonly Script[]): string[] {
  if (scripts.length === 0) return [];
  return [hashFolder("scripts/lib"), ...scripts.map(({ script }) => hashFolder(join("scripts", dirname(script))))];
}
