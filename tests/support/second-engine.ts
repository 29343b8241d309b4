import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { engineFiles, engineUnderTest, hasCdi } from "./engines.ts";

export interface SecondEngine {
  /** Value for DOCKER_HOST. */
  readonly host: string;
  /** The only folder that it shares with this host; its path there is /mnt. */
  readonly state: string;
  /** Words to put before a command to run it in the Docker Engine's network. */
  readonly enter: readonly string[];
  /** Id of a process in its namespaces. */
  readonly pid: number;
  /** Stops the Docker Engine and removes everything that it created. */
  stop(): Promise<void>;
  /**
   * Restarts the Docker Engine with its data. `service`: stops its containers first, like a restart of its service; `power`: it, its
   * containers and its /run are gone at once, like after a power failure.
   */
  restart(how: "service" | "power"): Promise<void>;
}

export interface SecondEngineOptions {
  /** Whether to use containerd's image store, the default of a new installation of Docker 29. @default false: overlay2 */
  readonly containerdStore?: boolean;
  /** Programs to put first on its PATH: files of this host, which are copied to /mnt/programs. */
  readonly programs?: readonly string[];
  /** More names for its only runtime. */
  readonly runtimes?: readonly string[];
  /** Whether it has a separate network with only loopback and what it creates itself. @default false: this host's network */
  readonly offline?: boolean;
  /** Folder with ca.pem, server-cert.pem and server-key.pem; it then also listens on port 2376 of all its addresses. */
  readonly tls?: string;
  /** The oldest API version that it accepts. @default its own: 1.24 */
  readonly oldestApi?: string;
  /** Size of the disk for its data, in the notation of tmpfs. @default this host's disk */
  readonly disk?: string;
  /** CDI specifications. Without any, and before Docker 25, it has no CDI. */
  readonly cdi?: readonly object[];
}

/**
 * Starts a second Docker Engine, of the version under test, beside this host's: "another host" for tests. It shares this host's network, so
 * it reaches registries and proxies on the loopback device; its containers and builds have a network only with `--network host`. It runs in
 * separate mount and pid namespaces and ends with the test.
 */
export async function startSecondEngine(options: SecondEngineOptions = {}): Promise<SecondEngine> {
  const { root, programs = "" } = await engineFiles(engineUnderTest);
  // A short path, since that of a socket is limited to 107 bytes, and on disk, since an overlay cannot be mounted on tmpfs.
  const state = mkdtempSync("/var/tmp/bb-engine2.");
  // A separate bridge instead of --bridge=none: a daemon with that option removes docker0, which belongs to the host's Docker Engine.
  const bridge = `bb2-${state.slice(-6)}`;
  prepare(state, options);
  if (!options.offline) {
    execFileSync("ip", ["link", "add", bridge, "type", "bridge"]);
    // No range for documentation, since networks of tests and sandboxes have registries there.
    execFileSync("ip", ["addr", "add", `10.231.${process.pid % 250}.1/30`, "dev", bridge]);
  }
  const log = openSync(join(state, "log"), "w");
  // A killed test leaves no Docker Engine running.
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
    for (const link of others) spawnSync("ip", ["link", "delete", link]); // fails if it no longer exists
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
    const log = readFileSync(join(state, "log"), "utf8");
    await stop();
    throw new Error(`the second Docker Engine did not start:\n${log.split("\n").slice(-15).join("\n")}`);
  };
  const restart = async (how: "service" | "power") => {
    await daemon.end(how === "service" ? "SIGTERM" : "SIGKILL");
    rmSync(join(state, "docker.sock"), { force: true });
    // After a restart, a Docker Engine with its own pools removes docker0, which belongs to the host's. Its networks keep their ranges.
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

/** Starts a program whose only child is the Docker Engine; both end with this process. */
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

/** Writes the files that the Docker Engine reads from its folder. */
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

/** @param withPools whether it uses address ranges that this host's Docker Engine would not choose */
function prepareSettings(
  state: string,
  { containerdStore = false, runtimes = [], cdi: specifications = [] }: SecondEngineOptions,
  withPools: boolean,
): void {
  const cdi = hasCdi ? specifications : [];
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
  return status === 0 || stderr.includes("is too old"); // is an answer as well
}

/** The network links of a Docker Engine. They stay when it ends, and a Docker Engine with a full disk cannot remove its networks. */
function bridgesOf(host: string): string[] {
  const words = ["network", "ls", "--quiet", "--filter=driver=bridge", "--filter=type=custom"];
  const { stdout } = spawnSync("docker", ["--host", host, ...words], { encoding: "utf8", timeout: 10_000 });
  return stdout.split("\n").flatMap((id) => (id === "" ? [] : `br-${id}`));
}
