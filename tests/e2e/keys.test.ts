import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Clone, docker, freePort } from "../support/clone.ts";
import { assertSilent, plannedSteps } from "./plan.ts";

const skip = process.getuid?.() !== 0 && "it creates a device file, which requires root";

/** A box with many options of the stack at once, since each box takes a while to build. */
describe("the options of a box", { concurrency: 1, skip }, () => {
  let clone: Clone;
  const device = `/dev/benchbox-${process.pid}-0`;
  /** Its group has no name in the box. */
  const unnamed = device.replace(/0$/, "1");
  const volume = `benchbox-test-${process.pid}`;
  const subnet = `10.214.${process.pid % 250}.0/24`;
  let ports: number;
  const file = () => `Pulumi.${clone.stack}.yaml`;

  before(async () => {
    ports = await freePort();
    clone = new Clone(`key${process.pid}`, await freePort());
    for (const [path, gid] of [
      [device, 44],
      [unnamed, 4711],
    ] as const) {
      execFileSync("mknod", ["--mode=0660", path, "c", "1", "5"]);
      chownSync(path, 0, gid);
    }
    docker("volume", "create", volume);
    const shared = join(clone.home, "shared cache");
    mkdirSync(shared, { recursive: true });
    for (const folder of [join(clone.home, ".."), clone.home]) chmodSync(folder, 0o755);
    writeFileSync(join(shared, "app.conf"), "setting\n");
    chownSync(shared, 3100, 1100);
    clone.write("seccomp.json", clone.read("src/plan/user-namespaces-seccomp.json"));
    clone.write(
      file(),
      `${clone.read(file())}  benchbox:devices: [${device.replace(/0$/, "*")}]
  benchbox:mounts:
    - { host: "${shared}", path: ~/.cache/huggingface }
    - { host: "${shared}/app.conf", path: /etc/app.conf, read_only: true }
    - { volume: ${volume}, path: /datasets }
    - { volume: ram, path: /ram, options: { type: tmpfs, device: tmpfs, o: "size=16m" } }
    - { tmpfs: 32m, path: /scratch }
  benchbox:security: { seccomp: seccomp.json, apparmor: unconfined }
  benchbox:pid: host
  benchbox:limits: { cpuset: 0, nproc: 4096, hugepages: 2m, oom_score_adj: 500 }
  benchbox:network: { mtu: 1400, subnet: ${subnet}, dns: [192.0.2.53], dns_search: [lab.lan], extra_hosts: { nas: 192.0.2.5 } }
  benchbox:ports:
    - { host: ${ports}, container: 80 }
    - { host: ${ports + 1}, container: 80 }
    - { host: ${ports + 2}, container: 80, protocol: udp }
    - { host: ${ports + 3}-${ports + 4}, container: 90-91, protocol: both }
`,
    );
    clone.firstRun();
    await clone.up();
  });
  after(async () => {
    await clone.purge();
    docker("volume", "rm", volume);
    for (const path of [device, unnamed]) rmSync(path, { force: true });
    clone.remove();
  });

  const containerId = (): string => docker("container", "inspect", "--format", "{{.Id}}", clone.name);
  const replaceIn = (from: string, to: string): void => clone.replaceIn(file(), from, to);

  test("plan no change for an unchanged box", () => assertSilent(clone));

  test("give its user the devices, by their group", async () => {
    const read = `for device in ${device} ${unnamed}; do head --bytes=1 $device | od -An -tx1; done; id -Gn`;
    assert.match(await clone.ssh(read), /^ 00\n 00\n.*\bvideo device-4711\b/);
  });

  test("mount folders below a home, files, volumes and memory, and the user may write to them", async () => {
    const script = [
      "stat --format=%U ~/.cache /datasets /ram",
      "touch ~/.cache/mine ~/.cache/huggingface/model /datasets/x /ram/x /scratch/x",
      "cat /etc/app.conf ~/.bashrc | head --lines=1",
      "df --output=size --block-size=1M /scratch /ram | grep -v M | xargs",
    ];
    assert.equal(await clone.ssh(script.join(" && ")), "peid\npeid\npeid\nsetting\n32 16\n");
  });

  test("limit CPUs, processes and the OOM score, in place where Docker can", async () => {
    const id = containerId();
    const inBox = () => clone.ssh("nproc; ulimit -u; cat /proc/self/oom_score_adj; stat -f --format=%T /dev/hugepages");
    assert.equal(await inBox(), "1\n4096\n500\nhugetlbfs\n");
    replaceIn("cpuset: 0, nproc: 4096, hugepages: 2m, oom_score_adj: 500", "cpuset: 0-1, nproc: 4096, hugepages: 2m");
    assert.deepEqual(await plannedSteps(clone), ["replace start"]);
    await clone.up();
    assert.equal(await inBox(), "2\n4096\n0\nhugetlbfs\n");
    assert.equal(containerId(), id);
    await assertSilent(clone);
  });

  test("that somebody changes by hand are drift, and are set again in the same container", async () => {
    const id = containerId();
    docker("update", "--cpuset-cpus=1", clone.name);
    assert.deepEqual(await plannedSteps(clone), ["replace start"]);
    await clone.up();
    assert.equal(containerId(), id);
    await assertSilent(clone);
  });

  test("publish ports by range, by protocol, and several for one port of the box", async () => {
    const published = docker("port", clone.name, "80/tcp").split("\n").sort();
    assert.deepEqual(published, [`127.0.0.1:${ports}`, `127.0.0.1:${ports + 1}`].sort());
    assert.equal(docker("port", clone.name, "91/udp"), `127.0.0.1:${ports + 4}`);
  });

  test("set up the box's own network, which is changed with the same container", async () => {
    const id = containerId();
    const inBox = () => clone.ssh("cat /sys/class/net/eth*/mtu; grep -c nas /etc/hosts; grep ^search /etc/resolv.conf");
    assert.equal(await inBox(), "1400\n1\nsearch lab.lan\n");
    replaceIn("mtu: 1400", "mtu: 1380");
    assert.deepEqual(await plannedSteps(clone), ["update network"]);
    await clone.up();
    assert.match(await inBox(), /^1380\n/);
    assert.equal(containerId(), id);
    assert.match(
      docker("container", "inspect", "--format", "{{json .NetworkSettings.Networks}}", clone.name),
      /10\.214\./,
    );
    await assertSilent(clone);
  });

  test("show the processes of the host, and a stop ends none of them", async () => {
    const bystander = execFileSync("sh", ["-c", "sleep 600 >/dev/null 2>&1 & echo $!"], { encoding: "utf8" }).trim();
    try {
      assert.match(await clone.ssh(`cat /proc/${bystander}/comm`), /^sleep$/m);
      const began = Date.now();
      docker("exec", "--detach", clone.name, "sleep", "601");
      docker("stop", "--time", "30", clone.name);
      assert.ok(Date.now() - began < 15_000, "the box's own processes are ended");
      process.kill(Number(bystander), 0);
      assert.deepEqual(await plannedSteps(clone), ["replace start"]);
      await clone.up();
      await assertSilent(clone);
    } finally {
      process.kill(Number(bystander));
    }
  });

  test("move the box to the host's network, an existing one and another container's, and back", async () => {
    const withoutPorts = clone.read(file()).replace(/ {2}benchbox:ports:\n( {4}.*\n)*/, "");
    const move = async (network: string): Promise<void> => {
      clone.write(file(), withoutPorts.replace(/ {2}benchbox:network: .*\n/, `  benchbox:network: ${network}\n`));
      await clone.up();
      assert.match(await clone.ssh("whoami"), /^peid$/m);
      await assertSilent(clone);
    };
    const port = /port: (\d+)/.exec(withoutPorts)?.[1];
    const [net, other] = [`${volume}-net`, `${volume}-other`];
    try {
      await move("host");
      assert.equal(docker("network", "ls", "--quiet", "--filter", `name=^${clone.name}$`), "", "its own is removed");
      docker("network", "create", net);
      await move(`{ existing: ${net} }`);
      docker("network", "disconnect", net, clone.name);
      await clone.up();
      await assertSilent(clone);
      await clone.down();
      const words = ["--publish", `127.0.0.1:${port}:22`, clone.base(), "sleep", "infinity"];
      docker("run", "--detach", "--name", other, ...words);
      await move(`{ container: ${other} }`);
      docker("rm", "--force", other);
      await move("{}");
    } finally {
      for (const words of [
        ["rm", "--force", other],
        ["network", "rm", net],
      ])
        spawnSync("docker", words);
    }
  });

  test("keep an unplugged device of a pattern until a new container is needed", async () => {
    const id = containerId();
    rmSync(device);
    assert.deepEqual(await plannedSteps(clone), []);
    assert.equal(containerId(), id);
  });
});
