import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import { checkPorts } from "../../src/checks/ports.ts";
import { isPortOrderUnknown } from "../../src/plan/container-spec.ts";
import { loadStack, stackProblems } from "../support/stack.ts";

const portsOf = (...lines: string[]) =>
  loadStack(`  benchbox:ports:\n${lines.map((one) => `    - ${one}\n`).join("")}`).ports;
const problemsOf = (...lines: string[]) =>
  stackProblems(`  benchbox:ports:\n${lines.map((one) => `    - ${one}\n`).join("")}`);
const bind = "127.0.0.1";

test("ports are ranges, UDP, and several of the host for one of the box", () => {
  assert.deepEqual(portsOf('{ host: "6006-6007" }', "{ host: 53, protocol: both }"), [
    { host: 53, container: 53, protocol: "tcp", bind },
    { host: 53, container: 53, protocol: "udp", bind },
    { host: 6006, container: 6006, protocol: "tcp", bind },
    { host: 6007, container: 6007, protocol: "tcp", bind },
  ]);
  const shared = portsOf("{ host: 8081, container: 80 }", "{ host: 8080, container: 80 }");
  assert.deepEqual(
    shared.map(({ host }) => host),
    [8080, 8081],
  );
  assert.equal(isPortOrderUnknown({ ports: shared }), true);
  assert.equal(isPortOrderUnknown({ ports: portsOf("{ host: 8080 }") }), false);
  assert.deepEqual(
    portsOf("{ host: 9000-9001, container: 1-2, protocol: udp }").map(({ container }) => container),
    [1, 2],
  );
  assert.equal(portsOf("{ host: 22022, protocol: udp }").length, 1, "SSH uses TCP");
});

test("wrong ports are refused with their lines, a range once", () => {
  assert.deepEqual(
    problemsOf("{ host: 0 }", "{ host: 9-1 }", '{ host: "1-999" }', "{ host: x }", "{ host: 1, protocol: sctp }"),
    [
      "3: ports[0].host: 0 must be between 1 and 65535",
      '4: ports[1].host: "9-1" must have the lower port first',
      '5: ports[2].host: "1-999" must be a range of at most 256 ports',
      '6: ports[3].host: "x" must be a port or a range, for example 8888 or 6006-6010',
      '7: ports[4].protocol: "sctp" must be "tcp", "udp" or "both"',
    ],
  );
  assert.deepEqual(problemsOf("{ host: 1-3, container: 1-2 }", "{ host: 20000-20010 }", "{ host: 20005-20006 }"), [
    "3: ports[0].container: has 2 ports, and `host` has 3; write as many",
    "5: ports[2].host: 20005 is already used by another entry; choose another",
    "5: ports[2].host: 20006 is already used by another entry; choose another",
  ]);
});

test("SSH may use a port below 1024, which a rootless Docker Engine may not publish", async () => {
  assert.equal(loadStack("  benchbox:ssh: { port: 222 }\n").ssh.port, 222);
  const wanted = { bind, port: 222, purpose: "SSH", option: "benchbox:ssh.port" };
  assert.match(
    JSON.stringify(await checkPorts([wanted], false, 1024)),
    /a rootless Docker Engine may not publish it.*sudo sysctl net\.ipv4\.ip_unprivileged_port_start=222; or set another/,
  );
});

test("a UDP port in use is reported", async () => {
  const socket = createSocket("udp4");
  const port = await new Promise<number>((resolve) => socket.bind(0, bind, () => resolve(socket.address().port)));
  const wanted = { bind, port, protocol: "udp", purpose: "port 1 of the box", option: "benchbox:ports" } as const;
  const [taken] = await checkPorts([wanted], false);
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  assert.match(JSON.stringify(taken), /UDP port \d+ on 127\.0\.0\.1.*already in use by another program.*ss -lpun/);
  assert.equal((await checkPorts([wanted], false))[0]?.severity, "ok");
});
