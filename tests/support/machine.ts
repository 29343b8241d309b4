import type { Machine } from "../../src/model/machine.ts";
import type { HostObservation } from "../../src/observe/host.ts";

/** A minimal configuration: Debian, no GPU, one user without keys. Tests change the parts that they test. */
export const plainMachine: Machine = {
  name: "box",
  base: { kind: "debootstrap", suite: "trixie" },
  build: {
    useProxy: true,
    packages: ["nano"],
    aptSources: [],
    requireAptSources: false,
    locale: "C.UTF-8",
    timezone: "Etc/UTC",
    scripts: [],
  },
  gpu: { devices: "none", mode: "auto" },
  limits: { shm: 8 * 2 ** 30, ipc: "private", log: { maxSize: 10 * 2 ** 20, maxFile: 3 } },
  capabilities: [],
  userNamespaces: false,
  security: { privileged: false },
  pid: "private",
  users: [
    { name: "peid", uid: 3100, gid: 1100, groups: [], shell: "bash", sudo: true, publicKeys: [], withAgent: false },
  ],
  ssh: { bind: "127.0.0.1", host: "127.0.0.1", port: 22022, keyGeneration: 0 },
  notices: [],
  storage: [
    { key: "home-peid", path: "/home/peid" },
    { key: "soft", path: "/soft" },
    { key: "workspace", path: "/workspace" },
  ],
  mounts: [],
  devices: [],
  ports: [],
  network: { kind: "own", dns: [], dnsSearch: [], extraHosts: {} },
  environment: {},
  secrets: [],
  hostname: "box",
  x11: { socket: false },
  caCertificates: [],
  gitIdentity: {},
  firstRun: [],
  hooks: { start: [], login: [] },
  tools: { policy: "locked", mirrors: {} },
};

/** A Docker Engine on this host with default settings. */
export const plainHost = {
  engine: {
    ServerVersion: "28.2.2",
    Driver: "overlay2",
    DockerRootDir: "/var/lib/docker",
    Runtimes: {},
    SecurityOptions: ["name=seccomp,profile=builtin"],
    NCPU: 2,
    MemTotal: 2 ** 30,
    KernelVersion: "6.1",
    OperatingSystem: "Debian",
    Architecture: "x86_64",
  },
  address: undefined,
  isRemote: false,
} satisfies HostObservation;
