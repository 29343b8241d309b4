import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { printedMarker } from "../../src/model/step-marker.ts";
import type { StepRequest } from "../../src/model/step-request.ts";
import { freePort } from "../support/clone.ts";

const request: StepRequest = {
  id: "uv",
  trigger: "now",
  words: ["stage-1/system/uv/install-uv.sh"],
  lock: "",
  needs: [],
  required: true,
  sources: "",
  seconds: 60,
  retries: 0,
  environment: {},
};

for (const [how, environment] of [
  ["with a proxy", { HTTPS_PROXY: "http://127.0.0.1:9" }],
  ["without a proxy", {}],
] as const) {
  test(`an unreachable box is the result of a step, not an error, ${how}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "benchbox-step-"));
    t.after(() => rmSync(folder, { recursive: true }));
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "key")]);
    const [privateKey, hostKey] = ["key", "key.pub"].map((name) => readFileSync(join(folder, name), "utf8"));
    const connection = { host: "127.0.0.1", port: await freePort(), user: "peid", hostKey, privateKey };
    const none = Object.fromEntries(
      Object.keys(process.env).flatMap((name) => (/_proxy$/i.test(name) ? [[name, ""]] : [])),
    );
    const { status, stdout, stderr } = spawnSync("src/resources/run-step.ts", ["benchbox-none", "uv", "now"], {
      cwd: join(import.meta.dirname, "../.."),
      env: { ...process.env, ...none, ...environment },
      input: JSON.stringify({ connection, folders: ["stage-1/system/uv"], request }),
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    assert.equal(printedMarker(stdout)?.state, "failed", stdout);
    assert.match(stderr, /Connection refused/);
  });
}
