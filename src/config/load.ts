import { isChecked, problemsOf } from "../model/checked.ts";
import type { Base, Machine, User } from "../model/machine.ts";
import { ConfigurationError } from "../model/problem.ts";
import { readGitIdentity } from "../observe/git-identity.ts";
import { check } from "./check.ts";
import { type ConfigSource, overlaid, sourceOf } from "./config-source.ts";
import { readSource } from "./files.ts";
import { readBoth, readBox, readPlace } from "./parts.ts";
import { type StackConfig, stackConfigSchema } from "./stack-config.ts";
import { type EngineConfig, stackSourceOf } from "./stack-source.ts";
import { type UserConfig, userConfigSchema } from "./user-config.ts";
import { withX11Packages, x11Of } from "./x11-options.ts";

export interface LoadOptions {
  /** Folder that holds `user_config.yml` and `Pulumi.<stack>.yaml`. */
  readonly directory: string;
  readonly project: string;
  readonly stack: string;
  /** Undefined for commands that do without the Pulumi engine. */
  readonly engineConfig: EngineConfig | undefined;
  /** The user's home folder, where `~` leads. */
  readonly home: string;
}

/**
 * Reads and checks both configuration files.
 *
 * @throws ConfigurationError with every problem of both files
 */
export function loadMachine(options: LoadOptions): Machine {
  const { directory, project, stack } = options;
  refuseName(`${project}-${stack}`, stack);
  const stackSource = stackSourceOf(readSource(directory, `Pulumi.${stack}.yaml`), project, options.engineConfig);
  const where = check(stackConfigSchema, stackSource);
  const userSource = userSourceOf(directory, stackSource, isChecked(where) ? where.value.user_config : undefined);
  const user = check(userConfigSchema, userSource);

  const box = isChecked(user) ? readBox(user.value, userSource, options) : user;
  const place = isChecked(where) ? readPlace(where.value, stackSource, options) : where;
  const steps = isChecked(box) ? box.value.steps : undefined;
  const both =
    isChecked(user) && isChecked(where)
      ? readBoth({ user: user.value, where: where.value, steps }, { userSource, stackSource }, options)
      : { problems: [] };
  if (isChecked(user) && isChecked(where) && isChecked(box) && isChecked(place) && isChecked(both)) {
    const parts = { ...box.value, ...place.value, ...both.value };
    return deepFreeze(assemble(`${project}-${stack}`, user.value, where.value, parts, options.home));
  }
  throw new ConfigurationError([box, place, both].flatMap(problemsOf));
}

/** Images, networks and the box's own name for itself are called so. */
function refuseName(name: string, stack: string): void {
  if (/^[a-z0-9]+([._-][a-z0-9]+)*$/.test(name) && name.length <= 63) return;
  const message = `the box would be called ${name}, which must be at most 63 of a-z, 0-9 and single . _ - between them; rename the file`;
  throw new ConfigurationError([{ file: `Pulumi.${stack}.yaml`, line: 1, path: "", message }]);
}

type ValueOf<T> = T extends { readonly value: infer V } ? V : never;
type Parts = ValueOf<ReturnType<typeof readBox>> &
  ValueOf<ReturnType<typeof readPlace>> &
  ValueOf<ReturnType<typeof readBoth>>;

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
    users: users.users as unknown as readonly [User, ...User[]], // the schema wants at least one
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

/** What the box is: `user_config.yml`, or the file that the stack names, or what the stack has otherwise laid over it. */
function userSourceOf(directory: string, stackSource: ConfigSource, named: StackConfig["user_config"]): ConfigSource {
  const file = typeof named === "string" ? named : "user_config.yml";
  const source = sourceOf(readSource(directory, file));
  if (named === undefined || typeof named === "string") return source;
  return overlaid(source, {
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
