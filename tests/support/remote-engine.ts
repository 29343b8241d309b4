import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type SecondEngine, startSecondEngine } from "./second-engine.ts";
import { makeCertificates } from "./tls.ts";

export interface RemoteEngine {
  /** The Docker Engine itself, for direct access from this host. */
  readonly engine: SecondEngine;
  /** Value for DOCKER_HOST. @example "ssh://root@10.232.7.2" */
  readonly address: string;
  /** The only address of its host. */
  readonly ip: string;
  /** Folder with the certificates for a client of `tcp://<ip>:2376`. */
  readonly certs: string;
  /** A line of known_hosts. */
  readonly knownHost: string;
  /** Starts an SSH server on 127.0.0.1 of this host that can be the jump host to the other one. */
  startJumpHost(port: number): Promise<{ readonly knownHost: string; log(): string }>;
  /** Starts a second SSH server on its host, with other settings. */
  startServer(port: number, ...settings: string[]): Promise<{ readonly address: string; readonly knownHost: string }>;
  /** Disconnects or reconnects its network. */
  setLink(state: "up" | "down"): void;
  /** Limits the rate of traffic to it, in the notation of tc; undefined removes the limit. */
  setRate(rate: string | undefined): void;
  stop(): Promise<void>;
}

/**
 * Another host with a Docker Engine: in a separate network with this host as its only neighbour, and with an SSH server that accepts a key
 * for root. Its network device is removed with it.
 *
 * @param publicKey the accepted key
 */
export async function startRemoteEngine(publicKey: string): Promise<RemoteEngine> {
  const network = `10.232.${process.pid % 250}`;
  const made = mkdtempSync(join(tmpdir(), "bb-tls-"));
  makeCertificates(made, `${network}.2`);
  const engine = await startSecondEngine({ offline: true, tls: made });
  rmSync(made, { recursive: true });
  const link = `bbv-${engine.state.slice(-6)}`;
  const ip = (...words: string[]): Buffer => execFileSync("ip", words);
  const inside = (...words: string[]): Buffer =>
    execFileSync("nsenter", [`--target=${engine.pid}`, "--net", "ip", ...words]);
  ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", String(engine.pid));
  ip("addr", "add", `${network}.1/30`, "dev", link);
  ip("link", "set", link, "up");
  inside("addr", "add", `${network}.2/30`, "dev", "eth0");
  inside("link", "set", "eth0", "up");

  const folder = join(engine.state, "sshd");
  mkdirSync(folder);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "host_key")]);
  writeFileSync(join(folder, "authorized_keys"), publicKey);
  const servers = [await startSshServer(engine, folder, `${network}.2`, 22)];
  const hostKey = readFileSync(join(folder, "host_key.pub"), "utf8");

  return {
    engine,
    address: `ssh://root@${network}.2`,
    ip: `${network}.2`,
    certs: join(engine.state, "tls"),
    knownHost: `${network}.2 ${hostKey}`,
    async startServer(port, ...settings) {
      servers.push(await startSshServer(engine, folder, `${network}.2`, port, settings));
      return { address: `ssh://root@${network}.2:${port}`, knownHost: `[${network}.2]:${port} ${hostKey}` };
    },
    async startJumpHost(port) {
      const server = await startSshServer(engine, folder, "127.0.0.1", port);
      servers.push(server);
      return { knownHost: `[127.0.0.1]:${port} ${hostKey}`, log: server.log };
    },
    setLink: (state) => void ip("link", "set", link, state),
    setRate(rate) {
      const how = ["root", "tbf", "rate", String(rate), "burst", "8kb", "latency", "400ms"];
      execFileSync("tc", [
        "qdisc",
        ...(rate === undefined ? ["del", "dev", link, "root"] : ["add", "dev", link, ...how]),
      ]);
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
      await engine.stop();
    },
  };
}

/** Starts the SSH server from the Docker Engine's files, in its network, or for an address of this host in this host's network. */
async function startSshServer(
  engine: SecondEngine,
  folder: string,
  address: string,
  port: number,
  more: readonly string[] = [],
) {
  const isHere = address === "127.0.0.1";
  const settings = [
    `ListenAddress ${address}:${port}`,
    "PidFile none",
    "HostKey /mnt/sshd/host_key",
    "AuthorizedKeysFile /mnt/sshd/authorized_keys",
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin prohibit-password",
    "MaxStartups 100",
    "MaxSessions 100",
    "PerSourcePenalties no", // a test that does not confirm the host key must not delay the next one
    "SetEnv DOCKER_HOST=unix:///mnt/docker.sock",
    ...more,
  ];
  writeFileSync(join(folder, `config.${port}`), `${settings.join("\n")}\n`);
  const file = join(folder, `log.${port}`);
  const output = openSync(file, "w");
  const log = (): string => readFileSync(file, "utf8");
  const start = `mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -f /mnt/sshd/config.${port}`;
  const words = [`--target=${engine.pid}`, "--mount", ...(isHere ? [] : ["--net"]), "sh", "-c", start];
  const server = spawn("nsenter", words, { stdio: ["ignore", output, output] });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const isUp = (): boolean => log().includes("Server listening");
  for (let tries = 0; tries < 100 && !isUp(); tries++) await sleep(50);
  if (!isUp()) throw new Error(`the SSH server did not start:\n${log()}`);
  return {
    log,
    async stop() {
      server.kill("SIGTERM");
      await ended;
    },
  };
}
