import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { cachedFolders } from "../../src/cli/bundle/cached-folders.ts";
import { packFolder, packOutput, writeBundle } from "../../src/cli/bundle/pack.ts";
import { UserError } from "../../src/model/user-error.ts";

test("of the tool cache each program's own folder is bundled, and nothing outside the cache", () => {
  const toolchain = `# stamp 1
# path /cache/node-24.22.3-x64/bin/node
# path /cache/built/cli-df69/pulumi
# path /cache/pulumi-home-58/plugins/resource-docker-v5.2.0
# path /cache/pulumi-home-58/plugins/resource-command-v1.2.1
# path /cache-of-another/built/cli/pulumi
# path /clone/node_modules/.package-lock.json
export PATH=/cache/built
`;
  assert.deepEqual(cachedFolders(toolchain, "/cache"), [
    "built/cli-df69",
    "node-24.22.3-x64",
    "pulumi-home-58/plugins",
  ]);
});

describe("a part of a bundle", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "benchbox bundle "));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("is what a program prints, and no part when the program fails", async () => {
    await packOutput(join(folder, "x.gz"), "bash", ["-c", "cat; echo more"], "given\n");
    assert.equal(gunzipSync(readFileSync(join(folder, "x.gz"))).toString(), "given\nmore\n");
    await assert.rejects(packOutput(join(folder, "y.gz"), "bash", ["-c", "echo half; exit 3"]), UserError);
    await assert.rejects(packOutput(join(folder, "z.gz"), "bash", ["-c", "echo half; kill -KILL $$"]), UserError);
  });

  test("is a folder without what is left out", async () => {
    for (const name of ["kept", "logs"]) {
      mkdirSync(join(folder, "from", name), { recursive: true });
      writeFileSync(join(folder, "from", name, "file"), name);
    }
    await packFolder(join(folder, "x.gz"), join(folder, "from"), ["--exclude=*/logs", "."]);
    const list = execFileSync("tar", ["--list", "--gzip", "--file", join(folder, "x.gz")], { encoding: "utf8" });
    assert.deepEqual(list.trim().split("\n").sort(), ["./", "./kept/", "./kept/file"]);
  });

  test("has its checksum in the bundle, as sha256sum reads it", async () => {
    mkdirSync(join(folder, "staging"));
    writeFileSync(join(folder, "staging/tools.tar.gz"), "text");
    await writeBundle(join(folder, "staging"), "dev", join(folder, "box.tar"));
    execFileSync("tar", ["--extract", "--file", "box.tar"], { cwd: folder });
    execFileSync("sha256sum", ["--check", "--quiet", "checksums"], { cwd: folder });
    const form = readFileSync(join(import.meta.dirname, "../../src/toolchain/bundle-form"), "utf8");
    const about = readFileSync(join(folder, "about"), "utf8");
    assert.match(about, /\nstack dev\nmachine \w+\nmade \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$/);
    assert.ok(about.startsWith(form));
  });
});
