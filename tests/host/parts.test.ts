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
import { exitCodeOf, getPart, type Look, type Part } from "../../src/toolchain/part.ts";
import { headOf, rowOf, shorten, widthsOf } from "../../src/toolchain/part-table.ts";
import { isLocal } from "../../src/toolchain/parts/dockerd.ts";
import { elapsed, startStep } from "../../src/toolchain/progress.ts";
import { checksumIn, isTrustworthy } from "../../src/toolchain/release.ts";
import { quote, resultText } from "../../src/toolchain/result-file.ts";
import { Problem, sentenceOf } from "../../src/toolchain/setup-error.ts";

test("versions are compared by number, not by letter", () => {
  assert.ok(isAtLeast("v3.259.0", "3.259"));
  assert.ok(isAtLeast("go version go1.26.8 linux/amd64", "1.25.0"));
  assert.ok(isAtLeast("20.10.24+dfsg1", "18.09"));
  assert.ok(!isAtLeast("3.99.9", "3.259.0"));
  assert.ok(!isAtLeast("no version", "1.0"));
});

test("the key of a folder follows names and bytes, and neither tests nor prose", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-key-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "inner"));
  writeFileSync(join(folder, "inner/a.go"), "one");
  const first = contentKey(folder, "x64");
  assert.match(first, /^[0-9a-f]{16}$/);
  assert.notEqual(contentKey(folder, "arm64"), first);
  writeFileSync(join(folder, "inner/a_test.go"), "a test");
  writeFileSync(join(folder, "README.md"), "prose");
  assert.equal(contentKey(folder, "x64"), first);
  writeFileSync(join(folder, "inner/a.go"), "two");
  assert.notEqual(contentKey(folder, "x64"), first);
});

test("installed packages are compared with the lock one by one", () => {
  const a = { version: "1.0.0", integrity: "sha512-a" };
  const otherMachine = { version: "1.0.0", optional: true, os: "win32" };
  const otherLibrary = { version: "1.0.0", optional: true, libc: ["musl"] };
  const thisMachine = { version: "1.0.0", optional: true, os: [process.platform], cpu: process.arch };
  const there = () => true;
  const locked = { packages: { "": {}, "node_modules/a": a } };
  assert.equal(firstMismatch(locked, { packages: { "node_modules/a": a } }, there), undefined);
  assert.equal(
    firstMismatch(locked, { packages: { "node_modules/a": a } }, () => false),
    "node_modules/a",
  );
  assert.equal(
    firstMismatch(locked, { packages: { "node_modules/a": { ...a, version: "1.0.1" } } }, there),
    "node_modules/a",
  );
  assert.equal(
    firstMismatch(locked, { packages: { "node_modules/a": a, "node_modules/b": a } }, there),
    "node_modules/b",
  );
  assert.equal(firstMismatch({ packages: { w: otherMachine, m: otherLibrary } }, {}, there), undefined);
  assert.equal(firstMismatch({ packages: { l: thisMachine } }, {}, there), "l");
});

test("credentials and proxies do not reach a log", () => {
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

test("only https and this machine itself are asked for releases", () => {
  assert.ok(isTrustworthy("https://github.com/x"));
  assert.ok(isTrustworthy("http://127.0.0.1:8000/x"));
  assert.ok(!isTrustworthy("http://github.com/x"));
});

test("packages that the distribution does not have are left out", () => {
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

test("too little disk is told before a build", () => {
  assert.equal(spaceProblem(4e9, "/cache"), undefined);
  assert.match(spaceProblem(1.24e9, "/cache") ?? "", /needs about 3 GB, and the disk of \/cache has 1\.2 GB free/);
});

test("DOCKER_HOST is this machine's engine only when it names the usual socket", () => {
  assert.ok(isLocal(undefined));
  assert.ok(isLocal("unix:///var/run/docker.sock"));
  assert.ok(!isLocal("tcp://192.0.2.1:2375"));
  assert.ok(!isLocal("unix:///run/user/1000/docker.sock"));
});

test("the result quotes what a shell would read", () => {
  assert.equal(quote("it's a $HOME"), `'it'\\''s a $HOME'`);
  const text = resultText({ folders: ["/a b", "/c"], variables: { X: "1" }, stamp: "s", paths: ["/a b/node"] });
  assert.match(text, /^# stamp s\n# path \/a b\/node\nexport PATH='\/a b':'\/c':"\$PATH"\nexport X='1'\n$/m);
});

const noStep = { doing() {}, end() {} };

test("a part counts as got only when looking again finds it", async () => {
  const looks: Look[] = [
    { there: false, found: "nothing" },
    { there: false, found: "still nothing" },
  ];
  const part = partLooking(async () => looks.shift() as Look);
  const outcome = await getPart(part, { there: false, found: "nothing" }, noStep);
  assert.equal(outcome.state, "failed");
  assert.equal(outcome.done, "got it, and looking again still finds: still nothing");
});

test("a part that an earlier one has brought is not got again", async () => {
  const part = partLooking(async () => ({ there: true, found: "1.0" }));
  assert.equal((await getPart(part, { there: false, found: "nothing" }, noStep)).state, "ready");
});

test("only what is needed decides the exit code", () => {
  const part = partLooking(async () => ({ there: false, found: "nothing" }));
  const missing = { part, look: { there: false, found: "nothing" }, state: "missing", done: "" } as const;
  assert.equal(exitCodeOf([missing]), 1);
  assert.equal(exitCodeOf([{ ...missing, part: { ...part, optional: "Only x needs it." } }]), 0);
  assert.equal(exitCodeOf([{ ...missing, state: "done" }]), 0);
});

test("the rows of the table stand under its head", () => {
  const part = partLooking(async () => ({ there: true, found: "1.0" }));
  const widths = widthsOf([part], ["1.0"]);
  const row = rowOf(
    { part, look: { there: true, found: "1.0", where: "/home/x/bin" }, state: "ready", done: "" },
    widths,
    "/home/x",
  );
  assert.equal(headOf(widths), "  part   looked for  found  done, where");
  assert.equal(row, "  a part it          1.0    ~/bin".replace("a part", "thing "));
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

test("times are told in seconds, then in minutes", () => {
  assert.equal(elapsed(8_400), "8 s");
  assert.equal(elapsed(72_000), "1 min 12 s");
});

test("an error of the system becomes a sentence", () => {
  const error = Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC", path: "/x" });
  assert.match(sentenceOf(error), /^The disk is full \(\/x\)\. Free some space/);
  assert.equal(sentenceOf(new Problem("Do this.")), "Do this.");
});

function partLooking(look: () => Promise<Look>): Part {
  return { name: "thing", wanted: "it", look, get: async () => "got it" };
}
