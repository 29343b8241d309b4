import assert from "node:assert/strict";
import { test } from "node:test";
import { explain } from "../../src/model/pull-reason.ts";
import { PullProgress } from "../../src/resources/pull/pull-progress.ts";

const attempt = { registry: "mirror.lan", hasLogin: false };

test("error messages of the Docker Engine are explained, without revealing a proxy", () => {
  const cases: [string, RegExp][] = [
    [
      'Get "https://mirror.lan/v2/": proxyconnect tcp: dial tcp 10.1.2.3:3128: connect: connection refused',
      /the Docker Engine's proxy does not answer/,
    ],
    [
      'Get "https://mirror.lan/v2/": dial tcp: lookup mirror.lan on 10.0.0.1:53: no such host',
      /not known to the Docker Engine's DNS/,
    ],
    ['Get "https://mirror.lan/v2/": net/http: TLS handshake timeout', /no answer in time/],
    ["error pulling image configuration: unexpected EOF", /connection closed during the download/],
    ['Get "https://mirror.lan/v2/": x509: certificate signed by unknown authority', /certificate not trusted/],
    ['Get "https://mirror.lan/v2/": http: server gave HTTP response to HTTPS client', /insecure-registries/],
    ["toomanyrequests: You have reached your pull rate limit", /rate limit exceeded; docker login mirror\.lan/],
    [
      "pull access denied for a/b, repository does not exist or may require 'docker login': denied",
      /image not found, or login required: docker login/,
    ],
    ["something new at https://me:secret@mirror.lan/", /^failed: something new at https:\/\/\*\*\*@mirror\.lan\/$/],
  ];
  for (const [message, words] of cases) {
    const explained = explain(message, attempt).words;
    assert.match(explained, words);
    assert.doesNotMatch(explained, /10\.1\.2\.3|secret/);
  }
});

test("a full disk is a problem of the Docker host, not of the source", () => {
  assert.equal(explain("write /var/lib/docker/tmp/x: no space left on device", attempt).isOurs, true);
});

test("bytes repeated after a retry are no progress, and further bytes are", () => {
  const progress = new PullProgress();
  const downloading = (current: number) => ({
    id: "a",
    status: "Downloading",
    progressDetail: { current, total: 100 },
  });
  assert.equal(progress.add({ id: "a", status: "Pulling fs layer", progressDetail: {} }), true);
  assert.equal(progress.add(downloading(40)), true);
  assert.equal(progress.add(downloading(100)), false, "the Docker Engine's report of an interrupted download");
  assert.equal(progress.add({ id: "a", status: "Retrying in 5 seconds" }), false);
  assert.equal(progress.isRetrying, true);
  assert.equal(progress.add(downloading(40)), false);
  assert.equal(progress.add(downloading(41)), true);
  assert.equal(progress.isRetrying, false);
  assert.equal(progress.describe(), "41 B of 100 B (41 %), 0 of 1 layers complete");
  assert.equal(progress.isUnpacking, false);
  progress.add({ id: "a", status: "Download complete" });
  assert.equal(progress.isUnpacking, true);
});
