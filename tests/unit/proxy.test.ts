import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isLoopback, parseProxy, proxiesOf } from "../../src/model/proxy.ts";
import { makeFinder } from "../../src/resources/verify/finder.ts";
import { base64Within, needlesOf, tellingNoProxy } from "../../src/resources/verify/needles.ts";
import { environmentSetting, historySettings, settingsReader } from "../../src/resources/verify/settings.ts";

describe("a proxy's address", () => {
  const cases: [string, ReturnType<typeof parseProxy>][] = [
    ["http://proxy.lan:3128", { scheme: "http", host: "proxy.lan", port: 3128 }],
    ["HTTP://Proxy.Lan:3128/", { scheme: "http", host: "Proxy.Lan", port: 3128 }],
    ["proxy.lan:3128", { host: "proxy.lan", port: 3128 }],
    ["proxy.lan", { host: "proxy.lan" }],
    [
      "http://u:p%40ss@proxy.lan:3128",
      { scheme: "http", host: "proxy.lan", port: 3128, user: "u", password: "p%40ss" },
    ],
    ["http://u:p@s/s@proxy.lan:80", { scheme: "http", host: "proxy.lan", port: 80, user: "u", password: "p@s/s" }],
    ["u:a:b@proxy.lan:80", { host: "proxy.lan", port: 80, user: "u", password: "a:b" }],
    ["socks5h://[fd00::1]:1080", { scheme: "socks5h", host: "[fd00::1]", port: 1080 }],
    ["socks5://token@10.0.0.1:1080", { scheme: "socks5", host: "10.0.0.1", port: 1080, user: "token" }],
    ["not an address", undefined],
    ["http://", undefined],
  ];
  for (const [value, address] of cases) {
    test(`${value} is parsed`, () => assert.deepEqual(parseProxy(value), address));
  }

  test("every spelling of the loopback address is recognized, and no other host", () => {
    for (const host of ["localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.1", "[::1]", "[0:0:0:0:0:0:0:1]"]) {
      assert.ok(isLoopback(host), host);
    }
    for (const host of ["10.0.0.1", "localhost.lan", "127.0.0.1.lan", "128.0.0.1", "[fd00::1]"]) {
      assert.ok(!isLoopback(host), host);
    }
  });

  test("variables with the same value are one proxy; empty ones and NO_PROXY are ignored", () => {
    const environment = {
      HTTP_PROXY: "p.lan:1",
      http_proxy: "p.lan:1",
      https_proxy: "q.lan:2",
      ALL_PROXY: "",
      NO_PROXY: "x",
    };
    assert.deepEqual(
      proxiesOf(environment).map(({ names }) => names),
      [["HTTP_PROXY", "http_proxy"], ["https_proxy"]],
    );
  });
});

describe("the needles", () => {
  const environment = { http_proxy: "http://me:p%40ss+w0rd%2F@Proxy.lan:3128" };
  const found = (text: string | Buffer, of: Record<string, string> = environment): string[] => {
    const search = makeFinder(needlesOf(of))();
    search.add(Buffer.from(text));
    return [...search.end()].map(({ what }) => what).sort();
  };

  const leaks: [string, string | Buffer, string][] = [
    ["the value", "http://me:p%40ss+w0rd%2F@Proxy.lan:3128", "host and port of http_proxy"],
    ["the place", "x proxy.lan:3128 y", "host and port of http_proxy"],
    ["the encoded place", "http%3a%2f%2fproxy.lan%3a3128", "host and port of http_proxy, URL-encoded"],
    ["the password as it is", '"p@ss+w0rd/"', "password of http_proxy"],
    ["the password as written", "p%40ss+w0rd%2F", "password of http_proxy"],
    ["the password encoded once more", "p%2540ss%2Bw0rd%252F", "password of http_proxy, URL-encoded"],
    ["a login header", `Basic ${btoa("me:p@ss+w0rd/")}`, "password of http_proxy, base64"],
  ];
  for (const [name, text, what] of leaks) {
    test(`find ${name}`, () => assert.ok(found(text).includes(what), `${found(text)}`));
  }

  test("find the host and the password in base64, at any offset of the text", () => {
    for (const before of ["", "a", "ab", "abc", "abcd"]) {
      for (const after of ["", "z", "yz"]) {
        for (const encoding of ["base64", "base64url"] as const) {
          const place = Buffer.from(`${before}proxy.lan:3128${after}`).toString(encoding);
          assert.ok(found(`{"${place}"}`).includes("host and port of http_proxy, base64"), place);
          const password = Buffer.from(`${before}p@ss+w0rd/${after}`).toString(encoding);
          assert.ok(found(password).includes("password of http_proxy, base64"), password);
        }
      }
    }
    assert.equal(base64Within(Buffer.from("proxy.lan:3128"))[0], "cHJveHkubGFuOjMxMj");
  });

  test("do not match text that only resembles the proxy", () => {
    for (const text of ["proxy.lan:31280", "proxy.lan", "3128", "me:", "p@ss", "me@proxy.lan"])
      assert.deepEqual(found(text), []);
  });

  test("match a short host only as part of an address", () => {
    const short = { http_proxy: "http://p:80" };
    assert.deepEqual(found("http:80 tcp:80 p:80", short), []);
    assert.deepEqual(found("http://p:80/", short), ["host and port of http_proxy"]);
    assert.deepEqual(found("http://p:8080/", short), []);
  });

  test("match a password that is an ordinary word only together with its user", () => {
    const ordinary = { http_proxy: "http://someone:password@proxy.lan:3128" };
    assert.deepEqual(found("the password and 123456", ordinary), []);
    assert.deepEqual(found("someone:password", ordinary), ["user and password of http_proxy"]);
  });

  test("find a user without a password, which is a token", () => {
    assert.deepEqual(found("tok3n-abc", { https_proxy: "http://tok3n-abc@proxy.lan:1" }), ["user of https_proxy"]);
  });

  test("find an address without a port by its scheme or the default ports", () => {
    const bare = { http_proxy: "http://proxy.lan/" };
    assert.deepEqual(found("at http://proxy.lan now", bare), ["value of http_proxy"]);
    assert.deepEqual(found("proxy.lan:1080", bare), ["host and port of http_proxy"]);
  });

  test("contain no redundant ones, but `proxy:80` does not cover `proxy:8080`", () => {
    const two = { http_proxy: "http://proxy.lan:80", https_proxy: "http://proxy.lan:8080" };
    assert.deepEqual(found("proxy.lan:8080", two), ["host and port of https_proxy"]);
    assert.deepEqual(found("proxy.lan:80", two), ["host and port of http_proxy"]);
    const texts = needlesOf(environment).map(({ bytes }) => bytes.toString());
    assert.ok(!texts.some((text) => text.startsWith("http://")), `${texts}`);
  });

  test("are found across the chunk boundaries of a file", () => {
    const text = `${"x".repeat(50)}proxy.lan:3128 ${"y".repeat(50)}proxy.lan:31289`;
    for (let size = 1; size < text.length; size++) {
      const search = makeFinder(needlesOf(environment))();
      for (let at = 0; at < text.length; at += size) search.add(Buffer.from(text.slice(at, at + size)));
      assert.equal(search.end().size, 1, `pieces of ${size}`);
    }
    for (let size = 1; size < 16; size++) {
      const search = makeFinder(needlesOf(environment))();
      const longer = "and proxy.lan:31289";
      for (let at = 0; at < longer.length; at += size) search.add(Buffer.from(longer.slice(at, at + size)));
      assert.equal(search.end().size, 0, `pieces of ${size}`);
    }
  });

  test("NO_PROXY is relevant when it names more than the loopback addresses", () => {
    assert.deepEqual(tellingNoProxy({ NO_PROXY: "localhost,127.0.0.1,::1" }), []);
    assert.deepEqual(tellingNoProxy({ no_proxy: "localhost,.corp.lan" }), ["localhost,.corp.lan"]);
  });
});

describe("proxy settings", () => {
  const names = (path: string, text: string): string[] => (settingsReader(path)?.(text) ?? []).map(({ name }) => name);

  const set: [string, string, string][] = [
    ["etc/environment", "http_proxy=http://p.lan:1", "http_proxy"],
    ["etc/environment", 'NO_PROXY="localhost"', "NO_PROXY"],
    ["etc/profile.d/a.sh", "  export HTTPS_PROXY='http://p.lan:1'", "HTTPS_PROXY"],
    ["etc/profile", "[ -n x ] && export PEI_HTTP_PROXY_1=http://p.lan:1", "PEI_HTTP_PROXY_1"],
    ["etc/profile", 'http_proxy="http://$HOST:3128"', "http_proxy"],
    ["etc/security/pam_env.conf", "HTTP_PROXY DEFAULT=http://p.lan:1", "HTTP_PROXY"],
    ["etc/apt/apt.conf.d/99x", 'Acquire::http::Proxy "http://p.lan:1";', "Acquire::http::Proxy"],
    ["etc/apt/apt.conf", 'Acquire { http { Proxy "http://p.lan:1"; }; };', "Proxy"],
    ["etc/apt/apt.conf", 'acquire::HTTPS::proxy::repo.lan "http://p.lan:1";', "acquire::HTTPS::proxy::repo.lan"],
    ["root/.npmrc", "https-proxy = http://p.lan:1", "https-proxy"],
    ["home/a/.gitconfig", "[http]\n\tproxy = p.lan:1", "proxy"],
    ["home/a/.curlrc", "-x p.lan:1", "-x"],
    ["home/a/.curlrc", 'proxy-user = "a:b"', "proxy-user"],
    ["root/.config/pip/pip.conf", "[global]\nproxy=p.lan:1", "proxy"],
    ["etc/wgetrc", "https_proxy = http://p.lan:1", "https_proxy"],
  ];
  for (const [path, text, name] of set) test(`${path}: ${text}`, () => assert.deepEqual(names(path, text), [name]));

  const unset: [string, string][] = [
    ["etc/environment", "#http_proxy=http://p.lan:1\nhttp_proxy=\nPATH=/bin"],
    ["etc/profile.d/a.sh", 'if [ -n "$http_proxy" ]; then export HTTP_PROXY="$http_proxy"; fi; unset https_proxy'],
    ["etc/profile.d/a.sh", "local proxy_kind=http://p.lan:1; use_proxy=on; my_proxy_style=plain"],
    [
      "etc/apt/apt.conf.d/99x",
      '// Acquire::http::Proxy "http://p.lan:1";\n# Acquire::http::Proxy "x";\nAcquire::http::Proxy "false";',
    ],
    [
      "etc/apt/apt.conf.d/99x",
      'Acquire::http::Proxy::repo.lan "DIRECT";\nAcquire::http::No-Cache "true";\n/* Proxy x; */',
    ],
    ["etc/wgetrc", "#https_proxy = http://proxy.yoyodyne.com:18023/\n# use proxy\nuse_proxy = on"],
    ["root/.npmrc", ";proxy=http://p.lan:1\nproxy=\nhttps-proxy=null"],
    ["etc/other", "http_proxy=http://p.lan:1"],
  ];
  for (const [path, text] of unset) test(`not ${path}: ${text}`, () => assert.deepEqual(names(path, text), []));

  test("are found in an image's environment and history", () => {
    assert.equal(environmentSetting("PEI_HTTP_PROXY_1=http://p.lan:1"), "PEI_HTTP_PROXY_1");
    assert.equal(environmentSetting("PEI_HTTP_PROXY_1="), undefined);
    assert.equal(environmentSetting("PATH=/opt/proxy"), undefined);
    assert.deepEqual(historySettings("|2 http_proxy=http://p.lan:1 USERS=a:1:1 /bin/sh -c true"), ["http_proxy"]);
    assert.deepEqual(historySettings("ENV PEI_HTTP_PROXY_1=http://p.lan:1"), ["PEI_HTTP_PROXY_1"]);
    assert.deepEqual(historySettings("/bin/sh -c #(nop)  ENV NO_PROXY=localhost"), ["NO_PROXY"]);
    assert.deepEqual(historySettings("RUN apt-get -o Acquire::http::Proxy=http://p.lan:1 update"), [
      "Acquire::http::Proxy",
    ]);
    assert.deepEqual(
      historySettings("RUN --mount=type=secret,id=HTTP_PROXY x; http_proxy= y; z=$HTTP_PROXY # buildkit"),
      [],
    );
    assert.deepEqual(historySettings("ARG HTTP_PROXY"), []);
  });
});
