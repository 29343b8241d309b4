import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { engineFiles, engineUnderTest } from "./engines.ts";

export interface SecondEngine {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** The one folder that it shares with this machine; it sees it as /mnt. */
  readonly state: string;
  /** Words that run a command in its network. */
  readonly enter: readonly string[];
  /** A process whose namespaces are its own. */
  readonly pid: number;
  /** Ends the engine with all that it made; nothing of it stays. */
  stop(): Promise<void>;
  /**
   * Ends the engine and starts it again with what it made. `service`: it ends its containers, as when its service is
   * restarted; `power`: it, its containers and its /run are gone at once, as when the machine's power fails.
   */
  restart(how: "service" | "power"): Promise<void>;
}

export interface SecondEngineOptions {
  /** Images in containerd's own store, as fresh Docker 29 has it. @default false: overlay2 */
  readonly containerdStore?: boolean;
  /** Programs that come first on its PATH: files of this machine, which it sees in /mnt/programs. */
  readonly programs?: readonly string[];
  /** Names under which it lists its one runtime as well. */
  readonly runtimes?: readonly string[];
  /** Whether it has a network of its own with nothing but loopback and what it makes itself. @default false: this machine's */
  readonly offline?: boolean;
  /** Folder with ca.pem, server-cert.pem and server-key.pem, with which it also listens on port 2376 of all its addresses. */
  readonly tls?: string;
  /** The oldest API version that it answers to, as newer engines have it. @default its own: 1.24 */
  readonly oldestApi?: string;
  /** Size of the disk that it keeps everything on, as tmpfs takes it. @default this machine's disk */
  readonly disk?: string;
  /** Specifications of CDI devices. Without them it has no CDI. */
  readonly cdi?: readonly object[];
}

/**
 * Starts another engine, of the version under test, beside this machine's: "another machine" for tests. It shares the
 * network with this machine, so it reaches registries and proxies on the loopback device; its containers and builds have
 * network by `--network host` only. It lives in mount and pid namespaces of its own and dies with the test.
 */
export async function startSecondEngine(options: SecondEngineOptions = {}): Promise<SecondEngine> {
  const { root, programs = "" } = await engineFiles(engineUnderTest);
  // A short path: a socket's may not be longer than 107 bytes. On disk, where an overlay can be mounted.
  const state = mkdtempSync("/var/tmp/bb-engine2.");
  // A bridge of its own, not --bridge=none: a daemon with that option removes docker0, which is the other engine's.
  const bridge = `bb2-${state.slice(-6)}`;
  prepare(state, options);
  if (!options.offline) {
    execFileSync("ip", ["link", "add", bridge, "type", "bridge"]);
    // None of the ranges for documentation: networks of tests and of sandboxes have registries there.
    execFileSync("ip", ["addr", "add", `10.231.${process.pid % 250}.1/30`, "dev", bridge]);
  }
  const log = openSync(join(state, "log"), "w");
  // A test that is killed leaves no engine running.
  const words = [
    "--pdeathsig=KILL",
    "env",
    `DOCKER_MIN_API_VERSION=${options.oldestApi ?? ""}`,
    `ENGINE_DISK=${options.disk ?? ""}`,
    `ENGINE_PROGRAMS=${programs}`,
    "unshare",
    ...(options.offline ? ["--net"] : []),
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    join(import.meta.dirname, "second-engine.sh"),
    root,
    state,
  ];
  const flags = [
    ...["--config-file=/mnt/daemon.json", "--host=unix:///mnt/docker.sock", "--data-root=/mnt/data"],
    ...(options.tls === undefined ? [] : tlsFlags),
  ];
  const noFirewall = [
    ...(options.offline ? [] : [`--bridge=${bridge}`]),
    "--iptables=false",
    "--ip6tables=false",
    "--ip-forward=false",
  ];
  const host = `unix://${join(state, "docker.sock")}`;
  let daemon = startDaemon([...words, ...flags, ...noFirewall], log);
  const enter = () => (options.offline ? ["nsenter", `--target=${daemon.pid}`, "--net"] : []);
  const stop = async () => {
    const others = options.offline ? [] : bridgesOf(host);
    await daemon.end("SIGTERM");
    if (!options.offline) execFileSync("ip", ["link", "delete", bridge]);
    for (const link of others) spawnSync("ip", ["link", "delete", link]); // which fails where nothing is left
    rmSync(state, { recursive: true, force: true });
  };
  const isUp = async () => {
    for (let tries = 0; tries < 150 && daemon.isAlive(); tries++) {
      if (answers(host)) {
        if (options.offline) execFileSync("nsenter", [...enter().slice(1), "ip", "link", "set", "lo", "up"]);
        return;
      }
      await sleep(200);
    }
    const said = readFileSync(join(state, "log"), "utf8");
    await stop();
    throw new Error(`the second engine did not start:\n${said.split("\n").slice(-15).join("\n")}`);
  };
  const restart = async (how: "service" | "power") => {
    await daemon.end(how === "service" ? "SIGTERM" : "SIGKILL");
    rmSync(join(state, "docker.sock"), { force: true });
    // An engine that starts again and has pools of its own removes docker0, which is the other engine's. Its networks have theirs.
    prepareSettings(state, options, false);
    daemon = startDaemon([...words, ...flags, ...noFirewall], log);
    await isUp();
  };
  await isUp();
  return { host, state, enter: enter(), pid: daemon.pid, stop, restart };
}

const tlsFlags = [
  "--host=tcp://0.0.0.0:2376",
  "--tlsverify",
  "--tlscacert=/mnt/tls/ca.pem",
  "--tlscert=/mnt/tls/server-cert.pem",
  "--tlskey=/mnt/tls/server-key.pem",
];

/** Runs a program whose one child is the engine; both end with us. */
function startDaemon(words: readonly string[], log: number) {
  const child = spawn("setpriv", words, { stdio: ["ignore", log, log] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    if (isAlive() && signal === "SIGTERM") {
      const [engine] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ");
      if (engine) process.kill(Number(engine), "SIGTERM");
      await Promise.race([ended, sleep(20_000, undefined, { ref: false })]);
    }
    child.kill("SIGKILL");
    await ended;
    process.off("exit", kill);
  };
  return { pid: child.pid ?? 0, isAlive, end };
}

/** What the engine reads from its folder. */
function prepare(state: string, options: SecondEngineOptions): void {
  const { programs = [], cdi = [], tls } = options;
  for (const folder of ["programs", "cdi"]) mkdirSync(join(state, folder));
  for (const program of programs) cpSync(program, join(state, "programs", basename(program)));
  for (const [index, specification] of cdi.entries()) {
    writeFileSync(join(state, "cdi", `${index}.json`), JSON.stringify(specification));
  }
  if (tls !== undefined) cpSync(tls, join(state, "tls"), { recursive: true });
  prepareSettings(state, options, true);
}

/** @param withPools whether its new networks are ones that this machine's engine would not choose */
function prepareSettings(
  state: string,
  { containerdStore = false, runtimes = [], cdi = [] }: SecondEngineOptions,
  withPools: boolean,
): void {
  const settings = {
    features: { "containerd-snapshotter": containerdStore, ...(cdi.length > 0 && { cdi: true }) },
    ...(withPools && { "default-address-pools": [{ base: "198.51.100.0/24", size: 28 }] }),
    ...(cdi.length > 0 && { "cdi-spec-dirs": ["/mnt/cdi"] }),
    ...(runtimes.length > 0 && { runtimes: Object.fromEntries(runtimes.map((name) => [name, { path: "runc" }])) }),
  };
  writeFileSync(join(state, "daemon.json"), JSON.stringify(settings));
}

function answers(host: string): boolean {
  const { status, stderr } = spawnSync("docker", ["--host", host, "version"], { encoding: "utf8" });
  return status === 0 || stderr.includes("is too old"); // that is an answer, too
}

/** The links of an engine's networks. They stay when it ends, and one without room on its disk cannot remove a network. */
function bridgesOf(host: string): string[] {
  const words = ["network", "ls", "--quiet", "--filter=driver=bridge", "--filter=type=custom"];
  const { stdout } = spawnSync("docker", ["--host", host, ...words], { encoding: "utf8", timeout: 10_000 });
  return stdout.split("\n").flatMap((id) => (id === "" ? [] : `br-${id}`));
}
