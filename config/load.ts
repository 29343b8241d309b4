import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { routeTo } from "../lib/box-route.ts";
import { isRemoteEngine } from "../lib/engine-address.ts";
import { type Checked, check } from "./check.ts";
import { type ConfigSource, overlaid, sourceOf } from "./config-source.ts";
import { dispenseWith, readFirstRun } from "./first-run.ts";
import { readGitIdentity } from "./git-identity.ts";
import { expand, readCaCertificates } from "./host-files.ts";
import type { Base, Machine, User } from "./machine.ts";
import { readMounts } from "./mounts.ts";
import { judgeX11Port, readPorts } from "./ports.ts";
import { ConfigurationError, type Problem } from "./problem.ts";
import { readScripts } from "./scripts.ts";
import { judgeExposure } from "./ssh-exposure.ts";
import { readUsers } from "./ssh-users.ts";
import { type StackConfig, stackConfigSchema } from "./stack-config.ts";
import { readStorage } from "./storage.ts";
import { type UserConfig, userConfigSchema } from "./user-config.ts";
import { withX11Packages, x11Of } from "./x11.ts";
import { readYaml } from "./yaml-source.ts";

export interface LoadOptions {
  /** Folder that holds `user_config.yml` and `Pulumi.<stack>.yaml`. */
  readonly directory: string;
  readonly project: string;
  readonly stack: string;
  /** The stack's configuration as the engine gives it: `project:key` to text, objects as JSON. */
  readonly engineConfig: Readonly<Record<string, string>>;
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
  const stackYaml = readSource(directory, `Pulumi.${stack}.yaml`);
  const stackSource = sourceOf(stackYaml, fromEngine(options), ([key, ...rest]) =>
    key === undefined ? ["config"] : ["config", `${project}:${key}`, ...rest],
  );
  const problems: Problem[] = [];
  const take = <T>(checked: Checked<T>): T | undefined => {
    if ("value" in checked) return checked.value;
    problems.push(...checked.problems);
    return undefined;
  };

  const whereChecked = check(stackConfigSchema, stackSource);
  const named = "value" in whereChecked ? whereChecked.value.user_config : undefined;
  const userSource = userSourceOf(directory, stackSource, named);
  const user = take(check(userConfigSchema, userSource));
  const where = take(whereChecked);

  const users = user && take(readUsers(user.ssh, options.home, userSource.problem));
  const exposure =
    user &&
    where &&
    judgeExposure({ ...where.ssh, users: user.ssh.users, allowWeakPassword: where.ssh.allow_weak_password });
  for (const sentence of exposure?.problems ?? []) {
    problems.push(stackSource.problem(["ssh", "bind"], `${where?.ssh.bind} ${sentence}`));
  }
  const caCertificates =
    user &&
    take(
      readCaCertificates(user.build.ca_certificates, directory, (m) =>
        userSource.problem(["build", "ca_certificates"], m),
      ),
    );
  const inCustom = (key: "on_build" | "on_first_run") => (index: number, message: string) =>
    userSource.problem(["custom", key, index], message);
  const onBuild = user && take(readScripts(user.custom.on_build, directory, inCustom("on_build")));
  const names = user?.ssh.users.map(({ name }) => name) ?? [];
  const steps = user && take(readFirstRun(user.custom.on_first_run, names, directory, inCustom("on_first_run")));

  const engine = where?.docker_host ?? (process.env.DOCKER_HOST || undefined);
  if (where?.docker_certs !== undefined && !where.docker_host?.startsWith("tcp://")) {
    const message = "is for a docker_host that starts with tcp://; set that, or remove this";
    problems.push(stackSource.problem(["docker_certs"], message));
  }
  const hostFolder = { home: options.home, isLocal: !isRemoteEngine(engine) };
  const route = where && routeTo(where.ssh.bind, engine);
  if (where && route === undefined) {
    const message = `${where.ssh.bind} of the machine at ${engine} cannot be reached from here: publish SSH on an address of that machine, or reach its engine by ssh://USER@HOST`;
    problems.push(stackSource.problem(["ssh", "bind"], message));
  }
  const firstRun =
    steps &&
    where &&
    take(
      dispenseWith(steps, where.tools.not_required, (index, m) =>
        stackSource.problem(["tools", "not_required", index], m),
      ),
    );
  const storage =
    user &&
    where &&
    take(
      readStorage({ ...user.storage, ...where.storage }, user.ssh.users, hostFolder, (key, m) =>
        (key in where.storage ? stackSource : userSource).problem(["storage", key], m),
      ),
    );
  const mounts =
    where &&
    take(
      readMounts(where.mounts, storage ?? [], hostFolder, (index, key, m) =>
        stackSource.problem(["mounts", index, key], m),
      ),
    );
  const taken = where && { ssh: where.ssh, x11: x11Of(where.x11).server?.port };
  const x11Port = taken && judgeX11Port(taken);
  if (x11Port !== undefined) {
    problems.push(stackSource.problem(["x11", "server", "display"], x11Port));
  }
  const ports =
    where &&
    taken &&
    take(readPorts(where.ports, taken, (index, key, m) => stackSource.problem(["ports", index, key], m)));

  if (!user || !where || !users || !exposure || !caCertificates || !onBuild || !firstRun)
    throw new ConfigurationError(problems);
  if (!storage || !mounts || !ports || !route || problems.length > 0) throw new ConfigurationError(problems);
  return deepFreeze({
    name: `${project}-${stack}`,
    dockerHost: where.docker_host,
    dockerCerts: where.docker_certs && expand(where.docker_certs, options.home),
    base: baseOf(user, where),
    build: {
      useProxy: user.build.enable_global_proxy,
      packages: withX11Packages(user.build.packages, where.x11),
      apt: where.apt ?? user.build.apt,
      locale: user.build.locale,
      timezone: user.build.timezone,
      scripts: onBuild,
    },
    gpu: where.gpu,
    limits: where.limits,
    users: users.users as unknown as readonly [User, ...User[]], // the schema wants at least one
    capabilities: where.capabilities,
    storage,
    mounts,
    ports,
    environment: where.env,
    hostname: where.hostname ?? `${project}-${stack}`,
    ssh: {
      bind: where.ssh.bind,
      ...route,
      port: where.ssh.port,
      keyGeneration: where.ssh.key_generation,
    },
    notices: [
      ...users.notes.map((text) => ({ severity: "info", text }) as const),
      ...exposure.warnings.map((text) => ({ severity: "warning", text }) as const),
    ],
    x11: x11Of(where.x11),
    caCertificates,
    gitIdentity: readGitIdentity(options.home),
    firstRun,
    tools: { policy: where.tools.policy, mirrors: where.tools.mirrors },
  });
}

function readSource(directory: string, file: string) {
  const path = join(directory, file);
  if (!existsSync(path)) {
    throw new ConfigurationError([{ file, line: 1, path: "", message: `is missing; it belongs into ${directory}` }]);
  }
  return readYaml(file, readFileSync(path, "utf8"));
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

/** The engine's values win over the file's: `-c key=value` on the command line and secrets come this way only. */
function fromEngine({ engineConfig, project }: LoadOptions): Record<string, unknown> {
  const own = Object.entries(engineConfig).filter(([key]) => key.startsWith(`${project}:`));
  return Object.fromEntries(own.map(([key, text]) => [key.slice(project.length + 1), parseEngineValue(text)]));
}

function parseEngineValue(text: string): unknown {
  return /^\s*[[{]/.test(text) ? JSON.parse(text) : text;
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
