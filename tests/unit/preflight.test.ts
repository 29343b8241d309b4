import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { evaluateDisks } from "../../src/checks/disk.ts";
import { evaluateTransport, evaluateWhichEngine } from "../../src/checks/engine-address.ts";
import { evaluateEngine, evaluateNoEngine } from "../../src/checks/engine-answers.ts";
import { evaluateCgroups } from "../../src/checks/gpu-cgroups.ts";
import { evaluateDevices } from "../../src/checks/gpu-devices.ts";
import { cudaOf, evaluateDriver, isDataCenterGpu } from "../../src/checks/gpu-driver.ts";
import { evaluateGpuOffer, type GpuSupport } from "../../src/checks/gpu-offer.ts";
import { evaluateToolkit } from "../../src/checks/gpu-toolkit.ts";
import { evaluateSharedPath } from "../../src/checks/host-paths.ts";
import { checkPorts, evaluateAddresses, evaluateTakenPort } from "../../src/checks/ports.ts";
import { preflight } from "../../src/checks/preflight.ts";
import { evaluateProxies } from "../../src/checks/proxies.ts";
import { evaluateRegistries, type SourceAnswer } from "../../src/checks/registries.ts";
import { colours, tableOf } from "../../src/checks/result-table.ts";
import { checkStorage } from "../../src/checks/storage.ts";
import type { CheckResult } from "../../src/model/check-result.ts";
import { isRemoteEngine } from "../../src/model/engine-address.ts";
import { sameIds } from "../../src/model/id-map.ts";
import type { Machine, RegistryBase } from "../../src/model/machine.ts";
import { askContext } from "../../src/observe/client-settings.ts";
import type { GpuHook } from "../../src/observe/gpu-hook.ts";
import type { Gpu } from "../../src/observe/nvidia-smi.ts";
import { whyNoLoopback } from "../../src/plan/build-network.ts";
import { chosenGpus } from "../../src/plan/chosen-gpus.ts";
import { plainMachine } from "../support/machine.ts";

const severities = (results: readonly CheckResult[]): string[] => results.map(({ severity }) => severity);
const textOf = (results: readonly CheckResult[]): string => tableOf(results).join("\n");

const gpu = (name: string, driver: string, index = 0): Gpu => ({
  index,
  uuid: `GPU-0000000${index}-aaaa`,
  name,
  driver,
  memoryMiB: 24564,
  maxClocks: {},
  applicationClocks: {},
});
const rtx4090 = (driver: string): Gpu[] => [gpu("NVIDIA GeForce RTX 4090", driver)];
const a100 = (driver: string): Gpu[] => [gpu("NVIDIA A100-SXM4-80GB", driver)];

test("the CUDA version is read from NVIDIA's own image, from any registry", () => {
  const base = (reference: string): RegistryBase => ({ kind: "registry", reference, onMismatch: "error", mirrors: [] });
  assert.equal(cudaOf(base("docker.1ms.run/nvidia/cuda:12.8.1-cudnn-devel-ubuntu24.04")), "12.8.1");
  assert.equal(cudaOf(base("nvidia/cuda:12.8.0-base-ubuntu24.04")), "12.8.0");
  assert.equal(cudaOf(base("ubuntu:24.04")), undefined);
  assert.equal(cudaOf({ kind: "debootstrap", suite: "trixie" }), undefined);
});

test("the driver that CUDA was built with, or a newer one, passes", () => {
  for (const driver of ["570.124.06", "570.133.20", "580.65.06", "595.71.05"]) {
    assert.deepEqual(severities(evaluateDriver(rtx4090(driver), "12.8.1")), ["ok"], driver);
  }
  assert.deepEqual(severities(evaluateDriver(rtx4090("570.26"), "12.8.0")), ["ok"]);
});

test("a driver between CUDA's minimum and the one it was built with is a warning, an older one an error with its fix", () => {
  assert.deepEqual(severities(evaluateDriver(rtx4090("570.86.10"), "12.8.1")), ["warning"]);
  const [old] = evaluateDriver(rtx4090("550.54.15"), "12.8.1");
  assert.equal(old?.severity, "error");
  assert.match(
    textOf(old ? [old] : []),
    /550\.54\.15, with a NVIDIA GeForce.*required: 570\.124\.06.*apt-get install nvidia-driver-570/s,
  );
});

test("the older branches that NVIDIA lists pass on data center GPUs by forward compatibility, and others fail", () => {
  for (const driver of ["470.256.02", "535.216.01", "550.127.08", "560.35.03", "565.57.01"]) {
    assert.match(textOf(evaluateDriver(a100(driver), "12.8.1")), /^\+ .*forward compatibility/, driver);
    assert.deepEqual(severities(evaluateDriver([gpu("NVIDIA RTX A6000", driver)], "12.8.1")), ["warning"], driver);
    assert.deepEqual(severities(evaluateDriver(rtx4090(driver), "12.8.1")), ["error"], driver);
  }
  for (const driver of ["525.147.05", "545.23.08", "555.42.06"]) {
    assert.deepEqual(severities(evaluateDriver(a100(driver), "12.8.1")), ["error"], driver);
  }
});

test("any driver passes for a base with an unknown CUDA version", () => {
  assert.deepEqual(severities(evaluateDriver(rtx4090("390.157"), undefined)), ["ok"]);
  assert.deepEqual(severities(evaluateDriver(rtx4090("390.157"), "11.8.0")), ["ok"]);
});

test("data center GPUs are recognized by name", () => {
  const data = [
    "Tesla T4",
    "Tesla V100-SXM2-16GB",
    "NVIDIA A100-SXM4-80GB",
    "NVIDIA H100 PCIe",
    "NVIDIA L40S",
    "NVIDIA GH200 480GB",
  ];
  const other = ["NVIDIA RTX A6000", "NVIDIA GeForce RTX 4090", "Quadro P2000", "NVIDIA T400", "NVIDIA TITAN RTX"];
  for (const name of data) assert.ok(isDataCenterGpu(name), name);
  for (const name of other) assert.ok(!isDataCenterGpu(name), name);
});

test("each failure of the driver has its fix", () => {
  const remedies = {
    mismatch: /error.*reboot/,
    "no-driver": /error.*modprobe nvidia/,
    lost: /error.*dmesg/,
    failed: /error.*run nvidia-smi/,
    absent: /warning.*apt-get install nvidia-driver/,
  } as const;
  for (const [problem, remedy] of Object.entries(remedies)) {
    const [finding] = evaluateDriver({ problem: problem as keyof typeof remedies, reason: "its words" }, "12.8.1");
    assert.ok(finding && "remedy" in finding);
    assert.match(`${finding.severity} ${finding.remedy}`, remedy);
  }
});

test("GPUs are selected by index and by UUID, and a missing one is reported with the available ones", () => {
  const gpus = [gpu("NVIDIA A100", "570.133.20", 0), gpu("NVIDIA A100", "570.133.20", 1)];
  assert.deepEqual(chosenGpus(["1"], gpus), [gpus[1]]);
  assert.deepEqual(chosenGpus(["GPU-00000000-aaaa"], gpus), [gpus[0]]);
  assert.deepEqual(chosenGpus("all", gpus), gpus);
  assert.deepEqual(chosenGpus("none", gpus), []);
  assert.deepEqual(severities(evaluateDevices(["0", "GPU-00000001"], gpus, [])), ["ok"]);
  const missing = textOf(evaluateDevices(["1", "2", "GPU-ffff"], gpus, []));
  assert.match(missing, /^x GPUs {2}not found: 2, GPU-ffff\n +required: one of: 0 \(GPU-00000000-aaaa\), 1 /);
  assert.deepEqual(severities(evaluateDevices("all", [], [])), ["error"]);
  assert.deepEqual(severities(evaluateDevices(["MIG-1234"], gpus, [])), ["ok"]);
});

test("without nvidia-smi, the CDI devices of the Docker Engine count", () => {
  const silent = { problem: "absent", reason: "" } as const;
  assert.deepEqual(severities(evaluateDevices(["0"], silent, ["0", "all"])), ["ok"]);
  assert.deepEqual(severities(evaluateDevices(["7"], silent, ["0", "all"])), ["error"]);
  assert.deepEqual(evaluateDevices("all", silent, ["0", "all"]), []);
});

const byRuntime = { mode: "runtime", devices: "all" } as const;
const byCdi = { mode: "cdi", devices: "all" } as const;
const listed = [{ ID: "nvidia.com/gpu=all" }, { ID: "nvidia.com/gpu=0" }];

test("a Docker Engine gives GPUs through a runtime, through the toolkit's hook or as CDI devices, as planned", () => {
  const runtimes = { Runtimes: { nvidia: {} } };
  assert.match(
    textOf(evaluateGpuOffer(byRuntime, { engine: runtimes, toolkit: "none" })),
    /^\+ .*through the NVIDIA runtime$/,
  );
  assert.match(
    textOf(evaluateGpuOffer(byRuntime, { engine: { Runtimes: {} }, toolkit: "1.17.8" })),
    /^\+ .*Toolkit's hook$/,
  );
  const none = { Runtimes: { runc: {} }, DiscoveredDevices: null };
  assert.match(
    textOf(evaluateGpuOffer(byRuntime, { engine: none, toolkit: "none" })),
    /^x .*neither an NVIDIA runtime/,
  );
  assert.deepEqual(severities(evaluateGpuOffer(byRuntime, { engine: none, toolkit: undefined })), ["error"]);
  const cdi = { Runtimes: {}, DiscoveredDevices: listed, CDISpecDirs: ["/etc/cdi"] };
  assert.match(textOf(evaluateGpuOffer(byCdi, { engine: cdi, toolkit: "none" })), /^\+ .*as CDI devices$/);
  assert.match(
    textOf(evaluateGpuOffer({ ...byRuntime, devices: ["7"] }, { engine: cdi, toolkit: "none" })),
    /^x .*not all of these GPUs as CDI devices \(it has all, 0\)/,
  );
});

test("a Docker Engine that started without the toolkit's hook is an error with a restart as the fix, unless the box runs", () => {
  const engine = { Runtimes: { nvidia: {} }, CDISpecDirs: null };
  const evaluate = (gpuHook: GpuHook | undefined, isRunning = false) =>
    evaluateGpuOffer(byRuntime, { engine, toolkit: "1.17.8", gpuHook }, isRunning);
  assert.match(
    textOf(evaluate("too-late")),
    /^x .*started before the NVIDIA Container Toolkit was installed.*Fix: sudo systemctl restart docker \(rootless: systemctl --user restart docker\), which stops running containers unless live-restore is on$/s,
  );
  assert.match(textOf(evaluate("missing")), /^x .*not on the Docker Engine's PATH.*install it .*restart docker/s);
  for (const hook of ["known", undefined] as const) assert.deepEqual(severities(evaluate(hook)), ["ok"], hook);
  for (const hook of ["too-late", "missing"] as const) assert.deepEqual(severities(evaluate(hook, true)), ["ok"], hook);
  const withCdi = { engine: { ...engine, CDISpecDirs: ["/etc/cdi"] }, toolkit: "1.17.8", gpuHook: "too-late" } as const;
  assert.match(
    textOf(evaluateGpuOffer(byRuntime, withCdi)),
    /restart docker .*mode: cdi and run: sudo nvidia-ctk cdi generate/,
  );
});

test("disabled CDI, a GPU in no specification and a missing file are errors, or warnings while the box runs", () => {
  const engine = { Runtimes: {}, CDISpecDirs: ["/etc/cdi", "/var/run/cdi"] };
  const evaluate = (ways: Partial<GpuSupport>, isRunning = false) =>
    evaluateGpuOffer(byCdi, { engine, ...ways }, isRunning);
  assert.deepEqual(severities(evaluate({})), ["ok"], "a Docker Engine that does not list its devices");
  assert.match(textOf(evaluate({ engine: { Runtimes: {}, CDISpecDirs: null } })), /^x .*CDI is off.*"cdi": true/s);
  const absent =
    /^x .*no CDI specification in \/etc\/cdi or \/var\/run\/cdi defines nvidia\.com\/gpu=all.*nvidia-ctk cdi generate/s;
  assert.match(textOf(evaluate({ cdi: [] })), absent);
  assert.match(textOf(evaluate({ engine: { ...engine, DiscoveredDevices: listed.slice(1) } })), absent);
  const device = (missing: string[]) => ({ name: "all", specification: "/var/run/cdi/nvidia.yaml", missing });
  assert.deepEqual(severities(evaluate({ cdi: [device([])] })), ["ok"]);
  const stale = [device(["/usr/lib/libcuda.so.535", "/usr/lib/libnvcuvid.so.535"])];
  assert.match(
    textOf(evaluate({ cdi: stale })),
    /^x .*nvidia\.yaml names files that do not exist: \/usr\/lib\/libcuda\.so\.535 and 1 more\n.*cdi generate --output=\/var\/run\/cdi\/nvidia\.yaml$/s,
  );
  assert.deepEqual(severities(evaluate({ cdi: stale }, true)), ["warning"]);
});

test("a toolkit without the fix for CVE-2025-23266 is a warning", () => {
  for (const version of ["1.17.8", "1.18.1", "2.0.0"])
    assert.deepEqual(severities(evaluateToolkit(version)), ["ok"], version);
  for (const version of ["1.17.7", "1.16.2", "1.8.0"])
    assert.match(textOf(evaluateToolkit(version)), /^! .*CVE-2025-23266/, version);
  assert.deepEqual(severities(evaluateToolkit("none")), ["warning"]);
  assert.deepEqual(severities(evaluateToolkit(undefined)), ["unseen"]);
});

test("the runtime's hook with systemd cgroups is a warning, CDI and cgroupfs pass", () => {
  assert.match(
    textOf(evaluateCgroups("runtime", { CgroupDriver: "systemd" })),
    /^! .*daemon-reload.*nvidia-ctk cdi generate/s,
  );
  assert.deepEqual(severities(evaluateCgroups("runtime", { CgroupDriver: "cgroupfs" })), ["ok"]);
  assert.deepEqual(severities(evaluateCgroups("cdi", { CgroupDriver: "systemd" })), ["ok"]);
});

const engine = {
  ServerVersion: "28.2.2",
  Driver: "overlay2",
  DockerRootDir: "/var/lib/docker",
  Runtimes: {},
  NCPU: 2,
  MemTotal: 1,
  KernelVersion: "6.1",
  OperatingSystem: "Debian",
  Architecture: "x86_64",
};

test("an old Docker Engine and a wasteful storage driver are warnings; an engine without --gpus is an error for a stack with GPUs", () => {
  assert.deepEqual(severities(evaluateEngine(engine, true)), ["ok", "ok"]);
  assert.deepEqual(
    severities(evaluateEngine({ ...engine, ServerVersion: "20.10.24+dfsg1", Driver: "overlayfs" }, true)),
    ["ok", "ok"],
  );
  assert.deepEqual(severities(evaluateEngine({ ...engine, ServerVersion: "18.09.1", Driver: "vfs" }, false)), [
    "warning",
    "warning",
  ]);
  assert.deepEqual(severities(evaluateEngine({ ...engine, ServerVersion: "18.09.1" }, true)), ["error", "ok"]);
});

test("a missing Docker Engine is an error with its reason", () => {
  assert.match(textOf(evaluateNoEngine({ problem: "denied", reason: "permission denied" })), /usermod -aG docker/);
  assert.match(textOf(evaluateNoEngine({ problem: "silent", reason: "" })), /does not answer \(no answer in time\)/);
  const tooOld = { problem: "other-version", reason: "client version 1.41 is too old. Minimum is 1.44" } as const;
  const silent = { problem: "silent", reason: "refused" } as const;
  const here = "unix:///nowhere/docker.sock";
  assert.match(textOf(evaluateNoEngine(silent)), /Fix: npm run setup$/m);
  assert.match(
    textOf(evaluateNoEngine(silent, here)),
    /start the Docker Engine at unix:\S+, or choose another one \(DOCKER_HOST/,
  );
  assert.match(
    textOf(evaluateNoEngine(silent, here, here)),
    /start the Docker Engine at unix:\S+, or correct benchbox:docker_host/,
  );
  assert.match(textOf(evaluateNoEngine(tooOld)), /no API version in common .*1\.41 is too old.*update the older/s);
  assert.match(textOf(evaluateNoEngine({ problem: "no-client", reason: "ENOENT" })), /npm run setup/);
  assert.match(
    textOf(evaluateNoEngine({ problem: "podman", reason: "4.3.1" }, "unix:///run/podman/podman.sock")),
    /^x .*Podman 4\.3\.1 answers on unix:\/\/\/run\/podman\/podman\.sock, not Docker Engine\n.*no BuildKit sessions/,
  );
});

test("a Docker Engine that the Docker provider would not find is an error", () => {
  const evaluate = (dockerHost: string | undefined, address: string | undefined, context?: string) =>
    evaluateWhichEngine({ dockerHost }, { address, context });
  assert.deepEqual(evaluate(undefined, undefined, "default"), []);
  assert.deepEqual(evaluate("ssh://a", "ssh://a"), []);
  assert.match(textOf(evaluate("ssh://a", undefined, "default")), /not set: .*export DOCKER_HOST=ssh:\/\/a/s);
  assert.match(textOf(evaluate(undefined, undefined, "lab")), /the context lab/);
});

test("the docker client's context is the one that the user selected", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-context-"));
  const before = { DOCKER_CONFIG: process.env.DOCKER_CONFIG, DOCKER_CONTEXT: process.env.DOCKER_CONTEXT };
  t.after(() => {
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    rmSync(folder, { recursive: true });
  });
  delete process.env.DOCKER_CONTEXT;
  process.env.DOCKER_CONFIG = folder;
  assert.equal(askContext(), "default");
  for (const [text, context] of [
    ['{"auths":{}}', "default"],
    ["not JSON", "default"],
    ['{"currentContext":"lab"}', "lab"],
  ] as const) {
    writeFileSync(join(folder, "config.json"), text);
    assert.equal(askContext(), context);
  }
  process.env.DOCKER_CONTEXT = "other";
  assert.equal(askContext(), "other");
});

test("a Docker Engine with TLS needs the stack's certificates, and one without TLS is a warning", () => {
  const address = "tcp://10.0.0.2:2376";
  const stack = { dockerHost: address, dockerCerts: "/certs/lab" };
  assert.deepEqual(evaluateWhichEngine(stack, { address, certs: "/certs/lab" }), []);
  assert.match(
    textOf(evaluateWhichEngine(stack, { address, certs: "/certs/other" })),
    /^x DOCKER_CERT_PATH {2}\/certs\/other\n/,
  );
  assert.match(
    textOf(evaluateWhichEngine(stack, { address })),
    /DOCKER_TLS_VERIFY is not set.*export DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH=\/certs\/lab/s,
  );
  assert.deepEqual(evaluateTransport({ address, certs: "~/.docker" }), []);
  for (const safe of [undefined, "unix:///run/docker.sock", "ssh://me@lab", "tcp://127.0.0.1:2375"]) {
    assert.deepEqual(evaluateTransport({ address: safe }), []);
  }
  assert.match(
    textOf(evaluateTransport({ address })),
    /^! Docker Engine {2}tcp:\/\/10\.0\.0\.2:2376 is used without TLS/,
  );
  assert.doesNotMatch(textOf(evaluateTransport({ address: "tcp://me:hunter2@10.0.0.2:2376" })), /hunter2/);
});

test("a Docker Engine's address shows whether it is on another host", () => {
  for (const address of ["ssh://me@gpu", "tcp://10.0.0.2:2375", "ssh://gpu:22"])
    assert.ok(isRemoteEngine(address), address);
  for (const address of [undefined, "", "unix:///run/docker.sock", "tcp://127.0.0.1:2375", "ssh://localhost"]) {
    assert.ok(!isRemoteEngine(address), address);
  }
});

test("a port in use is reported with its user", async () => {
  const wanted = { bind: "127.0.0.1", port: 0, purpose: "SSH", option: "benchbox:ssh.port" };
  assert.match(
    textOf(evaluateTakenPort({ ...wanted, port: 22 }, "other")),
    /already in use by the container other.*docker stop other; or set another benchbox:ssh\.port/s,
  );
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
  );
  assert.match(
    textOf(await checkPorts([{ ...wanted, port }], false)),
    /^x port \d+ on 127\.0\.0\.1 {2}already in use by another program/,
  );
  await new Promise((resolve) => server.close(resolve));
  assert.deepEqual(severities(await checkPorts([{ ...wanted, port }], false)), ["ok"]);
});

test("a disk must have room for the build, and otherwise a little free space", () => {
  const disk = (gib: number, folder = "/d") => ({ folder, freeBytes: gib * 2 ** 30 });
  const images = (gib: number) => ({ images: disk(gib) });
  assert.deepEqual(severities(evaluateDisks(images(30), "registry")), ["ok"]);
  assert.match(textOf(evaluateDisks(images(5.5), "registry")), /^x free disk {2}5\.5 GiB in \/d\n.*about 20 GiB/);
  assert.deepEqual(severities(evaluateDisks(images(5), "debootstrap")), ["ok"]);
  assert.deepEqual(severities(evaluateDisks(images(5), undefined)), ["ok"]);
  assert.deepEqual(severities(evaluateDisks(images(0.5), undefined)), ["warning"]);
  assert.deepEqual(severities(evaluateDisks(undefined, "registry")), ["unseen"]);
  const apart = (volumes: number) => ({ ...images(30), volumes: disk(volumes, "/var/lib/docker") });
  assert.deepEqual(severities(evaluateDisks(apart(5), "registry")), ["ok", "ok"], "the build uses the other disk");
  assert.match(
    textOf(evaluateDisks(apart(0.5), "registry")),
    /^! free disk for volumes {2}0\.5 GiB in \/var\/lib\/docker$/m,
  );
});

test("one registry with the base passes; none is an error, and one that may have it a warning", () => {
  const answer = (registry: string, state: SourceAnswer["state"]): SourceAnswer => ({
    registry,
    state,
    reason: "image not found",
  });
  const evaluate = (...answers: SourceAnswer[]) => evaluateRegistries("nvidia/cuda:1", answers);
  assert.deepEqual(severities(evaluate(answer("a", "unavailable"), answer("b", "available"))), ["ok"]);
  assert.match(
    textOf(evaluate(answer("a", "unavailable"), answer("b", "unavailable"))),
    /^x base image .*: a: image not found; b: image not found$/m,
  );
  assert.match(textOf(evaluate(answer("a", "unavailable"), answer("b", "unknown"))), /^! base image /m);
});

test("a proxy on the loopback address is refused for a remote Docker Engine, and its value is not shown", () => {
  const found = textOf(
    evaluateProxies({ HTTP_PROXY: "http://me:hidden@127.0.0.1:3128" }, whyNoLoopback({}, "ssh://gpu")),
  );
  assert.match(found, /HTTP_PROXY: on this host's loopback address/);
  assert.doesNotMatch(found, /hidden|3128/);
  assert.deepEqual(evaluateProxies({ HTTP_PROXY: "http://proxy.lan:3128" }, whyNoLoopback({}, "ssh://gpu")), []);
});

test("a proxy on the loopback address is refused for a build without the host's network", () => {
  const environment = { HTTPS_PROXY: "http://localhost:3128" };
  const found = (...SecurityOptions: string[]) =>
    textOf(evaluateProxies(environment, whyNoLoopback({ SecurityOptions }, undefined)));
  assert.match(
    found("name=seccomp,profile=builtin", "name=userns"),
    /^x proxies .* a Docker Engine with userns-remap cannot/,
  );
  assert.match(found("name=seccomp,profile=builtin", "name=rootless"), /^x proxies .* a rootless Docker Engine cannot/);
  assert.equal(found("name=seccomp,profile=builtin"), "");
});

test("a shared folder passes when the kernel would let the box's user write to it", () => {
  const path = { hostPath: "/data", uid: 3100, gid: 1100 };
  assert.deepEqual(severities(evaluateSharedPath(path, { uid: 3100, gid: 0, mode: 0o40755 })), ["ok"]);
  assert.deepEqual(severities(evaluateSharedPath(path, { uid: 0, gid: 1100, mode: 0o40775 })), ["ok"]);
  assert.deepEqual(severities(evaluateSharedPath(path, { uid: 0, gid: 0, mode: 0o41777 })), ["ok"]);
  assert.deepEqual(severities(evaluateSharedPath(path, { uid: 3100, gid: 0, mode: 0o40077 })), ["warning"]);
  assert.match(
    textOf(evaluateSharedPath(path, { uid: 1000, gid: 1000, mode: 0o40755 })),
    /uid 1000, gid 1000, mode 0755.*sudo chown 3100:1100 \/data/s,
  );
  assert.match(textOf(evaluateSharedPath(path, undefined)), /^x \/data .*sudo install -d -o 3100 -g 1100 \/data/s);
});

test("shared folders are inspected on the host", async () => {
  const folder = mkdtempSync(`${tmpdir()}/benchbox-shared-`);
  try {
    chmodSync(folder, 0o700);
    const { uid, gid } = { uid: (process.getuid?.() ?? 0) + 1, gid: (process.getgid?.() ?? 0) + 1 };
    const [user] = plainMachine.users;
    const mounts = [folder, `${folder}/gone`].map((host) => ({ host, path: "/data", readOnly: false }));
    const results = await checkStorage({ ...plainMachine, users: [{ ...user, uid, gid }], mounts }, sameIds);
    assert.deepEqual(severities(results), ["warning", "error"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const configured: Machine = {
  ...plainMachine,
  base: { kind: "registry", reference: "nvidia/cuda:12.8.1-base-ubuntu24.04", onMismatch: "error", mirrors: [] },
  build: { ...plainMachine.build, packages: [] },
  gpu: { devices: "all", mode: "auto" },
  storage: [],
};
const roomy = { images: { folder: "/var/lib/docker", freeBytes: 2 ** 40 } };
const running = { state: "running", published: ["127.0.0.1:22022"], steps: new Map() } as const;

test("checks that are not visible for a remote Docker Engine share one line", async () => {
  const host = { engine: { ...engine, Runtimes: { nvidia: {} } }, address: "ssh://gpu", isRemote: true };
  const remote = { ...configured, dockerHost: "ssh://gpu" };
  const results = await preflight(remote, { host, box: running, base: "abc" }, true);
  assert.ok(!results.some(({ severity }) => severity === "error" || severity === "warning"), textOf(results));
  assert.match(
    tableOf(results, "ssh://gpu").at(-1) ?? "",
    /^- not visible on ssh:\/\/gpu: NVIDIA driver, NVIDIA Container Toolkit, GPUs, free disk$/,
  );
});

test("all problems of a host are reported at once, and a missing driver only once", async () => {
  const bad = {
    engine,
    address: undefined,
    isRemote: false,
    disks: { images: { folder: "/var/lib/docker", freeBytes: 2 ** 29 } },
    toolkit: "1.17.4",
    gpus: rtx4090("535.183.01"),
  };
  const all = await preflight(configured, { host: bad, box: running, base: "abc" }, true);
  assert.deepEqual(
    all.filter(({ severity }) => severity !== "ok").map(({ severity, subject }) => `${severity} ${subject}`),
    ["error NVIDIA driver", "warning NVIDIA Container Toolkit", "warning free disk"],
  );
  const absent = { problem: "absent", reason: "" } as const;
  const bare = { ...bad, disks: roomy, toolkit: "none", gpus: absent };
  const once = await preflight(configured, { host: bare, box: running, base: "abc" }, true);
  assert.deepEqual(
    once.filter(({ severity }) => severity !== "ok").map(({ subject }) => subject),
    ["GPUs in containers"],
  );
});

test("a stack without GPUs gets no GPU results", async () => {
  const host = { engine, address: undefined, isRemote: false, disks: roomy };
  const results = await preflight(
    { ...configured, gpu: { devices: "none", mode: "auto" } },
    { host, box: running, base: "abc" },
    true,
  );
  assert.ok(
    results.every(({ severity, subject }) => severity === "ok" && !/GPU|NVIDIA/.test(subject)),
    textOf(results),
  );
});

test("the table marks each row, shows the requirement and the fix, and puts invisible subjects into one line", () => {
  const rows: CheckResult[] = [
    { severity: "ok", subject: "engine", found: "28" },
    { severity: "error", subject: "port", found: "in use", needed: "a free port", remedy: "stop it" },
    { severity: "unseen", subject: "free disk" },
    { severity: "unseen", subject: "NVIDIA driver" },
  ];
  assert.deepEqual(tableOf(rows, "ssh://gpu"), [
    "+ engine  28",
    "x port    in use",
    "          required: a free port",
    "          Fix: stop it",
    "- not visible on ssh://gpu: free disk, NVIDIA driver",
  ]);
  assert.equal(tableOf(rows, "", colours)[1], "\u001b[31mx\u001b[0m port    in use");
  assert.deepEqual(tableOf([]), []);
});

test("an address that the host does not have is reported before a container is replaced for it", () => {
  const wanted = ["0.0.0.0", "::", "127.0.0.5", "192.0.2.7", "10.99.99.99"].map((bind) => ({
    bind,
    port: 22022,
    purpose: "SSH",
    option: "benchbox:ssh.port",
  }));
  assert.match(
    textOf(evaluateAddresses(wanted, ["127.0.0.1", "::1", "192.0.2.7"])),
    /^[^\n]*port 22022 on 10\.99\.99\.99[^\n]*this host has no such address \(it has 192\.0\.2\.7\)[\s\S]*benchbox:ssh\.bind/,
  );
});
