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

/** Runs a bash command after `use_proxies`. */
function runWith(environment: Record<string, string>, command: string) {
  const ran = spawnSync("bash", ["-euo", "pipefail", "-c", useProxies + command], {
    cwd: root,
    encoding: "utf8",
    env: { ...clean, ...environment },
  });
  return { code: ran.status, output: ran.stdout, errors: ran.stderr };
}

describe("normalized proxy variables", () => {
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
        const { output } = runWith({ [name]: given }, 'echo "$HTTPS_PROXY $https_proxy"');
        assert.equal(output, `${normal} ${normal}\n`);
      }
      assert.equal(
        runWith({ HTTPS_PROXY: normal }, "echo $https_proxy").output,
        `${normal}\n`,
        "normalizing twice changes it",
      );
    });
  }

  test("ALL_PROXY replaces unset variables, and lower case takes precedence over upper case", () => {
    const print = 'echo "$HTTP_PROXY $https_proxy"';
    assert.equal(runWith({ ALL_PROXY: "a:1" }, print).output, "http://a:1 http://a:1\n");
    assert.equal(runWith({ ALL_PROXY: "a:1", HTTPS_PROXY: "b:2" }, print).output, "http://a:1 http://b:2\n");
    assert.equal(
      runWith({ http_proxy: "c:3", HTTP_PROXY: "d:4", all_proxy: "a:1" }, print).output,
      "http://c:3 http://a:1\n",
    );
  });

  test("NO_PROXY is extended by loopback and by the range that 10.1.* means, and normalizing twice changes nothing", () => {
    const given = { ALL_PROXY: "a:1", NO_PROXY: "10.1.*, .lan,192.168.0.0/16" };
    const normal = "10.1.*, .lan,192.168.0.0/16,10.1.0.0/16,localhost,127.0.0.1,::1";
    assert.equal(runWith(given, 'echo "$no_proxy"').output, `${normal}\n`);
    assert.equal(runWith(given, 'use_proxies; echo "$NO_PROXY"').output, `${normal}\n`);
  });

  test("without a proxy nothing changes", () => {
    assert.equal(
      runWith({ NO_PROXY: "x", https_proxy: " " }, 'echo "$NO_PROXY"; env | grep -c no_proxy').output,
      "x\n0\n",
    );
  });

  test("an invalid proxy address is rejected with the name of its variable, without its value", () => {
    const control = ["http://me:secretword%00@h:1", "http://me:secretword%0a@h:1", "http://me:secretword\n@h:1"];
    for (const given of [
      "ftp://me:secretword@h:1",
      "http://me:secretword@",
      "secretword one",
      "http://h:secretword",
      ...control,
      // Hosts that Node's URL rejects, which would lead to a stack trace.
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
      const { code, errors } = runWith({ HTTPS_PROXY: given }, "true");
      assert.equal(code, 1, given);
      assert.match(errors, /^benchbox: HTTPS_PROXY [^\n]+\n {2}Fix: [^\n]+\n$/);
      assert.doesNotMatch(errors, /secretword/);
    }
  });

  test("addresses of every kind are accepted as hosts", () => {
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
      const { output } = runWith({ HTTPS_PROXY: `${host}:65535` }, 'echo "$https_proxy"');
      assert.equal(output, `http://${host}:65535\n`);
      assert.equal(new URL(output).port, "65535");
    }
  });

  test("every command rejects an invalid address with the same message", () => {
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

  test("each random value is either parsed, or rejected without being shown", () => {
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
    // BENCHBOX_FUZZ sets the number; 100,000 passed once.
    const values = Array.from({ length: Number(process.env.BENCHBOX_FUZZ ?? 1500) }, () => {
      const some = Array.from({ length: 1 + Math.floor(random() * 7) }, () => all[Math.floor(random() * all.length)]);
      return some.join("") + (random() < 0.5 ? "@h.lan:1" : "");
    });
    const each = `while IFS= read -r -d '' value; do
      (export HTTPS_PROXY="$value"; use_proxies; printf '%s\\0' "\${https_proxy:-}") 2>&1 || printf '\\0'
    done`;
    const words = ["-euo", "pipefail", "-c", `. ${root}/src/bash/proxies.sh; ${each}`];
    const input = values.map((value) => `${value}\0`).join("");
    const results = execFileSync("bash", words, { input, encoding: "utf8", env: clean, maxBuffer: 1 << 30 }).split(
      "\0",
    );
    assert.equal(results.length, values.length + 1);
    let parsed = 0;
    for (const [index, value] of values.entries()) {
      const result = results[index] ?? "";
      if (result.startsWith("benchbox: ")) {
        assert.match(result, /^benchbox: HTTPS_PROXY [^\n]+\n {2}Fix: [^\n]+\n$/);
        assert.doesNotMatch(result, /SECRETWORD/);
      } else if (value.trim() === "") assert.equal(result, "");
      else {
        parsed++;
        const { protocol, hostname, port, username } = new URL(result);
        assert.ok(hostname !== "", JSON.stringify(value));
        assert.match(`${protocol}${port} ${username}`, /^(https?|socks(4a?|5h?)?):\d* [\w.~%-]*$/);
      }
    }
    assert.ok(parsed > 100, `only ${parsed} were addresses`);
  });
});

describe("programs through real proxies", () => {
  // An address of this host that NO_PROXY does not exempt.
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

  /** Commands that print the content of `$URL`. */
  const programs: Record<string, string> = {
    curl: "curl --silent --fail $URL",
    node: `node --input-type=module --eval 'const { fetchByProxy } = await import("${root}/src/network/fetch.ts");
      process.stdout.write(await (await fetchByProxy(process.env.URL)).text())'`,
    wget: `node ${root}/src/network/without-socks.ts wget --quiet --output-document=- $URL`,
    python3: `node ${root}/src/network/without-socks.ts python3 -c 'import os, urllib.request as r
print(r.urlopen(os.environ["URL"]).read().decode(), end="")'`,
  };
  for (const [program, command] of Object.entries(programs)) {
    for (const kind of ["http", "http with a login", "SOCKS", "SOCKS with a login"]) {
      test(`${program} through ${kind}`, {
        skip: address === undefined && "this host has no address outside loopback",
      }, async () => {
        const proxy = proxies.get(kind);
        assert.ok(proxy);
        const before = proxy.requests().length;
        // As people write it: an http proxy without a scheme, and the password not encoded.
        const written = kind.startsWith("http") ? decodeURIComponent(proxy.url.slice("http://".length)) : proxy.url;
        const finished = run(["bash", "-euc", useProxies + command], { ...clean, ALL_PROXY: written, URL: url });
        const { code, output, errors } = await finished;
        assert.deepEqual({ code, output, errors }, { code: 0, output: "from the site\n", errors: "" });
        assert.ok(proxy.requests().length > before, "the request bypassed the proxy");
      });
    }
  }

  test("a bridge rejects requests without its password", async () => {
    const proxy = proxies.get("SOCKS");
    const script = `node ${root}/src/network/without-socks.ts bash -c 'curl --silent --output /dev/null --write-out "%{http_code}" --proxy "http://\${http_proxy##*@}" $URL'`;
    const { output } = await run(["bash", "-euc", useProxies + script], {
      ...clean,
      ALL_PROXY: proxy?.url ?? "",
      URL: url,
    });
    assert.equal(output, "407");
  });
});

/** Unlike `spawnSync`, this lets the site in this process answer. */
async function run(words: readonly string[], env: NodeJS.ProcessEnv) {
  const [program = "", ...rest] = words;
  const child = spawn(program, rest, { env, stdio: ["ignore", "pipe", "pipe"] });
  let [output, errors] = ["", ""];
  child.stdout.on("data", (text) => {
    output += text;
  });
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, output, errors };
}
