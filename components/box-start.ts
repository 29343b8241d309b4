import * as command from "@pulumi/command";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { softFolders } from "../src/config/storage.ts";
import type { Device } from "../src/model/device.ts";
import { type Machine, stepUsers, type User } from "../src/model/machine.ts";
import { commandLine } from "../src/model/quote.ts";
import { keyOf } from "../src/observe/public-keys.ts";
import { x11Records } from "../src/plan/box-x11.ts";
import { keptSources } from "../src/plan/kept-sources.ts";
import type { LimitsPlan } from "../src/plan/limits.ts";
import type { SshKey } from "./ssh-key.ts";

export interface BoxStartArgs {
  readonly container: docker.Container;
  readonly machine: Pick<
    Machine,
    | "users"
    | "limits"
    | "storage"
    | "mounts"
    | "firstRun"
    | "secrets"
    | "build"
    | "x11"
    | "caCertificates"
    | "gitIdentity"
  >;
  /** See `planDevices`. */
  readonly devices: readonly Device[];
  /** See `planLimits`. */
  readonly limits: Pick<LimitsPlan, "running">;
  /** Keys of the SSH agent, for the users with `withAgent`. */
  readonly agentKeys: readonly string[];
  readonly hostKey: SshKey;
  /** The stack's own key, for the users who run first-run steps. */
  readonly automationKey: SshKey;
  /** Changes when the box must be started and get its keys again; see `startTrigger`. */
  readonly trigger: string;
}

/** Sets the container's limits, starts it, and installs what its image never contains: keys, passwords, certificate authorities. */
export function startBox(name: string, args: BoxStartArgs, parent: pulumi.Resource): command.local.Command {
  const { machine, devices, limits, container, agentKeys, hostKey, automationKey, trigger } = args;
  const [firstUser] = machine.users;
  const automated = stepUsers(machine);
  const { oomScoreAdj } = machine.limits;
  const handover = pulumi.all([hostKey.privateKey, automationKey.publicKey]).apply(([privateKey, automation]) =>
    [
      record("host-key", "-", privateKey),
      ...machine.users.flatMap((user) => [
        record("shell", user.name, user.shell),
        record("groups", user.name, lines(user.groups)),
        record("ids", user.name, `${user.uid}:${user.gid}`),
      ]),
      ...(devices.length > 0 ? machine.users.map(({ name: user }) => record("devices", user, pathLines(devices))) : []),
      ...ownedVolumes(machine).map(([user, path]) => record("owner", user, path)),
      ...mountsBelowHomes(machine).map(([user, path]) => record("mount", user, path)),
      ...(oomScoreAdj === undefined ? [] : [record("oom-score-adj", "-", `${oomScoreAdj}\n`)]),
      ...volumeMounts(machine).map((path) => record("volume", firstUser.name, path)),
      ...machine.users.flatMap((user) => [
        record("home", user.name, "-"),
        record(
          "authorized-keys",
          user.name,
          authorizedKeys(user, agentKeys, automated.includes(user.name) ? [automation] : []),
        ),
        user.password ? record("password", user.name, user.password) : record("no-password", user.name, "-"),
        // A user without a password who may become root needs none for that.
        record("sudo", user.name, user.sudo === "nopasswd" || !user.password ? "nopasswd" : "password"),
      ]),
      record("agent-keys", "-", lines(machine.users.some(({ withAgent }) => withAgent) ? agentKeys : [])),
      ...machine.caCertificates.map((pem, index) => record("ca-certificate", `ca-${index}`, `${pem}\n`)),
      ...Object.entries(machine.gitIdentity).map(([key, value]) => record("git-config", key, value)),
      ...x11Records(machine.x11).map(([kind, payload]) => record(kind, firstUser.name, payload)),
      ...softFolders.map((folder) => record("folder", firstUser.name, folder)),
      ...machine.secrets.flatMap(({ name, value }) => (value === undefined ? [] : [record("secret", name, value)])),
      ...keptSources(machine.build).map(([file, text]) => record("source", file, text)),
      record("started", "-", `${trigger}\n`),
    ].join(""),
  );
  return new command.local.Command(
    `${name}-start`,
    {
      create: commandLine(["src/resources/start-box.ts", name, JSON.stringify(limits.running)]),
      stdin: pulumi.secret(handover),
      triggers: [container.id, trigger],
      logging: command.local.Logging.Stderr,
      addPreviousOutputInEnv: false,
    },
    { parent },
  );
}

const record = (kind: string, name: string, payload: string): string =>
  `${kind} ${name} ${Buffer.from(payload).toString("base64")}\n`;

/** The storage places that are volumes, with their owners. Folders of the host keep the owners that they have. */
function ownedVolumes({ users, storage }: Pick<Machine, "users" | "storage">): [user: string, path: string][] {
  const owners = new Map(users.map(({ name }) => [`home-${name}`, name]));
  return storage
    .filter(({ hostPath }) => hostPath === undefined)
    .map(({ key, path }) => [owners.get(key) ?? users[0].name, path]);
}

/** The mounts below homes, whose parent folders the Docker Engine creates as root's. */
function mountsBelowHomes({ users, mounts }: Pick<Machine, "users" | "mounts">): [user: string, path: string][] {
  return users.flatMap(({ name }) =>
    mounts.flatMap(({ path }): [string, string][] => (path.startsWith(`/home/${name}/`) ? [[name, path]] : [])),
  );
}

const volumeMounts = ({ mounts }: Pick<Machine, "mounts">): string[] =>
  mounts.flatMap((one) => ("volume" in one && !one.readOnly ? [one.path] : []));

/** @param more the stack's own keys */
function authorizedKeys(user: User, agentKeys: readonly string[], more: readonly string[]): string {
  const own = new Set(user.publicKeys.map(keyOf));
  const fromAgent = user.withAgent ? agentKeys.filter((key) => !own.has(keyOf(key))) : [];
  return lines([...user.publicKeys, ...fromAgent, ...more.map((key) => `${key} benchbox automation`)]);
}

const pathLines = (devices: readonly Device[]): string => lines(devices.map(({ path }) => path));

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join("");
