import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type SecondEngine, startSecondEngine } from "./second-engine.ts";

export interface RemoteEngine {
  /** The engine itself, for looking at it from here. */
  readonly engine: SecondEngine;
  /** For DOCKER_HOST: `ssh://root@10.232.7.2`. */
  readonly address: string;
  /** A line of known_hosts. */
  readonly knownHost: string;
  /** Takes its network cable out, or puts it in again. */
  setLink(state: "up" | "down"): void;
  stop(): Promise<void>;
}

/**
 * Another machine with an engine: in a network of its own that has this machine as its only neighbour, with an SSH server that lets
 * root in with a key. Its network device goes with it.
 *
 * @param publicKey who may log in
 */
export async function startRemoteEngine(publicKey: string): Promise<RemoteEngine> {
  const engine = await startSecondEngine({ offline: true });
  const network = `10.232.${process.pid % 250}`;
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
  const settings = [
    `ListenAddress ${network}.2`,
    "HostKey /mnt/sshd/host_key",
    "AuthorizedKeysFile /mnt/sshd/authorized_keys",
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin prohibit-password",
    "MaxStartups 100",
    "MaxSessions 100",
    "PerSourcePenalties no", // one test does not confirm the host key, and the next one is not to wait for that
    "SetEnv DOCKER_HOST=unix:///mnt/docker.sock",
  ];
  writeFileSync(join(folder, "config"), `${settings.join("\n")}\n`);
  const log = openSync(join(folder, "log"), "w");
  const start = "mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -f /mnt/sshd/config";
  const words = [`--target=${engine.pid}`, "--mount", "--net", "sh", "-c", start];
  const server = spawn("nsenter", words, { stdio: ["ignore", log, log] });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const isUp = (): boolean => readFileSync(join(folder, "log"), "utf8").includes("Server listening");
  for (let tries = 0; tries < 100 && !isUp(); tries++) await sleep(50);
  if (!isUp()) throw new Error(`the SSH server did not start:\n${readFileSync(join(folder, "log"), "utf8")}`);

  return {
    engine,
    address: `ssh://root@${network}.2`,
    knownHost: `${network}.2 ${readFileSync(join(folder, "host_key.pub"), "utf8")}`,
    setLink: (state) => void ip("link", "set", link, state),
    async stop() {
      server.kill("SIGTERM");
      await ended;
      await engine.stop();
    },
  };
}
