import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { after, before, describe, test } from "node:test";
import { lockLines } from "../../src/config/tool-lock.ts";
import { suites } from "../image/fresh-base.ts";
import { boxImage } from "./box-image.ts";
import { fakeTools, toolLock } from "./fake-releases.ts";
import { FreshBox } from "./fresh-box.ts";

/** What `run-step` passes about this host. */
const registry = {
  BENCHBOX_NPM_REGISTRY: execFileSync("npm", ["config", "get", "registry"], { cwd: tmpdir(), encoding: "utf8" }).trim(),
};

/** The tools that package registries have, each with a command that uses it and an earlier version. */
const tools = {
  uv: {
    works:
      "cd $(mktemp -d) && uv venv -q v && uv pip install -q --python v/bin/python six && v/bin/python -c 'import six; print(6*7)'",
    earlier: "0.13.8",
  },
  nodejs: {
    works: "node -p 6*7 && npm view left-pad version >/dev/null && npx --version >/dev/null",
    earlier: "24.16.0",
  },
  bun: {
    works: "cd $(mktemp -d) && bun add left-pad >/dev/null 2>&1 && bun -e 'console.log(6*7 as number)'",
    earlier: "1.4.4",
  },
  "claude-code": { works: "claude --version && test $(claude --version | wc -l) = 1 && echo 42", earlier: undefined },
  "codex-cli": { works: "codex --version && echo 42", earlier: undefined },
} as const;
const bookworm = ["uv", "nodejs"];

/** Real installations, from the sites that this host reaches. Other sites fail first, within seconds. */
for (const suite of suites) {
  describe(`the tools on ${suite}`, { concurrency: 1 }, () => {
    let box: FreshBox;
    before(() => {
      box = new FreshBox(boxImage(suite));
    });
    after(() => box.remove());

    const install = (id: string, words = "", lines = lockLines(toolLock[id], { policy: "locked", mirrors: {} })) =>
      box.run("peid", `bash /scripts/${fakeTools[id]?.script} --user peid ${words}`, {
        BENCHBOX_LOCK: lines,
        ...registry,
      });
    const onPath = "export PATH=~/.local/bin:$PATH; ";

    for (const [id, { works, earlier }] of Object.entries(tools)) {
      if (suite === "bookworm" && !bookworm.includes(id)) continue;
      const version = toolLock[id]?.version ?? "";

      test(`${id} is installed and works, and the second run changes nothing`, async (t) => {
        const { code, output } = await install(id);
        assert.equal(code, 0, output);
        assert.match(output, new RegExp(`^benchbox-report\tversion\t${version}$`, "m"));
        t.diagnostic(/^benchbox: installed.*|benchbox: \S+: installed.*/m.exec(output)?.[0] ?? output);
        assert.match(await box.ok("peid", onPath + works), /^42$/m);
        const times = `stat -c '%n %Y %Z %i' ~/.local/bin/* ~/.local/share/benchbox/tools/${id}/* ~/.local/share/benchbox/tools/${id}/*/*`;
        const before = await box.ok("peid", times);
        const again = await install(id);
        assert.match(again.output, /is already installed/);
        assert.ok(again.seconds < 3, `it took ${again.seconds} s`);
        assert.equal(await box.ok("peid", times), before);
      });

      if (earlier === undefined || suite === "bookworm") continue;
      test(`${id}: --version installs an earlier version, verified by the registry, and a plain run the locked one`, async () => {
        for (const [words, wanted] of [
          [`--version ${earlier}`, earlier],
          ["", version],
        ] as const) {
          const { code, output } = await install(id, words);
          assert.equal(code, 0, output);
          assert.match(output, new RegExp(`^benchbox-report\tversion\t${wanted}$`, "m"));
          assert.match(output, wanted === earlier ? /proof\tthe (index's own|checksum that)/ : /proof\tthe /);
        }
        assert.match(await box.ok("peid", onPath + works), /^42$/m);
      });

      test(`${id}: an archive that does not match the lock file is rejected`, async () => {
        await install(id, "--uninstall");
        const lines = lockLines(toolLock[id], { policy: "locked", mirrors: {} }).replace(
          /\t[0-9a-f]{64}\t/g,
          `\t${"0".repeat(64)}\t`,
        );
        const { code, output } = await install(id, "", lines);
        assert.match(output, /DO NOT MATCH THE HASHES|checksum mismatch: the file's sha256 is/);
        // A publisher whose site is reachable provides the checksum itself.
        if (code === 0) assert.match(output, /verified by the checksum that/);
        else assert.equal(code, 69, output);
      });
    }

    test("tools that only the publishers' sites have: installed from there, or reported with the reason", async (t) => {
      for (const id of ["pixi", "clash-rs"]) {
        const { code, output, seconds } = await install(id);
        if (code === 0) {
          t.diagnostic(`${id}: ${/installed.*/.exec(output)?.[0]}`);
        } else {
          assert.equal(code, 69, output);
          assert.match(output, new RegExp(`no source could deliver ${id} `));
          t.diagnostic(`${id} cannot be downloaded from here: ${/no source could.*/.exec(output)?.[0]}`);
        }
        assert.ok(code === 0 || seconds < 30, `it took ${seconds} s`);
      }
    });
  });
}
