import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { askEngine } from "../../src/observe/docker-engine.ts";
import { recordedEngines, recordedPodmans } from "../support/recorded-engines.ts";

/** The result of `askEngine` for these answers to `docker info` and `docker version`. */
async function asked(info: object, components: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "bb-docker-"));
  const before = process.env.PATH;
  const named = components.map((Name) => ({ Name }));
  writeFileSync(join(folder, "info"), JSON.stringify(info));
  writeFileSync(join(folder, "version"), JSON.stringify(named));
  const stub = `#!/bin/sh\ncat '${folder}'/"$1"\n`;
  writeFileSync(join(folder, "docker"), stub, { mode: 0o755 });
  process.env.PATH = `${folder}:${before}`;
  try {
    return await askEngine();
  } finally {
    process.env.PATH = before;
    rmSync(folder, { recursive: true });
  }
}

test("Podman is recognized by its name, whatever Docker version it claims to be", async () => {
  for (const { info, components } of recordedPodmans) {
    assert.deepEqual(await asked(info, components), { problem: "podman", reason: info.ServerVersion });
  }
});

test("Docker is queried once", async () => {
  // Another one would be answered like this.
  assert.deepEqual(await asked(recordedEngines.plain, ["Podman Engine"]), recordedEngines.plain);
  const { IndexServerAddress: _, ...silent } = recordedEngines.plain;
  assert.deepEqual(
    await asked(silent, ["Engine", "containerd", "runc"]),
    silent,
    "one that has no index server is Docker",
  );
});
