import { type BoxRoute, routeTo } from "../model/box-route.ts";
import { all, type Checked, isChecked, validated } from "../model/checked.ts";
import { isRemoteEngine } from "../model/engine-address.ts";
import type { FirstRunStep } from "../model/machine.ts";
import { readCertificateAuthorities } from "../observe/certificate-authorities.ts";
import { expand } from "../observe/host-files.ts";
import { readAptSources } from "./apt-sources.ts";
import type { ConfigSource } from "./config-source.ts";
import { readDevices } from "./device-options.ts";
import { applyNotRequired, readFirstRun, stepIds } from "./first-run.ts";
import { readHooks } from "./hooks.ts";
import { mountWarnings, readMounts } from "./mounts.ts";
import { networkProblems } from "./network-options.ts";
import { evaluateX11Port, readPorts } from "./ports.ts";
import { readScripts } from "./scripts.ts";
import { readSecrets } from "./secret-options.ts";
import { readSecurity, securityWarnings } from "./security-options.ts";
import { evaluateExposure } from "./ssh-exposure.ts";
import { readUsers } from "./ssh-users.ts";
import type { StackConfig } from "./stack-config.ts";
import { readStorage } from "./storage.ts";
import type { UserConfig } from "./user-config.ts";
import { x11Of } from "./x11-options.ts";

/** The folders that paths in a configuration are relative to. */
interface BaseFolders {
  readonly directory: string;
  readonly home: string;
}

/** Reads the parts of the configuration that depend on `user_config.yml` only. */
export function readUserParts(
  { ssh, build, custom }: UserConfig,
  { problem }: ConfigSource,
  { directory, home }: BaseFolders,
) {
  const names = ssh.users.map(({ name }) => name);
  return all({
    users: readUsers(ssh, home, problem),
    authorities: readCertificateAuthorities(build.ca_certificates, directory, (message) =>
      problem(["build", "ca_certificates"], message),
    ),
    aptSources: readAptSources(build.apt_sources, { directory, home }, (index, message) =>
      problem(["build", "apt_sources", index, "key"], message),
    ),
    onBuild: readScripts(custom.on_build, directory, (index, message) =>
      problem(["custom", "on_build", index], message),
    ),
    hooks: readHooks(custom, names, directory, (key, index, message) => problem(["custom", key, index], message)),
    steps: readFirstRun(custom.on_first_run, names, directory, (index, message) =>
      problem(["custom", "on_first_run", index], message),
    ),
  });
}

/** Reads the parts of the configuration that depend on `Pulumi.<stack>.yaml` only. */
export function readStackParts(where: StackConfig, source: ConfigSource, { directory, home }: BaseFolders) {
  const taken = { ssh: where.ssh, x11: x11Of(where.x11).server?.port };
  const x11Port = evaluateX11Port(taken);
  const security = readSecurity(
    where.security,
    { userNamespaces: where.user_namespaces, capabilities: where.capabilities },
    { directory, home },
    source.problem,
  );
  return all({
    security,
    network: validated(
      networkProblems(
        where.network,
        {
          ports: where.ports.length > 0,
          hostname: where.hostname !== undefined,
          xServer: where.x11.server !== undefined,
        },
        source.problem,
      ),
    ),
    openings: { value: isChecked(security) ? securityWarnings(security.value, where.pid) : [] },
    dockerCerts: readCertificates(where, source, home),
    route: readRoute(where, source),
    x11: validated(x11Port === undefined ? [] : [source.problem(["x11", "server", "display"], x11Port)]),
    devices: readDevices(where.devices, !isRemoteEngine(engineOf(where)), (index, message) =>
      source.problem(["devices", index], message),
    ),
    secrets: readSecrets(where.secrets, where.env, home, (name, message) => source.problem(["secrets", name], message)),
    ports: readPorts(where.ports, taken, (index, key, message) => source.problem(["ports", index, key], message)),
  });
}

/** Reads the parts of the configuration that depend on both files. */
export function readCombinedParts(
  { user, where, steps }: { user: UserConfig; where: StackConfig; steps: readonly FirstRunStep[] | undefined },
  { userSource, stackSource }: { userSource: ConfigSource; stackSource: ConfigSource },
  { home }: BaseFolders,
) {
  const hostFolder = { home, isLocal: !isRemoteEngine(engineOf(where)) };
  const homes = { ...user.storage.homes, ...where.storage.homes };
  const places = { ...user.storage, ...where.storage, homes };
  const storage = readStorage(places, user.ssh.users, hostFolder, ([key, name], message) => {
    const isStacks = name === undefined ? key in where.storage : name in where.storage.homes;
    const path = name === undefined ? [key] : [key, name];
    return (isStacks ? stackSource : userSource).problem(["storage", ...path], message);
  });
  const mounts = readMounts(where.mounts, isChecked(storage) ? storage.value : [], hostFolder, (index, key, message) =>
    stackSource.problem(["mounts", index, key], message),
  );
  const { bind, allow_weak_password: allowWeakPassword } = where.ssh;
  const exposure = evaluateExposure({ bind, users: user.ssh.users, allowWeakPassword });
  return all({
    exposure: validated(exposure.problems.map((reason) => stackSource.problem(["ssh", "bind"], `${bind} ${reason}`))),
    warnings: { value: [...exposure.warnings, ...(isChecked(mounts) ? mountWarnings(mounts.value) : [])] },
    firstRun: applyNotRequired(steps, stepIds(user.custom.on_first_run), where.tools.not_required, (index, message) =>
      stackSource.problem(["tools", "not_required", index], message),
    ),
    storage,
    mounts,
  });
}

const engineOf = ({ docker_host }: StackConfig): string | undefined =>
  docker_host ?? (process.env.DOCKER_HOST || undefined);

function readCertificates(
  { docker_certs: folder, docker_host: engine }: StackConfig,
  { problem }: ConfigSource,
  home: string,
): Checked<string | undefined> {
  if (folder === undefined || engine?.startsWith("tcp://")) return { value: folder && expand(folder, home) };
  const message = "requires a docker_host that starts with tcp://; set one, or remove this option";
  return { problems: [problem(["docker_certs"], message)] };
}

function readRoute(where: StackConfig, { problem }: ConfigSource): Checked<BoxRoute> {
  const engine = engineOf(where);
  const route = routeTo(where.ssh.bind, engine);
  if (route !== undefined) return { value: route };
  const fix = "publish SSH on an address of that host, or connect to its Docker Engine by ssh://USER@HOST";
  const message = `${where.ssh.bind} on the Docker host at ${engine} cannot be reached from here: ${fix}`;
  return { problems: [problem(["ssh", "bind"], message)] };
}
