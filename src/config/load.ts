import { isChecked, problemsOf } from "../model/checked.ts";
import type { Base, Machine, User } from "../model/machine.ts";
import { ConfigurationError } from "../model/problem.ts";
import { readGitIdentity } from "../observe/git-identity.ts";
import { check } from "./check.ts";
import { type ConfigSource, overlay, sourceOf } from "./config-source.ts";
import { readSource } from "./files.ts";
import { readCombinedParts, readStackParts, readUserParts } from "./parts.ts";
import { type StackConfig, stackConfigSchema } from "./stack-config.ts";
import { type EngineConfig, stackSourceOf } from "./stack-source.ts";
import { type UserConfig, userConfigSchema } from "./user-config.ts";
import { withX11Packages, x11Of } from "./x11-options.ts";

export interface LoadOptions {
  /** Folder that holds `user_config.yml` and `Pulumi.<stack>.yaml`. */
  readonly directory: string;
  readonly project: string;
  readonly stack: string;
  /** The configuration from the Pulumi engine; undefined for commands that run without it. */
  readonly engineConfig: EngineConfig | undefined;
  /** The user's home folder, which `~` stands for. */
  readonly home: string;
}

/**
 * Reads and validates both configuration files.
 *
 * @throws ConfigurationError with every problem of both files
 */
export function loadMachine(options: LoadOptions): Machine {
  const { directory, project, stack } = options;
  validateName(`${project}-${stack}`, stack);
  const stackSource = stackSourceOf(readSource(directory, `Pulumi.${stack}.yaml`), project, options.engineConfig);
  const where = check(stackConfigSchema, stackSource);
  const userSource = userSourceOf(directory, stackSource, isChecked(where) ? where.value.user_config : undefined);
  const user = check(userConfigSchema, userSource);

  const box = isChecked(user) ? readUserParts(user.value, userSource, options) : user;
  const place = isChecked(where) ? readStackParts(where.value, stackSource, options) : where;
  const steps = isChecked(box) ? box.value.steps : undefined;
  const both =
    isChecked(user) && isChecked(where)
      ? readCombinedParts({ user: user.value, where: where.value, steps }, { userSource, stackSource }, options)
      : { problems: [] };
  if (isChecked(user) && isChecked(where) && isChecked(box) && isChecked(place) && isChecked(both)) {
    const parts = { ...box.value, ...place.value, ...both.value };
    return deepFreeze(assemble(`${project}-${stack}`, user.value, where.value, parts, options.home));
  }
  throw new ConfigurationError([box, place, both].flatMap(problemsOf));
}

/** The name is also that of images and networks, and the default host name, so it must be valid for each of them. */
function validateName(name: string, stack: string): void {
  if (/^[a-z0-9]+([._-][a-z0-9]+)*$/.test(name) && name.length <= 63) return;
  const rule = "a name has at most 63 characters: a-z and 0-9, with single . _ - between them";
  const message = `the box would be named ${name}, but ${rule}; rename the file`;
  throw new ConfigurationError([{ file: `Pulumi.${stack}.yaml`, line: 1, path: "", message }]);
}

type ValueOf<T> = T extends { readonly value: infer V } ? V : never;
type Parts = ValueOf<ReturnType<typeof readUserParts>> &
  ValueOf<ReturnType<typeof readStackParts>> &
  ValueOf<ReturnType<typeof readCombinedParts>>;

function assemble(name: string, user: UserConfig, where: StackConfig, parts: Parts, home: string): Machine {
  const { users, route, authorities, firstRun, storage, mounts, ports } = parts;
  return {
    name,
    dockerHost: where.docker_host,
    dockerCerts: parts.dockerCerts,
    base: baseOf(user, where),
    build: {
      useProxy: user.build.enable_global_proxy,
      packages: withX11Packages(user.build.packages, where.x11),
      apt: where.apt ?? user.build.apt,
      requireAptSources: user.build.require_apt_sources,
      locale: user.build.locale,
      timezone: user.build.timezone,
      scripts: parts.onBuild,
    },
    gpu: where.gpu,
    limits: where.limits,
    users: users.users as unknown as readonly [User, ...User[]], // the schema requires at least one
    capabilities: where.capabilities,
    userNamespaces: where.user_namespaces,
    storage,
    mounts,
    ports,
    environment: where.env,
    hostname: where.hostname ?? name,
    ssh: {
      bind: where.ssh.bind,
      ...route,
      port: where.ssh.port,
      keyGeneration: where.ssh.key_generation,
    },
    notices: [
      ...users.notes.map((text) => ({ severity: "info", text }) as const),
      ...[...parts.warnings, ...authorities.warnings].map((text) => ({ severity: "warning", text }) as const),
    ],
    x11: x11Of(where.x11),
    caCertificates: authorities.certificates,
    gitIdentity: readGitIdentity(home),
    firstRun,
    tools: { policy: where.tools.policy, mirrors: where.tools.mirrors },
  };
}

/** `user_config.yml`, or the file that the stack names instead, or `user_config.yml` with the overrides of the stack merged in. */
function userSourceOf(directory: string, stackSource: ConfigSource, named: StackConfig["user_config"]): ConfigSource {
  const file = typeof named === "string" ? named : "user_config.yml";
  const source = sourceOf(readSource(directory, file));
  if (named === undefined || typeof named === "string") return source;
  return overlay(source, {
    value: named,
    problem: (path, message) => stackSource.problem(["user_config", ...path], message),
  });
}

function baseOf(user: UserConfig, where: StackConfig): Base {
  if (where.base) return { kind: "debootstrap", ...where.base.debootstrap };
  const { base: reference, ...options } = { ...user.image, ...where.image };
  return {
    kind: "registry",
    reference,
    id: options.id,
    onMismatch: options.on_id_mismatch ?? "error",
    mirrors: options.mirrors ?? [],
    platform: options.platform,
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
