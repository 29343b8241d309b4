import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { changes, lockText } from "../../src/cli/lock/lock-text.ts";
import { newestOf, tagPrefix } from "../../src/cli/lock/versions.ts";
import { lockHash, lockLines, readToolLock } from "../../src/config/tool-lock.ts";
import { placesOf } from "../../src/model/tool-sources.ts";

const text = readFileSync(new URL("../../tools.lock.yml", import.meta.url), "utf8");
const lock = readToolLock(text);

test("the lock file is written as it was read, with its comments", () => {
  assert.equal(lockText(text, lock), text);
});

test("a new version changes its line and nothing else", () => {
  const after = { ...lock, uv: { ...lock.uv, version: "99.0.0" } };
  assert.equal(lockText(text, after), text.replace(`version: ${lock.uv?.version}`, "version: 99.0.0"));
  assert.deepEqual(changes(lock, after), [`uv ${lock.uv?.version} -> 99.0.0`]);
});

test("changed packages and added, changed or removed checksums are reported", () => {
  const source = { from: "GitHub", x86_64: "github:a/b", aarch64: "github:a/c" };
  const before = {
    a: { version: "1", packages: { p: "1" }, sources: [{ ...source, sha256: { x86_64: "old", aarch64: "gone" } }] },
  };
  const after = { a: { version: "1", packages: { p: "2" }, sources: [{ ...source, sha256: { x86_64: "new" } }] } };
  assert.deepEqual(changes(before, after), [
    "p 1 -> 2",
    "a: the checksum for x86_64 from GitHub changed",
    "a: the checksum for aarch64 from GitHub was removed",
  ]);
  assert.deepEqual(
    changes({ a: { sources: [source] } }, { a: { sources: [{ ...source, sha256: { aarch64: "x" } }] } }),
    ["a: the checksum for aarch64 from GitHub was added"],
  );
  assert.deepEqual(changes(before, before), []);
});

test("versions are compared number by number", () => {
  // Of equal ones the last is kept.
  for (const [found, locked, wanted] of [
    ["1.10.0", "1.9.9", "1.10.0"],
    ["1.9.9", "1.10.0", "1.10.0"],
    ["1.0", "1.0.0", "1.0.0"],
    ["2", "1.99", "2"],
  ] as const) {
    assert.equal(newestOf([found, locked]), wanted, `${found} ${locked}`);
  }
});

test("the newest version is a release of its major version", () => {
  const versions = ["24.9.0", "26.1.0", "24.10.0", "27.0.0-rc.1", "22.99.0"];
  assert.equal(newestOf(versions), "26.1.0");
  assert.equal(newestOf(versions, "24"), "24.10.0");
  assert.equal(newestOf(versions, "25"), undefined);
});

test("a release's tag is its version after the lock file's prefix", () => {
  assert.equal(tagPrefix("github:oven-sh/bun/releases/download/bun-v{version}/bun.zip"), "bun-v");
  assert.equal(tagPrefix("github:astral-sh/uv/releases/download/{version}/uv.tar.gz"), "");
});

test("the lines for a script list every source in order, with its checksum or the address of the publisher's", () => {
  const tool = {
    version: "1.2.3",
    line: "1",
    sources: [{ from: "GitHub", x86_64: "github:a/b/{version}/x", checksums: "{file}.sha256" }],
  };
  const mirrors = { github: ["https://m.example/gh/", "official"] };
  assert.equal(
    lockLines(tool, { policy: "locked", mirrors }),
    [
      "policy=locked",
      "version=1.2.3",
      "line=1",
      "source=m.example\tx86_64\thttps://m.example/gh/a/b/{version}/x\t-\thttps://github.com/a/b/{version}/x.sha256 https://m.example/gh/a/b/{version}/x.sha256",
      "source=GitHub\tx86_64\thttps://github.com/a/b/{version}/x\t-\thttps://github.com/a/b/{version}/x.sha256",
      "",
    ].join("\n"),
  );
});

test("only tools that install packages get a conda mirror", () => {
  const mirrors = { conda: ["https://m.example/conda-forge", "official"] };
  assert.match(
    lockLines({ packages: { p: "1" } }, { policy: "locked", mirrors }),
    /^channel=https:\/\/m\.example\/conda-forge$/m,
  );
  assert.doesNotMatch(lockLines({ packages: { p: "1" } }, { policy: "locked", mirrors: {} }), /channel/);
  assert.doesNotMatch(lockLines({ version: "1" }, { policy: "locked", mirrors }), /channel/);
});

test("a mirror of the npm registry is another registry, not another address", () => {
  const places = placesOf("npm:bun@{version}", "npm registry", { npm: ["https://m.example", "official"] });
  assert.deepEqual(places, [
    { site: "m.example", address: "npm:bun@{version} https://m.example" },
    { site: "npm registry", address: "npm:bun@{version}" },
  ]);
});

test("the hash of a locked tool depends on version and checksums, not on the names of sources", () => {
  const { uv } = lock;
  assert.notEqual(lockHash(uv), lockHash({ ...uv, version: "99" }));
  assert.notEqual(
    lockHash(uv),
    lockHash({ ...uv, sources: (uv?.sources ?? []).map((one) => ({ ...one, sha256: {} })) }),
  );
  assert.equal(
    lockHash(uv),
    lockHash({ ...uv, sources: (uv?.sources ?? []).map((one) => ({ ...one, from: "elsewhere" })) }),
  );
});
