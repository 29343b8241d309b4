import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Clone, docker, freePort } from "../support/clone.ts";
import { testTools } from "../support/debian-tool.ts";
import { engineLacks } from "../support/engines.ts";
import { type SecondEngine, startSecondEngine } from "../support/second-engine.ts";

/** A host without a network: a Docker Engine in a network namespace without routes, and a clone with empty caches. */
describe("a bundle", { concurrency: 1, skip: engineLacks() }, () => {
  let engine: SecondEngine;
  let made: Clone;
  let there: Clone;
  let file = "";

  before(async () => {
    made = new Clone(`off${process.pid}`, await freePort());
    made.usePreparedBase();
    made.firstRun(
      '- "stage-1/system/uv/install-uv.sh --user peid"',
      '- "stage-2/system/nodejs/install-nodejs.sh --user peid"',
      '- "stage-2/system/bun/install-bun.sh --user peid"',
      '- id: bun-globals\n  run: "stage-2/custom/setup-workspace.sh --user peid --bun tavily-mcp"\n  needs: [bun, nodejs]',
    );
    await made.up();
    engine = await startSecondEngine({ offline: true });
    there = new Clone(made.stack, await freePort());
    there.write("user_config.yml", made.read("user_config.yml"));
    const stack = `Pulumi.${there.stack}.yaml`;
    const own = made
      .read(stack)
      .replace(/port: \d+/, /port: \d+/.exec(there.read(stack))?.[0] ?? assert.fail("no port"));
    there.write(stack, `${own}  benchbox:docker_host: ${engine.host}\n`);
    there.commit();
    file = join(made.home, "box.tar");
  });
  after(async () => {
    await made.purge();
    made.remove();
    await engine.stop();
    there.remove();
  });

  /** Runs a command of the clone without a network, with caches that are empty at the start. */
  const offline = (words: readonly string[]) => {
    const caches = { BENCHBOX_CACHE: join(there.home, "cache"), npm_config_cache: join(there.home, "npm") };
    for (const folder of Object.values(caches)) mkdirSync(folder, { recursive: true });
    // Hides the programs that set-up has installed here.
    const path = (process.env.PATH ?? "").split(":").filter((folder) => !folder.startsWith(dirname(testTools)));
    return there.run([...engine.enter, ...words], { ...caches, PATH: path.join(":") });
  };

  test("is created from a running box, and overwrites nothing", async () => {
    // Like another clone that shares packages through links: the link counts change while tar reads the files.
    const links =
      'large=$(find node_modules -type f -size +10M | head -n 1); while ln --force "$large" "$1"; do :; done';
    const linking = made.start(["bash", "-c", links, "linking", join(made.home, "linked")]);
    const output = await made.ok(["npm", "run", "bundle", "--", made.stack, file]);
    assert.equal(linking.exitCode, null, "no links were created");
    process.kill(-(linking.pid as number));
    assert.match(output, new RegExp(`npm run up -- ${made.stack} --bundle box\\.tar`));
    const again = await made.run(["npm", "run", "bundle", "--", made.stack, file]);
    assert.equal(again.code, 1);
    assert.match(again.output, /already exists/);
  });

  test("is refused before anything changes if it is damaged or not a bundle", async () => {
    await made.ok([
      "bash",
      "-c",
      `head -c 3000000 '${file}' >'${file}.short'; tar --create --file '${file}.other' user_config.yml; cp '${file}' '${file}.bad'; printf x | dd of='${file}.bad' bs=1 seek=5000000 conv=notrunc status=none`,
    ]);
    for (const [name, wanted] of [
      ["short", /is not a bundle, or is incomplete/],
      ["other", /is not a bundle, or is incomplete/],
      ["bad", /is damaged\n {2}Fix: copy it again/],
    ] as const) {
      const { code, output } = await offline(["npm", "run", "up", "--", there.stack, "--bundle", `${file}.${name}`]);
      assert.notEqual(code, 0);
      assert.match(output, wanted);
      assert.doesNotMatch(output, /: line \d+:/, "a line of bash is shown");
    }
    assert.equal(docker("--host", engine.host, "image", "ls", "--quiet"), "");
  });

  test("brings the box up without a network, with every tool", async () => {
    const { code, output } = await offline(["npm", "run", "up", "--", there.stack, "--bundle", file]);
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /trying (GitHub|PyPI|npm registry)/);
    const box = await offline([
      "npm",
      "run",
      "--silent",
      "ssh",
      "--",
      there.stack,
      "uv --version && bun --version && ls ~/.bun/bin",
    ]);
    assert.match(box.output, /^uv \d[\s\S]*tavily-mcp/);
    const preview = await offline([
      "bin/pulumi",
      "preview",
      "--stack",
      there.stack,
      "--refresh",
      "--expect-no-changes",
    ]);
    assert.equal(preview.code, 0, preview.output);
  });
});
