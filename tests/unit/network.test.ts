import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluateHostNetwork, evaluateJoined } from "../../src/checks/network.ts";
import { missingNetwork } from "../../src/model/container-mark.ts";
import { networkOptions, optionsHash } from "../../src/model/network.ts";
import { isNetworkChanged } from "../../src/plan/assess.ts";
import { containerSpec, partNames } from "../../src/plan/container-spec.ts";
import { networkDrifts } from "../../src/plan/drift.ts";
import { plainMachine } from "../support/machine.ts";
import { loadStack, stackProblems } from "../support/stack.ts";

const networkOf = (text: string) => loadStack(`  benchbox:network: ${text}\n`).network;
const specOf = (text: string, joined?: string) =>
  containerSpec(
    "box",
    {
      machine: { ...plainMachine, network: networkOf(text) },
      gpus: undefined,
      joined,
      devices: [],
      limits: { args: {} },
      setsNewPrivileges: true,
    },
    partNames("box", "box:1"),
  );

test("a network is the box's own, the host's, an existing one or another container's", () => {
  assert.deepEqual(
    [networkOf("{}").kind, networkOf("host").kind, networkOf("{ mode: host }").kind],
    ["own", "host", "host"],
  );
  const { kind, name } = networkOf("{ existing: lab, dns: [10.0.0.53] }");
  assert.deepEqual([kind, name], ["existing", "lab"]);
  assert.equal(networkOf("{ container: vpn }").name, "vpn");
  const own = networkOf('{ mtu: 9000, subnet: 10.77.0.0/24, ipv6: "fd77:1::/64" }');
  const mtu = ["--opt", "com.docker.network.driver.mtu=9000"];
  assert.deepEqual(networkOptions(own), [...mtu, "--subnet", "10.77.0.0/24", "--ipv6", "--subnet", "fd77:1::/64"]);
});

test("a wrong network is refused with its line", () => {
  const problems = (text: string, more = "") => stackProblems(`  benchbox:network:\n    ${text}\n${more}`);
  for (const [text, rule] of [
    ["lan", /^3?2?: network\.mode: "lan" must be "own" or "host"$/],
    ["mtu: 100", /^3: network\.mtu: 100 must be at least 1280$/],
    ["subnet: 10.0.0.0", /^3: network\.subnet: "10\.0\.0\.0" must be an IPv4 range, for example 10\.77\.0\.0\/24$/],
    ["subnet: 10.0.0.0/33", /must be an IPv4 range/],
    ['ipv6: "10.0.0.0/24"', /must be an IPv6 range/],
    ["dns: [nas]", /^3: network\.dns\[0\]: "nas" must be an IP address$/],
    [
      'extra_hosts: { nas: "fd00::1" }',
      /network\.extra_hosts\.nas: "fd00::1" must be an IPv4 address, or host-gateway/,
    ],
    ["{ existing: lab, mtu: 9000 }", /network\.mtu: 9000 is for the box's own network only, not with `existing`/],
    ["{ mode: host, container: vpn }", /network\.container: "vpn" excludes `mode`/],
    ["{ container: vpn, dns: [1.1.1.1] }", /network\.dns: is the other container's, with `container`/],
  ] as const)
    assert.match(problems(text).join("\n"), rule);
  const ports = "  benchbox:ports: [{ host: 80 }]\n  benchbox:x11: { server: {} }\n  benchbox:hostname: me\n";
  assert.deepEqual(
    problems("mode: host", ports).map((line) => line.split(":")[1]?.trim()),
    ["ports", "x11.server"],
  );
  assert.deepEqual(
    problems("container: vpn", ports).map((line) => line.split(":")[1]?.trim()),
    ["ports", "x11.server", "hostname"],
  );
});

test("on the host's network SSH listens on its own port, and nothing is published", () => {
  const { networkMode, networksAdvanced, ports, envs, hostname } = specOf("host");
  assert.deepEqual([networkMode, networksAdvanced, ports, hostname], ["host", undefined, undefined, "box"]);
  assert.ok((envs as string[]).includes("BENCHBOX_SSH_LISTEN=127.0.0.1:22022"));
});

test("another container's network is that of its id, so that one that was created again is noticed", () => {
  const { networkMode, ports, hostname } = specOf("{ container: vpn }", "abc");
  assert.deepEqual([networkMode, ports, hostname], ["container:abc", undefined, undefined]);
});

test("an existing network takes the place of the box's own, with names and DNS servers", () => {
  const spec = specOf("{ existing: lab, dns: [10.0.0.53], dns_search: [lab.lan], extra_hosts: { nas: 10.0.0.5 } }");
  assert.deepEqual(spec.networksAdvanced, [{ name: "lab" }]);
  assert.deepEqual(
    [spec.dns, spec.dnsSearches, spec.hosts],
    [["10.0.0.53"], ["lab.lan"], [{ host: "nas", ip: "10.0.0.5" }]],
  );
  const plain = specOf("{}");
  assert.deepEqual([plain.dns, plain.dnsSearches, plain.hosts], [undefined, undefined, undefined]);
});

test("other options of the box's own network are a change of the network alone", () => {
  const network = networkOf("{ mtu: 9000 }");
  assert.equal(isNetworkChanged({ network }, { networkOptions: optionsHash(networkOptions(network)) }), false);
  assert.equal(isNetworkChanged({ network }, { networkOptions: undefined }), true);
  assert.equal(isNetworkChanged(plainMachine, { networkOptions: undefined }), false);
  const [one] = networkDrifts("made", { state: "running" }, true);
  assert.deepEqual([one?.by, one?.isReplacing], ["network", false]);
});

test("a container is missing on its network only where it has one", () => {
  const found = (NetworkMode: string, networks: string[], network?: string) =>
    missingNetwork("box", {
      Config: { Labels: network === undefined ? null : { "benchbox.container.network": network } },
      HostConfig: { NetworkMode },
      NetworkSettings: { Networks: Object.fromEntries(networks.map((one) => [one, {}])) },
    });
  assert.equal(found("bridge", ["box"]), undefined);
  assert.equal(found("bridge", ["lab"]), "box");
  assert.equal(found("bridge", ["lab"], "lab"), undefined);
  assert.equal(found("host", ["host"]), undefined);
  assert.equal(found("container:abc", []), undefined);
});

test("preflight checks that the other container publishes the SSH port, and what engines cannot do", () => {
  const machine = { ...plainMachine, network: networkOf("{ container: vpn }") };
  const joined = (HostIp: string) => ({
    Id: "abc",
    State: { Running: true },
    NetworkSettings: { Ports: { "22/tcp": [{ HostIp, HostPort: "22022" }] } },
  });
  assert.equal(evaluateJoined(machine, joined("127.0.0.1"))[0]?.severity, "ok");
  assert.match(JSON.stringify(evaluateJoined(machine, joined("0.0.0.0"))), /publishes port 22 on 0\.0\.0\.0:22022/);
  assert.match(JSON.stringify(evaluateJoined(machine, undefined)), /start it with -p 127\.0\.0\.1:22022:22/);
  assert.equal(evaluateHostNetwork({ SecurityOptions: [] })[0]?.severity, "ok");
  for (const option of ["name=rootless", "name=userns"])
    assert.equal(evaluateHostNetwork({ SecurityOptions: [option] })[0]?.severity, "error");
});
