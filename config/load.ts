import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Checked, check } from "./check.ts";
import { readGitIdentity } from "./git-identity.ts";
import { readCaCertificates, readPublicKeys } from "./host-files.ts";
import type { Base, Machine, User } from "./machine.ts";
import { ConfigurationError, type Problem } from "./problem.ts";
import { readScripts } from "./scripts.ts";
import { type StackConfig, stackConfigSchema } from "./stack-config.ts";
import { type UserConfig, userConfigSchema } from "./user-config.ts";
import { withX11Packages, x11Of } from "./x11.ts";
import { type Path, readYaml } from "./yaml-source.ts";

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
  const userSource = readSource(directory, "user_config.yml");
  const stackSource = readSource(directory, `Pulumi.${stack}.yaml`);
  const problems: Problem[] = [];
  const take = <T>(checked: Checked<T>): T | undefined => {
    if ("value" in checked) return checked.value;
    problems.push(...checked.problems);
    return undefined;
  };

  const user = take(check(userConfigSchema, userSource.value, userSource));
  const inStackFile = ([key, ...rest]: Path): Path =>
    key === undefined ? ["config"] : ["config", `${project}:${key}`, ...rest];
  const where = take(check(stackConfigSchema, fromEngine(options), stackSource, inStackFile));

  const userProblem = (path: Path, text: string, message: string): Problem => ({
    file: userSource.file,
    line: userSource.lineOf(path),
    path: text,
    message,
  });
  const publicKeys =
    user &&
    take(
      readPublicKeys(user.ssh.pubkey_file, options.home, (m) =>
        userProblem(["ssh", "pubkey_file"], "ssh.pubkey_file", m),
      ),
    );
  const caCertificates =
    user &&
    take(
      readCaCertificates(user.build.ca_certificates, directory, (m) =>
        userProblem(["build", "ca_certificates"], "build.ca_certificates", m),
      ),
    );
  const scriptsOf = (key: "on_build" | "on_first_run") =>
    user &&
    take(
      readScripts(user.custom[key], directory, (index, m) =>
        userProblem(["custom", key, index], `custom.${key}[${index}]`, m),
      ),
    );
  const onBuild = scriptsOf("on_build");
  const firstRun = scriptsOf("on_first_run");

  if (!user || !where || !publicKeys || !caCertificates || !onBuild || !firstRun || problems.length > 0) {
    throw new ConfigurationError(problems);
  }
  return deepFreeze({
    name: `${project}-${stack}`,
    dockerHost: where.docker_host,
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
    users: user.ssh.users as unknown as readonly [User, ...User[]], // the schema wants at least one
    ssh: { bind: "127.0.0.1", port: where.ssh.port, publicKeys },
    x11: x11Of(where.x11),
    caCertificates,
    gitIdentity: readGitIdentity(options.home),
    firstRun,
  });
}

function readSource(directory: string, file: string) {
  const path = join(directory, file);
  if (!existsSync(path)) {
    throw new ConfigurationError([{ file, line: 1, path: "", message: `is missing; it belongs into ${directory}` }]);
  }
  return readYaml(file, readFileSync(path, "utf8"));
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
