import assert from "node:assert/strict";
import { test } from "node:test";
import { routeTo } from "../../src/model/box-route.ts";

for (const [bind, engine, wanted] of [
  ["127.0.0.1", undefined, { host: "127.0.0.1" }],
  ["0.0.0.0", undefined, { host: "127.0.0.1" }],
  ["0.0.0.0", "unix:///run/docker.sock", { host: "127.0.0.1" }],
  ["10.0.0.2", "ssh://me@lab", { host: "10.0.0.2" }],
  ["127.0.0.1", "ssh://me@lab:2222", { host: "127.0.0.1", jump: "me@lab:2222" }],
  ["127.0.0.1", "ssh://lab/var/run/docker.sock", { host: "127.0.0.1", jump: "lab" }],
  ["0.0.0.0", "ssh://me@lab:2222", { host: "lab" }],
  ["::", "tcp://[fd00::7]:2376", { host: "fd00::7" }],
  ["127.0.0.1", "tcp://lab:2376", undefined],
  ["127.0.0.1", "tcp://127.0.0.1:2376", { host: "127.0.0.1" }],
] as const) {
  test(`the route to ${bind} on ${engine ?? "this host"} is ${JSON.stringify(wanted) ?? "undefined"}`, () => {
    assert.deepEqual(routeTo(bind, engine), wanted);
  });
}
