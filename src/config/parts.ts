import { type BoxRoute, routeTo } from "../model/box-route.ts";
import { all, type Checked, isChecked, validated } from "../model/checked.ts";
import { isRemoteEngine } from "../model/engine-address.ts";
import type { FirstRunStep } from "../model/machine.ts";
import { readCertificateAuthorities } from "../observe/certificate-authorities.ts";
import { expand } from "../observe/host-files.ts";
import type { ConfigSource } from "./config-source.ts";
import { dispenseWith, readFirstRun, stepIds } from "./first-run.ts";
import { readMounts } from "./mounts.ts";
import { evaluateX11Port, readPorts } from "./ports.ts";
import { readScripts } from "./scripts.ts";
import { evaluateExposure } from "./ssh-exposure.ts";
import { readUsers } from "./ssh-users.ts";
import type { StackConfig } from "./stack-config.ts";
import { readStorage } from "./storage.ts";
import type { UserConfig } from "./user-config.ts";
import { x11Of } from "./x11-options.ts";

/** Where files that a configuration names are looked for. */
interface Places {
  readonly directory: string;
  readonly home: string;
}

/** What the box is, as far as `user_config.yml` alone tells. */
export function readBox({ ssh, build, custom }: UserConfig, { problem }: ConfigSource, { directory, home }: Places) {
  const names = ssh.users.map(({ name }) => name);
  return all({
    users: readUsers(ssh, home, problem),
    authorities: readCertificateAuthorities(build.ca_certificates, directory, (message) =>
      problem(["build", "ca_certificates"], message),
    ),
    onBuild: readScripts(custom.on_build, directory, (index, message) =>
      problem(["custom", "on_build", index], message),
    ),
    steps: readFirstRun(custom.on_first_run, names, directory, (index, message) =>
      problem(["custom", "on_first_run", index], message),
    ),
  });
}

/** Where it runs, as far as `Pulumi.<stack>.yaml` alone tells. */
export function readPlace(where: StackConfig, source: ConfigSource, { home }: Places) {
  const taken = { ssh: where.ssh, x11: x11Of(where.x11).server?.port };
  const x11Port = evaluateX11Port(taken);
  return all({
    dockerCerts: readCertificates(where, source, home),
    route: readRoute(where, source),
    x11: validated(x11Port === undefined ? [] : [source.problem(["x11", "server", "display"], x11Port)]),
    ports: readPorts(where.ports, taken, (index, key, message) => source.problem(["ports", index, key], message)),
  });
}

/** What only both files together tell. */
export function readBoth(
  { user, where, steps }: { user: UserConfig; where: StackConfig; steps: readonly FirstRunStep[] | undefined },
  { userSource, stackSource }: { userSource: ConfigSource; stackSource: ConfigSource },
  { home }: Places,
) {
  const hostFolder = { home, isLocal: !isRemoteEngine(engineOf(where)) };
  const storage = readStorage({ ...user.storage, ...where.storage }, user.ssh.users, hostFolder, (key, message) =>
    (key in where.storage ? stackSource : userSource).problem(["storage", key], message),
  );
  const { bind, allow_weak_password: allowWeakPassword } = where.ssh;
  const exposure = evaluateExposure({ bind, users: user.ssh.users, allowWeakPassword });
  return all({
    exposure: validated(
      exposure.problems.map((sentence) => stackSource.problem(["ssh", "bind"], `${bind} ${sentence}`)),
    ),
    warnings: { value: exposure.warnings },
    firstRun: dispenseWith(steps, stepIds(user.custom.on_first_run), where.tools.not_required, (index, message) =>
      stackSource.problem(["tools", "not_required", index], message),
    ),
    storage,
    mounts: readMounts(where.mounts, isChecked(storage) ? storage.value : [], hostFolder, (index, key, message) =>
      stackSource.problem(["mounts", index, key], message),
    ),
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
  const message = "is for a docker_host that starts with tcp://; set that, or remove this";
  return { problems: [problem(["docker_certs"], message)] };
}

function readRoute(where: StackConfig, { problem }: ConfigSource): Checked<BoxRoute> {
  const engine = engineOf(where);
  const route = routeTo(where.ssh.bind, engine);
  if (route !== undefined) return { value: route };
  const message = `${where.ssh.bind} of the machine at ${engine} cannot be reached from here: publish SSH on an address of that machine, or reach its engine by ssh://USER@HOST`;
  return { problems: [problem(["ssh", "bind"], message)] };
}
