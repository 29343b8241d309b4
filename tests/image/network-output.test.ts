import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { freePort } from "../support/clone.ts";
import { type ProxyOptions, type ProxyServer, startProxy } from "../support/proxy-server.ts";
import { NetworkBox, type Secrets } from "./network-box.ts";

let box: NetworkBox;
before(() => {
  box = new NetworkBox("trixie");
});
after(() => box?.remove());

async function proxyFor(t: TestContext, options: ProxyOptions): Promise<ProxyServer> {
  const proxy = await startProxy(options);
  t.after(() => proxy.stop());
  return proxy;
}

/** A proxy setting for a port where nothing listens. */
const dead = async (login = ""): Promise<Secrets> => ({ HTTP_PROXY: `http://${login}127.0.0.1:${await freePort()}` });

/** Prints the proxy in every way that a build script may print it. */
const printEverything = `
  set -x
  env; export -p; declare -p http_proxy
  cat "$APT_CONFIG"
  login=\${http_proxy#*//} login=\${login%@*}
  plain=$(printf %b "\${login//%/\\\\x}")
  : "$plain" "\${plain#*:}"
  echo "<$http_proxy> <$plain> <\${plain#*:}>" >&2
  printf '%q\\n' "$plain"
  printf 'Proxy-Authorization: Basic %s\\n' "$(printf %s "$plain" | base64 -w 0)"
  echo "$plain" | base64
  printf %s "$http_proxy" | base64 -w 0
  printf 'without an end of line: %s' "$plain"
`;

const passwords = [
  "p@ss:w*rd%",
  "[a-z]*?\\1&/$(date)`id`",
  'it\'s "quoted"',
  "^.*$",
  "aaaa",
  "pässwörd",
  "%41%zz",
  "-n -e \\n",
  "***",
];
for (const password of passwords) {
  test(`the output of a command has no credentials: ${password}`, async () => {
    const encoded = encodeURIComponent(password).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
    // The correct spelling, and the unencoded one if it is not ambiguous.
    const spellings = [encoded, ...(/^[^/]*$/.test(password) && !/%/.test(password) ? [password] : [])];
    for (const spelling of spellings) {
      const { code, output } = await box.step(await dead(`someone:${spelling}@`), `${printEverything}\nexit 7`);
      assert.equal(code, 7, output);
      assert.match(output, /^http_proxy=\*\*\*$/m);
      assert.match(output, /^Proxy-Authorization: Basic \*\*\*$/m);
      assert.match(output, /^without an end of line: \*\*\*/m);
      assert.match(output, /^<\*\*\*> <\*\*\*> <\*\*\*+>$/m);
      const base64 = (text: string): string => Buffer.from(text).toString("base64").replace(/.?=*$/, "");
      const login = `someone:${password}`;
      const forms = [login, `someone:${encoded}`, `someone:${spelling}`, base64(login)];
      if (password.length > 3 && password !== "***") forms.push(password, encoded, spelling);
      for (const form of forms) assert.ok(!output.includes(form), `${form} is in:\n${output}`);
    }
  });
}

test("two passwords with the same beginning are masked completely", async () => {
  const port = await freePort();
  const secrets = {
    HTTP_PROXY: `http://u:secret@127.0.0.1:${port}`,
    HTTPS_PROXY: `http://u:secret-and-more@127.0.0.1:${port}`,
  };
  const { output } = await box.step(secrets, 'echo "<$http_proxy> <$https_proxy> <secret-and-more> <secret>"');
  assert.match(output, /^<\*\*\*> <\*\*\*> <\*\*\*> <\*\*\*>$/m);
});

test("the address of a proxy without a login is masked as well; messages name only its variable", async () => {
  const secrets = await dead();
  const { output } = await box.step(secrets, "env; echo $http_proxy/ one/two; apt-get update --error-on=any");
  assert.match(
    output,
    /^network: through the host's http proxy \(HTTP_PROXY; on its loopback address, which the build shares\) for http, direct for https\n/,
  );
  assert.match(output, /^\*\*\*\/ one\/two$/m);
  assert.match(output, /connect to \*\*\*/, "apt did not print the address that it could not reach");
  assert.ok(!output.includes(new URL(secrets.HTTP_PROXY ?? "").port), output);
});

test("a token in place of user and password is masked", async () => {
  const { output } = await box.step(await dead("t0ken-of-mine@"), "echo $http_proxy t0ken-of-mine");
  assert.match(output, /^\*\*\* \*\*\*$/m);
});

test("lines arrive as they are printed, in order", async () => {
  const { chunks, output } = await box.step(await dead(), "echo first; echo second >&2; sleep 2; echo third");
  assert.match(output, /first\nsecond\nthird\n/);
  const at = (word: string): number => chunks.find(({ text }) => text.includes(word))?.after ?? Number.NaN;
  assert.ok(at("third") - at("first") > 1500, JSON.stringify(chunks));
});

test("long lines, binary bytes and 3 MB of output pass unchanged and quickly", async () => {
  const print = "head -c 70000 /dev/zero | tr '\\0' x; printf '\\377\\0\\n'; seq 450000";
  const expected = box.plain(`{ ${print}; } | sha256sum`);
  const secrets = await dead();
  const started = Date.now();
  const { output } = await box.step(secrets, `{ ${print}; } | tee >(sha256sum >&2)`);
  assert.ok(Date.now() - started < 5000, `${Date.now() - started} ms`);
  assert.ok(output.includes(`${"x".repeat(70_000)}`));
  assert.ok(output.includes(expected), "the bytes differ");
  assert.match(output, /^450000$/m);
});

for (const [script, code] of [
  ["true", 0],
  ["exit 3", 3],
  ["kill -KILL $$", 137],
] as const) {
  test(`the command's exit code is kept: ${script}`, async () => {
    for (const secrets of [{}, await dead()]) assert.equal((await box.step(secrets, script)).code, code);
  });
}

test("a command that does not exist, or is named like one of our functions, is run as a program", async () => {
  for (const word of ["no-such-program", "main", "encode"]) {
    for (const secrets of [{}, await dead()]) {
      const { code, output } = await box.run(secrets, [word]);
      assert.equal(code, 127, output);
      assert.match(output, /not found/);
    }
  }
});

test("a failure is followed by the proxy that was used, and whether it answers", async (t) => {
  const proxy = await proxyFor(t, { kind: "http" });
  const gone = await box.step({ HTTPS_PROXY: `http://u:pass-word@127.0.0.1:${await freePort()}` }, "exit 1");
  assert.match(
    gone.output,
    /^network: this step failed; it used the host's http proxy \(HTTPS_PROXY\), which does not answer now: check/m,
  );
  const there = await box.step({ ALL_PROXY: proxy.url }, "exit 1");
  assert.match(there.output, /it used the host's http proxy \(ALL_PROXY\), which answers now\n$/);
  assert.equal(there.output.match(/^network: this step failed/gm)?.length, 1);
  const silent = await box.step(await dead(), "true");
  assert.doesNotMatch(silent.output, /failed/);
});

test("a proxy that dies during the step: apt fails, the reason is reported, and the next run succeeds", async (t) => {
  const update = "apt-get update --error-on=any";
  const first = await startProxy({ kind: "http" });
  // Its listener outlives its connections by some milliseconds, and the line under test reports the state at that moment.
  const dead = `while (exec 3<>/dev/tcp/127.0.0.1/${first.port}) 2>/dev/null; do sleep 0.1; done`;
  const running = box.step({ HTTP_PROXY: first.url }, `${update}; ${dead}; ${update}`);
  while (first.requests().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await first.stop();
  const { code, output } = await running;
  assert.notEqual(code, 0);
  assert.match(output, /which does not answer now: check it, then run again\n$/);
  const second = await proxyFor(t, { kind: "http" });
  assert.equal((await box.step({ HTTP_PROXY: second.url }, update)).code, 0);
});

test("no file and no process is left behind, not even after a failure", async () => {
  const secrets = { ...(await dead("u:pass-word@")), ca_certificates: "-----BEGIN CERTIFICATE-----\n" };
  for (const script of ["true", "exit 1", "kill -KILL $$"]) {
    const before = box.plain("find / -xdev -newer /proc/1 2>/dev/null | sort");
    await box.step(secrets, script);
    assert.equal(box.plain("ls -A /run/network"), "");
    assert.equal(box.plain("find / -xdev -newer /proc/1 2>/dev/null | sort"), before);
    assert.deepEqual(box.processes(), []);
  }
});

test("a background process of a command does not block the step", async () => {
  const started = Date.now();
  const { code, output } = await box.step(await dead(), "sleep 30 & echo done");
  assert.equal(code, 0);
  assert.ok(Date.now() - started < 15_000);
  assert.match(output, /done\n.*a process that it started is still running/);
  assert.deepEqual(box.processes(), ["sleep 30"]);
  box.plain(
    "for p in /proc/[0-9]*; do if [[ $(tr '\\0' ' ' <$p/cmdline) == 'sleep 30 ' ]]; then kill $(basename $p); fi; done",
  );
});

for (const [name, secrets, wanted] of [
  ["an unknown scheme", { HTTP_PROXY: "ftp://u:pass-word@h:1" }, /HTTP_PROXY is not a proxy address: write SCHEME:/],
  ["no host", { all_proxy: "http://u:pass-word@" }, /ALL_PROXY has no valid HOST:PORT/],
  ["a / in a password", { HTTPS_PROXY: "http://u:pass-word/1@h:1/" }, undefined],
  ["an invalid port", { HTTPS_PROXY: "http://u:pass-word@h:port" }, /HTTPS_PROXY has no valid HOST:PORT/],
  ["an invalid certificate", { ca_certificates: "pass-word" }, /ca_certificates contains no PEM certificate/],
] as const) {
  test(`${name}: a clear error without the value`, async () => {
    const { code, output } = await box.step(secrets, "exit 0");
    assert.doesNotMatch(output, /pass-word/);
    assert.equal(code, wanted ? 2 : 0);
    if (wanted) assert.match(output, new RegExp(`^network: ${wanted.source}.*\n$`));
  });
}

test("addresses without a scheme, without a port and with IPv6 mean the same as in the first run", async () => {
  for (const [given, read] of [
    ["h.example:3128", "http://h.example:3128"],
    ["HTTP://h.example", "http://h.example:80"],
    ["https://h.example", "https://h.example:443"],
    ["socks5://[2001:db8::1]:9/", "socks5://[2001:db8::1]:9"],
  ] as const) {
    // Reversed, so that the filter does not match it.
    const { output } = await box.step({ ALL_PROXY: given }, "rev <<<$https_proxy");
    assert.equal(output.split("\n")[1], [...read].reverse().join(""));
  }
});
