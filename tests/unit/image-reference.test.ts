import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalName, formatReference, parseReference, pullSources } from "../../src/model/image-reference.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const sources = (reference: string, ...mirrors: string[]): string[] =>
  pullSources(reference, mirrors).map(formatReference);

test("references are parsed as docker parses them", () => {
  const read = (text: string): string => formatReference(parseReference(text));
  assert.equal(read("ubuntu"), "docker.io/library/ubuntu:latest");
  assert.equal(read("ubuntu:24.04"), "docker.io/library/ubuntu:24.04");
  assert.equal(read("nvidia/cuda:12"), "docker.io/nvidia/cuda:12");
  assert.equal(read("index.docker.io/nvidia/cuda:12"), "docker.io/nvidia/cuda:12");
  assert.equal(read("localhost/a"), "localhost/a:latest");
  assert.equal(read("host:5000/a/b_c:V1"), "host:5000/a/b_c:V1");
  assert.equal(read(`a/b:1@${digest}`), `docker.io/a/b@${digest}`);
});

test("an invalid reference is refused with the rule", () => {
  for (const text of [
    "",
    "a/B",
    "a b",
    "a:",
    "a/b@sha256:12",
    "a/b@x",
    `a@${digest}@${digest}`,
    "ho st:5/a",
    "https://a.b/c",
  ]) {
    assert.throws(() => parseReference(text), /is not an image reference; write \[registry/, text);
  }
});

test("the canonical name is the reference itself, with a tag", () => {
  assert.equal(canonicalName("docker.1ms.run/nvidia/cuda:12.8.1"), "docker.1ms.run/nvidia/cuda:12.8.1");
  assert.equal(canonicalName("host:5000/a"), "host:5000/a:latest");
});

test("a digest, which cannot be in a name, becomes a tag", () => {
  assert.equal(canonicalName(`host:5000/a@${digest}`), `host:5000/a:${digest.replace(":", "-")}`);
  assert.equal(canonicalName(`host:5000/a:1@${digest}`), `host:5000/a:${digest.replace(":", "-")}`);
});

test("mirrors replace the registry, and the registry itself comes last", () => {
  assert.deepEqual(sources("ubuntu:24.04", "mirror.lan", "https://host:5000/hub/", "localhost"), [
    "mirror.lan/library/ubuntu:24.04",
    "host:5000/hub/library/ubuntu:24.04",
    "localhost/library/ubuntu:24.04",
    "docker.io/library/ubuntu:24.04",
  ]);
  assert.deepEqual(sources(`r.lan/a@${digest}`, "mirror.lan"), [`mirror.lan/a@${digest}`, `r.lan/a@${digest}`]);
});

test("a mirror may be a full reference or the registry itself", () => {
  assert.deepEqual(sources("r.lan/a:1", "mirror.lan/other/name:2", "r.lan", "mirror.lan"), [
    "mirror.lan/other/name:2",
    "r.lan/a:1",
    "mirror.lan/a:1",
  ]);
});

test("a mirror without a host is refused", () => {
  assert.throws(() => pullSources("a/b:1", ["nowhere"]), /"nowhere" is not a mirror; write host/);
});
