import assert from "node:assert/strict";
import { test } from "node:test";
import { isExempt, proxyFor } from "../../src/network/no-proxy.ts";

// The same results as curl 8, except for IPv6 ranges.
const cases: [noProxy: string, exempt: string[], proxied: string[]][] = [
  ["", [], ["a.lan"]],
  ["*", ["a.lan", "10.0.0.1", "[::1]"], []],
  ["lan", ["lan", "a.lan", "A.LAN", "a.lan."], ["alan", "lan.org"]],
  [".lan, *.corp", ["lan", "a.lan", "b.corp"], ["alan"]],
  ["10.0.0.0/8", ["10.0.0.1", "10.255.1.2"], ["11.0.0.1", "10.lan"]],
  ["10.1.*,10.1.0.0/16", ["10.1.2.3"], ["10.2.0.1"]],
  ["10.0.0.1", ["10.0.0.1"], ["110.0.0.1", "a.10.0.0.1.lan"]],
  ["fd00::/8 [fe80::1]", ["[fd00::5]", "[fe80::1]"], ["[2001::1]"]],
  ["a.lan:443", ["a.lan"], []],
  ["a.lan:80", [], ["a.lan"]],
  ["10.0.0.0/99,10.0.0.0/x,/8", [], ["10.0.0.1"]],
];
for (const [noProxy, exempt, proxied] of cases) {
  test(`NO_PROXY=${noProxy}`, () => {
    for (const host of exempt) assert.ok(isExempt(host, 443, noProxy), host);
    for (const host of proxied) assert.ok(!isExempt(host, 443, noProxy), host);
  });
}

test("each scheme has its own proxy, or none", () => {
  const environment = { http_proxy: "http://a:1", https_proxy: "http://b:2", no_proxy: "c.lan" };
  assert.equal(proxyFor(new URL("http://x.lan"), environment), "http://a:1");
  assert.equal(proxyFor(new URL("https://x.lan"), environment), "http://b:2");
  assert.equal(proxyFor(new URL("https://c.lan"), environment), undefined);
  assert.equal(proxyFor(new URL("https://x.lan"), {}), undefined);
});
