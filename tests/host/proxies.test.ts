import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type ProxyServer, startProxy } from "../support/proxy-server.ts";
import { randomFrom } from "../support/random.ts";

const root = join(import.meta.dirname, "../..");
const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];
const clean = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !names.includes(name.toUpperCase()) && name !== "NODE_OPTIONS"),
);
const useProxies = `. ${root}/src/bash/proxies.sh; use_proxies; `;

/** What a command gets that a script of ours starts, and what it prints. */
function under(environment: Record<string, string>, command: string) {
  const ran = spawnSync("bash", ["-euo", "pipefail", "-c", useProxies + command], {
    cwd: root,
    encoding: "utf8",
    env: { ...clean, ...environment },
  });
  return { code: ran.status, output: ran.stdout, said: ran.stderr };
}

describe("the environment's proxies in one form", () => {
  const forms: [given: string, normal: string][] = [
    ["127.0.0.1:7890", "http://127.0.0.1:7890"],
    ["proxy.lan:3128", "http://proxy.lan:3128"],
    ["proxy.lan", "http://proxy.lan:80"],
    [" http://proxy.lan:3128/ ", "http://proxy.lan:3128"],
    ["HTTPS://proxy.lan", "https://proxy.lan:443"],
    ["socks5h://proxy.lan", "socks5h://proxy.lan:1080"],
    ["socks4://10.0.0.1:9", "socks4://10.0.0.1:9"],
    ["http://[fd00::1]:3128", "http://[fd00::1]:3128"],
    ["http://me:pa#ss@h:1", "http://me:pa%23ss@h:1"],
    ["http://me:p%40ss@h:1", "http://me:p%40ss@h:1"],
    ["http://me:100%@h:1", "http://me:100%25@h:1"],
    ["me:p@s/s?@h:1", "http://me:p%40s%2Fs%3F@h:1"],
    ["http://me:pä ss@h:1", "http://me:p%C3%A4%20ss@h:1"],
  ];
  for (const [given, normal] of forms) {
    test(given, () => {
      for (const name of ["HTTPS_PROXY", "https_proxy"]) {
        const { output } = under({ [name]: given }, 'echo "$HTTPS_PROXY $https_proxy"');
        assert.equal(output, `${normal} ${normal}\n`);
      }
      assert.equal(under({ HTTPS_PROXY: normal }, "echo $https_proxy").output, `${normal}\n`, "once more changes it");
    });
  }

  test("ALL_PROXY stands in for what is not set, and lower case comes before upper case", () => {
    const print = 'echo "$HTTP_PROXY $https_proxy"';
    assert.equal(under({ ALL_PROXY: "a:1" }, print).output, "http://a:1 http://a:1\n");
    assert.equal(under({ ALL_PROXY: "a:1", HTTPS_PROXY: "b:2" }, print).output, "http://a:1 http://b:2\n");
    assert.equal(
      under({ http_proxy: "c:3", HTTP_PROXY: "d:4", all_proxy: "a:1" }, print).output,
      "http://c:3 http://a:1\n",
    );
  });

  test("NO_PROXY gets this host, and the range that 10.1.* means; once more changes nothing", () => {
    const given = { ALL_PROXY: "a:1", NO_PROXY: "10.1.*, .lan,192.168.0.0/16" };
    const normal = "10.1.*, .lan,192.168.0.0/16,10.1.0.0/16,localhost,127.0.0.1,::1";
    assert.equal(under(given, 'echo "$no_proxy"').output, `${normal}\n`);
    assert.equal(under(given, 'use_proxies; echo "$NO_PROXY"').output, `${normal}\n`);
  });

  test("without a proxy nothing is changed", () => {
    assert.equal(
      under({ NO_PROXY: "x", https_proxy: " " }, 'echo "$NO_PROXY"; env | grep -c no_proxy').output,
      "x\n0\n",
    );
  });

  test("what is no proxy's address is refused by its name, without its value", () => {
    const control = ["http://me:secretword%00@h:1", "http://me:secretword%0a@h:1", "http://me:secretword\n@h:1"];
    for (const given of [
      "ftp://me:secretword@h:1",
      "http://me:secretword@",
      "secretword one",
      "http://h:secretword",
      ...control,
      // What a URL cannot have, in Node's reading: it would end with a stack trace.
      ...[
        "..0",
        "h.08",
        "h.08.",
        "1.2.3.256",
        "1.2.3.4.5",
        "0x7g.0x",
        "h:65536",
        "[1:2]",
        "[::1::]",
        "[1:2:3:4:5:6:7:8:9]",
      ].map((host) => `http://me:secretword@${host}`),
    ]) {
      const { code, said } = under({ HTTPS_PROXY: given }, "true");
      assert.equal(code, 1, given);
      assert.match(said, /^benchbox: HTTPS_PROXY [^\n]+\n {2}Fix: [^\n]+\n$/);
      assert.doesNotMatch(said, /secretword/);
    }
  });

  test("addresses of each kind are hosts", () => {
    const hosts = [
      "127.1",
      "1.2.3.255",
      "h.lan.",
      "my_proxy",
      "[::]",
      "[fe80::1:2]",
      "[1:2:3:4:5:6:7:8]",
      "[::ffff:1.2.3.4]",
    ];
    for (const host of hosts) {
      const { output } = under({ HTTPS_PROXY: `${host}:65535` }, 'echo "$https_proxy"');
      assert.equal(output, `http://${host}:65535\n`);
      assert.equal(new URL(output).port, "65535");
    }
  });

  test("each command refuses it in that way", () => {
    for (const command of ["setup --check", "doctor", "preview", "drift", "fleet list"]) {
      const env = { ...clean, ALL_PROXY: "http://me:secretword@" };
      const { status, stdout, stderr } = spawnSync("bin/benchbox", command.split(" "), {
        cwd: root,
        encoding: "utf8",
        env,
      });
      assert.equal(status, 1, `${command}: ${stdout}${stderr}`);
      assert.match(stderr, /^benchbox: ALL_PROXY has no valid HOST:PORT[^\n]+\n {2}Fix: [^\n]+\n$/, command);
    }
  });

  test("of random values each is read, or refused without showing it", () => {
    const pieces = [
      "http://",
      "socks5h://",
      "ftp://",
      "me",
      ":",
      "@",
      "/",
      "#",
      "%",
      "%4",
      "%40",
      "h.lan",
      "[::1]",
      ":1",
      ":x",
      " ",
    ];
    const odd = ["ä", "\\", "'", '"', "$(x)", "*", "?", "&", "+", "\n", "\t", "SECRETWORD", "..", "[", "]", "0", ","];
    const random = randomFrom(20261130);
    const all = [...pieces, ...odd];
    // A hundred thousand were tried once.
    const values = Array.from({ length: Number(process.env.BENCHBOX_FUZZ ?? 1500) }, () => {
      const some = Array.from({ length: 1 + Math.floor(random() * 7) }, () => all[Math.floor(random() * all.length)]);
      return some.join("") + (random() < 0.5 ? "@h.lan:1" : "");
    });
    const each = `while IFS= read -r -d '' value; do
      (export HTTPS_PROXY="$value"; use_proxies; printf '%s\\0' "\${https_proxy:-}") 2>&1 || printf '\\0'
    done`;
    const words = ["-euo", "pipefail", "-c", `. ${root}/src/bash/proxies.sh; ${each}`];
    const input = values.map((value) => `${value}\0`).join("");
    const answers = execFileSync("bash", words, { input, encoding: "utf8", env: clean, maxBuffer: 1 << 30 }).split(
      "\0",
    );
    assert.equal(answers.length, values.length + 1);
    let read = 0;
    for (const [index, value] of values.entries()) {
      const answer = answers[index] ?? "";
      if (answer.startsWith("benchbox: ")) {
        assert.match(answer, /^benchbox: HTTPS_PROXY [^\n]+\n {2}Fix: [^\n]+\n$/);
        assert.doesNotMatch(answer, /SECRETWORD/);
      } else if (value.trim() === "") assert.equal(answer, "");
      else {
        read++;
        const { protocol, hostname, port, username } = new URL(answer);
        assert.ok(hostname !== "", JSON.stringify(value));
        assert.match(`${protocol}${port} ${username}`, /^(https?|socks(4a?|5h?)?):\d* [\w.~%-]*$/);
      }
    }
    assert.ok(read > 100, `only ${read} were addresses`);
  });
});

describe("programs by real proxies", () => {
  // An address of this machine that NO_PROXY does not exempt.
  const address = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
  let site: Server;
  let url: string;
  const proxies = new Map<string, ProxyServer>();
  const login = { user: "me", password: "p@ss/w#rd%" };

  before(async () => {
    site = createServer((_, response) => response.end("from the site\n"));
    await new Promise<void>((resolve) => site.listen(0, address, resolve));
    const at = site.address();
    assert.ok(at !== null && typeof at === "object");
    url = `http://${address}:${at.port}/`;
    proxies.set("http", await startProxy({ kind: "http" }));
    proxies.set("http with a login", await startProxy({ kind: "http", ...login }));
    proxies.set("SOCKS", await startProxy({ kind: "socks5" }));
    proxies.set("SOCKS with a login", await startProxy({ kind: "socks5", ...login }));
  });
  after(async () => {
    site.close();
    for (const proxy of proxies.values()) await proxy.stop();
  });

  /** Commands that print what `$URL` has. */
  const programs: Record<string, string> = {
    curl: "curl --silent --fail $URL",
    node: `node --input-type=module --eval 'const { fetchByProxy } = await import("${root}/lib/fetch.ts");
      process.stdout.write(await (await fetchByProxy(process.env.URL)).text())'`,
    wget: `node ${root}/src/network/without-socks.ts wget --quiet --output-document=- $URL`,
    python3: `node ${root}/src/network/without-socks.ts python3 -c 'import os, urllib.request as r
print(r.urlopen(os.environ["URL"]).read().decode(), end="")'`,
  };
  for (const [program, command] of Object.entries(programs)) {
    for (const kind of ["http", "http with a login", "SOCKS", "SOCKS with a login"]) {
      test(`${program} by ${kind}`, { skip: address === undefined && "this machine has no address" }, async () => {
        const proxy = proxies.get(kind);
        assert.ok(proxy);
        const before = proxy.requests().length;
        // As people write it: no scheme where it is http, and the password as it is.
        const written = kind.startsWith("http") ? decodeURIComponent(proxy.url.slice("http://".length)) : proxy.url;
        const asked = promiseOf(["bash", "-euc", useProxies + command], { ...clean, ALL_PROXY: written, URL: url });
        const { code, output, said } = await asked;
        assert.deepEqual({ code, output, said }, { code: 0, output: "from the site\n", said: "" });
        assert.ok(proxy.requests().length > before, "it went past the proxy");
      });
    }
  }

  test("a bridge serves nobody without its password", async () => {
    const proxy = proxies.get("SOCKS");
    const script = `node ${root}/src/network/without-socks.ts bash -c 'curl --silent --output /dev/null --write-out "%{http_code}" --proxy "http://\${http_proxy##*@}" $URL'`;
    const { output } = await promiseOf(["bash", "-euc", useProxies + script], {
      ...clean,
      ALL_PROXY: proxy?.url ?? "",
      URL: url,
    });
    assert.equal(output, "407");
  });
});

/** Not `spawnSync`: the site is in this process. */
async function promiseOf(words: readonly string[], env: NodeJS.ProcessEnv) {
  const [program = "", ...rest] = words;
  const child = spawn(program, rest, { env, stdio: ["ignore", "pipe", "pipe"] });
  let [output, said] = ["", ""];
  child.stdout.on("data", (text) => {
    output += text;
  });
  child.stderr.on("data", (text) => {
    said += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, output, said };
}
