import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { redact } from "../../src/model/redact.ts";
import { isAtLeast } from "../../src/model/version.ts";
import { packagesWithCandidate } from "../../src/toolchain/apt.ts";
import { spaceProblem } from "../../src/toolchain/build.ts";
import { contentKey } from "../../src/toolchain/content-key.ts";
import { firstMismatch } from "../../src/toolchain/installed-packages.ts";
import { exitCodeOf, type Inspection, installPart, type Part } from "../../src/toolchain/part.ts";
import { PartTable, shorten } from "../../src/toolchain/part-table.ts";
import { isLocal } from "../../src/toolchain/parts/dockerd.ts";
import { elapsed, startStep } from "../../src/toolchain/progress.ts";
import { checksumIn, isTrustworthy } from "../../src/toolchain/release.ts";
import { resultText } from "../../src/toolchain/result-file.ts";
import { messageOf, SetupError } from "../../src/toolchain/setup-error.ts";

test("versions are compared numerically", () => {
  assert.ok(isAtLeast("v3.259.0", "3.259"));
  assert.ok(isAtLeast("go version go1.26.8 linux/amd64", "1.25.0"));
  assert.ok(isAtLeast("20.10.24+dfsg1", "18.09"));
  assert.ok(!isAtLeast("3.99.9", "3.259.0"));
  assert.ok(!isAtLeast("no version", "1.0"));
});

test("the key of a folder depends on names and bytes, but not on tests and Markdown", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-key-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "inner"));
  writeFileSync(join(folder, "inner/a.go"), "one");
  const first = contentKey(folder, "x64");
  assert.match(first, /^[0-9a-f]{16}$/);
  assert.notEqual(contentKey(folder, "arm64"), first);
  writeFileSync(join(folder, "inner/a_test.go"), "a test");
  writeFileSync(join(folder, "README.md"), "text");
  assert.equal(contentKey(folder, "x64"), first);
  writeFileSync(join(folder, "inner/a.go"), "two");
  assert.notEqual(contentKey(folder, "x64"), first);
});

test("installed packages are compared with the lock one by one", () => {
  const a = { version: "1.0.0", integrity: "sha512-a" };
  const otherSystem = { version: "1.0.0", optional: true, os: "win32" };
  const otherLibrary = { version: "1.0.0", optional: true, libc: ["musl"] };
  const thisSystem = { version: "1.0.0", optional: true, os: [process.platform], cpu: process.arch };
  const isInstalled = () => true;
  const locked = { packages: { "": {}, "node_modules/a": a } };
  assert.equal(firstMismatch(locked, { packages: { "node_modules/a": a } }, isInstalled), undefined);
  assert.equal(
    firstMismatch(locked, { packages: { "node_modules/a": a } }, () => false),
    "node_modules/a",
  );
  assert.equal(
    firstMismatch(locked, { packages: { "node_modules/a": { ...a, version: "1.0.1" } } }, isInstalled),
    "node_modules/a",
  );
  assert.equal(
    firstMismatch(locked, { packages: { "node_modules/a": a, "node_modules/b": a } }, isInstalled),
    "node_modules/b",
  );
  assert.equal(firstMismatch({ packages: { w: otherSystem, m: otherLibrary } }, {}, isInstalled), undefined);
  assert.equal(firstMismatch({ packages: { l: thisSystem } }, {}, isInstalled), "l");
});

test("credentials and proxies are redacted", () => {
  const environment = { HTTPS_PROXY: "http://someone:hunter2@proxy.example:3128", PATH: "/bin" };
  assert.equal(redact("dial http://someone:hunter2@proxy.example:3128 failed", environment), "dial (the proxy) failed");
  assert.equal(redact("user someone with hunter2", environment), "user someone with (the proxy)");
  assert.equal(redact("connect ECONNREFUSED proxy.example:3128", environment), "connect ECONNREFUSED (the proxy)");
  assert.equal(redact("https://a:b@example.org/x", {}), "https://***@example.org/x");
  assert.equal(redact("ssh git@example.org, /bin", environment), "ssh git@example.org, /bin");
});

test("a checksum is found by the exact name of its file", () => {
  const sum = "a".repeat(64);
  assert.equal(checksumIn(`${"b".repeat(64)}  x.tar.gz.sig\n${sum}  x.tar.gz\n`, "x.tar.gz"), sum);
  assert.equal(checksumIn(`${sum} *x.tar.gz`, "x.tar.gz"), sum);
  assert.equal(checksumIn("abc  x.tar.gz", "x.tar.gz"), undefined);
});

test("releases are only downloaded over https or from this host", () => {
  assert.ok(isTrustworthy("https://github.com/x"));
  assert.ok(isTrustworthy("http://127.0.0.1:8000/x"));
  assert.ok(!isTrustworthy("http://github.com/x"));
});

test("packages that the distribution does not have are skipped", () => {
  const policy = `docker.io:
  Installed: (none)
  Candidate: 20.10.24
  Version table:
docker-cli:
  Installed: (none)
  Candidate: (none)
  Version table:
`;
  assert.deepEqual(packagesWithCandidate(policy), ["docker.io"]);
});

test("too little free space is reported before a build", () => {
  assert.equal(spaceProblem(4e9, "/cache"), undefined);
  assert.match(
    spaceProblem(1.24e9, "/cache") ?? "",
    /needs about 3 GB, but the disk of \/cache has 1\.2 GB free\n {2}Fix: /,
  );
});

test("DOCKER_HOST is this host's Docker Engine only if it names the default socket", () => {
  assert.ok(isLocal(undefined));
  assert.ok(isLocal("unix:///var/run/docker.sock"));
  assert.ok(!isLocal("tcp://192.0.2.1:2375"));
  assert.ok(!isLocal("unix:///run/user/1000/docker.sock"));
});

test("the result quotes values for the shell", () => {
  const text = resultText({
    folders: ["/a b", "/c"],
    variables: { X: "it's $HOME" },
    stamp: "s",
    paths: ["/a b/node"],
  });
  assert.match(
    text,
    /^# stamp s\n# path \/a b\/node\nexport PATH='\/a b':\/c:"\$PATH"\nexport X='it'\\''s \$HOME'\n$/m,
  );
});

const noStep = { doing() {}, end() {} };

test("a part counts as installed only if it is found afterwards", async () => {
  const inspections: Inspection[] = [
    { isPresent: false, found: "nothing" },
    { isPresent: false, found: "still nothing" },
  ];
  const part = fakePart(async () => inspections.shift() as Inspection);
  const outcome = await installPart(part, { isPresent: false, found: "nothing" }, noStep);
  assert.equal(outcome.state, "failed");
  assert.equal(outcome.done, "installed it, but the part is still missing: found still nothing");
});

test("a part that was installed with an earlier one is not installed again", async () => {
  const part = fakePart(async () => ({ isPresent: true, found: "1.0" }));
  assert.equal((await installPart(part, { isPresent: false, found: "nothing" }, noStep)).state, "ready");
});

test("only required parts decide the exit code", () => {
  const part = fakePart(async () => ({ isPresent: false, found: "nothing" }));
  const missing = { part, inspection: { isPresent: false, found: "nothing" }, state: "missing", done: "" } as const;
  assert.equal(exitCodeOf([missing]), 1);
  assert.equal(exitCodeOf([{ ...missing, part: { ...part, optional: "Only x needs it." } }]), 0);
  assert.equal(exitCodeOf([{ ...missing, state: "done" }]), 0);
});

test("the rows of the table are aligned with its head", () => {
  const part = fakePart(async () => ({ isPresent: true, found: "1.0" }));
  const inspection = { isPresent: true, found: "1.0", where: "/home/x/bin" };
  const table = new PartTable([part], [inspection], "/home/x");
  assert.equal(table.head, "  part   required  found  result");
  assert.equal(table.row({ part, inspection, state: "ready", done: "" }), "  thing  it        1.0    ~/bin");
  assert.equal(shorten("/home/xy", "/home/x"), "/home/xy");
});

test("a long step writes a line every 15 seconds, and rewrites one line on a terminal", (t) => {
  t.mock.timers.enable({ apis: ["setInterval", "Date"] });
  const plain: string[] = [];
  const step = startStep("thing", { write: (text) => plain.push(text) });
  step.doing("building");
  for (let second = 0; second < 31; second++) t.mock.timers.tick(1000);
  step.end();
  assert.deepEqual(plain, ["  thing: building ...\n", "  thing: building (15 s)\n", "  thing: building (30 s)\n"]);

  const terminal: string[] = [];
  const shown = startStep("thing", { isTTY: true, columns: 20, write: (text) => terminal.push(text) });
  shown.doing("building something");
  t.mock.timers.tick(1000);
  shown.end();
  assert.ok(terminal.every((text) => text.startsWith("\r\u001b[K") && !text.includes("\n") && text.length < 24));
  assert.equal(terminal.length, 3);
});

test("durations are shown in seconds, then in minutes", () => {
  assert.equal(elapsed(8_400), "8 s");
  assert.equal(elapsed(72_000), "1 min 12 s");
});

test("a system error becomes a message with a fix", () => {
  const error = Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC", path: "/x" });
  assert.match(messageOf(error), /^the disk is full \(\/x\)\n {2}Fix: free some space/);
  assert.equal(messageOf(new SetupError("it failed")), "it failed");
});

function fakePart(inspect: () => Promise<Inspection>): Part {
  return { name: "thing", wanted: "it", inspect, install: async () => "installed it" };
}
