import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../support/clone.ts";
import { hostAuthorities } from "../support/host-authorities.ts";
import { type ProxyOptions, type ProxyServer, startProxy } from "../support/proxy-server.ts";
import { NetworkBox, type Secrets } from "./network-box.ts";
import { type Site, startSite } from "./network-site.ts";

const login = { user: "user", password: "p@ss:w*rd%" };
const npmRegistry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
const authorities: Secrets = hostAuthorities() ? { ca_certificates: hostAuthorities() } : {};

let box: NetworkBox;
let site: Site;
/** Hosts of the registries that the programs in the box use. */
let hosts: { apt: string; pip: string; npm: string };

before(async () => {
  site = await startSite();
  box = new NetworkBox("trixie");
  const apt = /^deb \w+:\/\/([^/]+)/m.exec(box.plain("cat /etc/apt/sources.list"))?.[1] ?? "";
  // A bare Debian has none of the programs; apt installs them through a proxy that requires a login.
  const proxy = await startProxy({ kind: "http", ...login });
  const install = "apt-get install -y --no-install-recommends curl git python3-pip python3-venv wget";
  const { code, output } = await box.step(
    { HTTP_PROXY: proxy.url },
    `export DEBIAN_FRONTEND=noninteractive; apt-get update && ${install}`,
  );
  assert.equal(code, 0, output);
  await waitForRequest(proxy, `GET http://${apt}/`);
  await proxy.stop();
  const pip = box.plain("python3 -c 'from pip._internal.models.index import PyPI; print(PyPI.netloc)'");
  hosts = { apt, pip, npm: new URL(npmRegistry).host };
});
after(() => {
  box?.remove();
  site?.close();
});

async function proxyFor(t: { after(f: () => Promise<void>): void }, options: ProxyOptions): Promise<ProxyServer> {
  const proxy = await startProxy(options);
  t.after(() => proxy.stop());
  return proxy;
}

/** Waits until the proxy's log contains `part`: some proxies write a line only after the connection. */
async function waitForRequest(proxy: ProxyServer, part: string): Promise<void> {
  for (let waited = 0; waited < 3000; waited += 50) {
    if (proxy.requests().some((line) => line.includes(part))) return;
    await sleep(50);
  }
  assert.fail(`the proxy saw no ${part}, only:\n${proxy.requests().join("\n")}`);
}

/** Ways in which a build uses the network, each with a part of the request that a proxy sees. */
function uses(): Record<string, { script: string; request: string }> {
  const lists = "-o Dir::State::lists=/run/network/lists -o Dir::Cache=/run/network/cache";
  const fresh = "mkdir -p /run/network/{lists,cache}/partial";
  const strict = "--error-on=any";
  return {
    "apt, http": { script: `${fresh}; apt-get ${lists} update ${strict}`, request: hosts.apt },
    "apt, https": {
      script: `${fresh}; sed s,http:,https:, /etc/apt/sources.list >/run/network/sources
        apt-get ${lists} -o Dir::Etc::SourceList=/run/network/sources update ${strict}`,
      request: `${hosts.apt}:443`,
    },
    curl: { script: `curl -fsS -o /dev/null ${npmRegistry}is-number`, request: `${hosts.npm}:443` },
    git: { script: `git ls-remote --exit-code ${site.http}`, request: new URL(site.http).host },
    pip: { script: "pip download --retries 0 --no-deps --no-cache-dir -d /tmp/p six", request: `${hosts.pip}:443` },
    npm: {
      script: `PATH=$PATH:/opt/node node /opt/npm/bin/npm-cli.js view is-number version \\
        --registry ${npmRegistry} --cache /run/network/npm --fetch-retries 0`,
      request: `${hosts.npm}:443`,
    },
  };
}

const cleanScratch = "; code=$?; rm -rf /run/network/{lists,cache,npm,sources} /tmp/p; exit $code";

async function everyUse(secrets: Secrets, check: (name: string, request: string) => Promise<void> | void) {
  for (const [name, { script, request }] of Object.entries(uses())) {
    const { code, output } = await box.step({ ...authorities, ...secrets }, `{ ${script}\n}${cleanScratch}`);
    assert.equal(code, 0, `${name}: ${output}`);
    await check(name, request);
  }
}

test("without a proxy, connections are direct and nothing is exported", async (t) => {
  const proxy = await proxyFor(t, { kind: "http" });
  await everyUse({}, () => assert.deepEqual(proxy.requests(), []));
  const { output } = await box.step(
    { HTTP_PROXY: "", http_proxy: "\n", NO_PROXY: "a.example" },
    "env; ls -A /run/network",
  );
  assert.match(output, /^network: direct\n/);
  assert.doesNotMatch(output, /proxy|CERT|APT_CONFIG|PYTHONPATH/i);
});

for (const [name, options] of [
  ["an http proxy", { kind: "http" }],
  ["an http proxy that requires a login", { kind: "http", ...login }],
] as const) {
  test(`apt, curl, git, pip and npm go through ${name}`, async (t) => {
    const proxy = await proxyFor(t, options);
    await everyUse({ HTTP_PROXY: proxy.url, HTTPS_PROXY: `${proxy.url}\n` }, (_, request) =>
      waitForRequest(proxy, request),
    );
    assert.equal((await box.step({ http_proxy: proxy.url }, `wget -q -O - ${site.http}/HEAD`)).code, 0);
  });
}

test("a SOCKS proxy: reports that pip needs PySocks and that wget cannot use it", async (t) => {
  const proxy = await proxyFor(t, { kind: "socks5" });
  const { code, output } = await box.step({ ...authorities, ALL_PROXY: proxy.url }, uses().pip?.script ?? "");
  assert.notEqual(code, 0);
  assert.match(output, /^network: pip cannot use a SOCKS proxy without the package python3-socks: /m);
  assert.match(output, /^network: wget cannot use a SOCKS proxy: use curl/m);
  const install = await box.step({ ALL_PROXY: proxy.url }, "apt-get install -y --no-install-recommends python3-socks");
  assert.equal(install.code, 0, install.output);
});

for (const [name, options] of [
  ["a socks5 proxy", { kind: "socks5" }],
  ["a socks5 proxy that requires a login", { kind: "socks5", ...login }],
] as const) {
  test(`apt, curl, git, pip and npm go through ${name} with ALL_PROXY alone`, async (t) => {
    const proxy = await proxyFor(t, options);
    await everyUse({ ALL_PROXY: proxy.url }, (_, request) => waitForRequest(proxy, request.replace(/:443$/, "")));
    // socks5 means that the client resolves names; apt can only let the proxy resolve them.
    await everyUse({ all_proxy: proxy.url.replace("socks5h", "socks5") }, () => {});
  });
}

test("pip in a virtual environment uses a socks5 proxy", async (t) => {
  const proxy = await proxyFor(t, { kind: "socks5", ...login });
  const script = "python3 -m venv /tmp/v && PATH=/tmp/v/bin:$PATH && which pip &&";
  const { code, output } = await box.step({ ...authorities, ALL_PROXY: proxy.url }, `${script} ${uses().pip?.script}`);
  assert.equal(code, 0, output);
  assert.match(output, /^\/tmp\/v\/bin\/pip$/m);
});

test("HTTP_PROXY is for http only, lower case takes precedence, and NO_PROXY is respected", async (t) => {
  const proxy = await proxyFor(t, { kind: "http" });
  const dead = `http://127.0.0.1:${await freePort()}`;
  const http = { ...authorities, HTTP_PROXY: dead, http_proxy: proxy.url };
  const { "apt, https": aptHttps, curl, git } = uses();
  for (const use of [aptHttps, curl]) {
    const { code, output } = await box.step(http, `{ ${use?.script}\n}${cleanScratch}`);
    assert.equal(code, 0, output);
    assert.match(output, /^network: through the host's http proxy \(HTTP_PROXY.*\) for http, direct for https/);
  }
  assert.deepEqual(proxy.requests(), []);
  const secrets = { HTTP_PROXY: dead, NO_PROXY: `a.example,${site.address},${hosts.apt}` };
  for (const script of [git?.script, `wget -q -O - ${site.http}/HEAD`, uses()["apt, http"]?.script + cleanScratch]) {
    const { code, output } = await box.step(secrets, script ?? "");
    assert.equal(code, 0, output);
  }
  const { output } = await box.step(secrets, "echo $no_proxy $NO_PROXY");
  const list = `a.example,${site.address},${hosts.apt},localhost,127.0.0.1,::1`;
  assert.match(output, new RegExp(`^${list} ${list}$`, "m"));
});

test("every program trusts an additional certificate authority, for the duration of the command", async () => {
  const trusted = { ca_certificates: site.authority };
  const head = `${site.https}/HEAD`;
  for (const script of [
    `curl -fsS ${head}`,
    `git ls-remote --exit-code ${site.https}`,
    `wget -q -O - ${head}`,
    `python3 -c 'import urllib.request as r; r.urlopen("${head}").read()'`,
    `python3 -c 'from pip._vendor import requests as r; r.get("${head}").raise_for_status()'`,
    `/opt/node/node -e 'fetch("${head}").catch(() => process.exit(1))'`,
    `mkdir -p /run/network/d; cd /run/network/d; /usr/lib/apt/apt-helper download-file ${head} h`,
  ]) {
    const { code, output } = await box.step(trusted, `{ ${script}\n}; code=$?; rm -rf /run/network/d; exit $code`);
    assert.equal(code, 0, `${script}: ${output}`);
    assert.match(output, /^network: direct and 1 more certificate authority\n/);
    assert.notEqual((await box.step({}, script)).code, 0, `${script} trusted the site without the authority`);
  }
  const two = await box.step({ ca_certificates: `${site.authority}${site.authority}` }, "true");
  assert.match(two.output, /and 2 more certificate authorities\n/);
});

test("with a proxy and an authority, the distribution's authorities are still trusted", async (t) => {
  const proxy = await proxyFor(t, { kind: "http" });
  const secrets = { HTTPS_PROXY: proxy.url, ca_certificates: site.authority };
  const { output } = await box.step(
    secrets,
    "grep -c BEGIN $SSL_CERT_FILE; grep -c BEGIN /etc/ssl/certs/ca-certificates.crt",
  );
  const [bundle, distribution] = output.split("\n").slice(1).map(Number);
  assert.equal(bundle, (distribution ?? 0) + 1);
});
