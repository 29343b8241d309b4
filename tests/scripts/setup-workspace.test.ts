import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { after, before, describe, test } from "node:test";
import { lockLines } from "../../src/config/tool-lock.ts";
import { suites } from "../image/fresh-base.ts";
import { bridgeAddress } from "../image/network-site.ts";
import { boxImage } from "./box-image.ts";
import { fakeTools, toolLock } from "./fake-releases.ts";
import { FreshBox } from "./fresh-box.ts";

const registry = {
  BENCHBOX_NPM_REGISTRY: execFileSync("npm", ["config", "get", "registry"], { cwd: tmpdir(), encoding: "utf8" }).trim(),
};
const fakePixi = new URL("../support/fake-pixi/pixi", import.meta.url).pathname;
const lines = (id: string) => lockLines(toolLock[id], { policy: "locked", mirrors: {} });
const packages = toolLock["setup-workspace"]?.packages ?? {};
const record = (manager: string) => `~/.local/share/benchbox/globals/${manager}`;
const path = "export PATH=~/.local/bin:~/.bun/bin:~/.pixi/bin:$PATH; ";

/** A fake mirror of npm's registry on the Docker Engine's bridge: it lacks some packages and redirects all others to the registry. */
async function startMirror(behind: string, ...lacking: string[]): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(({ url = "" }, response) => {
    if (lacking.includes(decodeURIComponent(url.slice(1)))) response.writeHead(404).end();
    else response.writeHead(302, { location: new URL(url.slice(1), behind).href }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, bridgeAddress(), resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return { url: `http://${address.address}:${address.port}/`, close: () => server.close() };
}

for (const suite of suites) {
  describe(`setup-workspace on ${suite}`, { concurrency: 1 }, () => {
    let box: FreshBox;
    before(async () => {
      box = new FreshBox(boxImage(suite), { words: [`--volume=${fakePixi}:/fake-pixi:ro`] });
    });
    after(() => box.remove());

    const setUp = (words: string, more: { user?: string; lock?: string; environment?: Record<string, string> } = {}) =>
      box.run(more.user ?? "peid", `bash /scripts/stage-2/custom/setup-workspace.sh --user peid ${words}`, {
        BENCHBOX_LOCK: lines("setup-workspace") + (more.lock ?? ""),
        ...registry,
        ...more.environment,
      });
    const few = "--bun tavily-mcp,@upstash/context7-mcp";
    const bun =
      suite === "bookworm" ? few : "--bun @tavily/mcp@latest,@upstash/context7-mcp@latest,@google/gemini-cli@latest";
    const pixi = "--pixi jq,yq,nvitop,btop,helix";
    const state = (manager: string) =>
      box.ok("peid", `stat -c '%n %Y %Z %i' ~/.${manager}/bin/* ${record(manager)}; cat ${record(manager)}`);

    test("a missing pixi or bun is reported, and the programs of the other one are still installed", async () => {
      for (const [manager, words] of [
        ["pixi", pixi],
        ["bun", bun],
      ] as const) {
        const { code, output } = await setUp(words);
        assert.equal(code, 1);
        assert.match(output, new RegExp(`${manager} is not installed: list its script before this one`));
      }
      for (const id of ["nodejs", "bun"]) {
        await box.ok("peid", `bash /scripts/${fakeTools[id]?.script} --user peid`, {
          BENCHBOX_LOCK: lines(id),
          ...registry,
        });
      }
      const both = await setUp(suite === "trixie" ? "" : `${pixi} ${bun}`);
      assert.equal(both.code, 1);
      assert.match(both.output, /pixi is not installed[\s\S]*bun: installed tavily-mcp/);
      if (suite === "trixie") assert.match(both.output, /@tavily\/mcp is not in the npm registry; using tavily-mcp/);
      await box.ok("peid", "ln -s /fake-pixi ~/.local/bin/pixi");
    });

    test("bun: the locked versions are installed and run, and the second run changes nothing", async () => {
      if (suite === "trixie")
        assert.equal(await box.ok("peid", `${path}gemini --version`), `${packages["@google/gemini-cli"]}\n`);
      await box.ok("peid", `${path}context7-mcp --version; command -v tavily-mcp`);
      const before = await state("bun");
      const { code, output, seconds } = await setUp(bun);
      assert.equal(code, 0, output);
      const listed = Object.entries(packages).filter(([name]) => suite === "trixie" || few.includes(name));
      for (const [name, version] of listed) {
        assert.ok(output.includes(`benchbox-report\tpackage\t${name} ${version}\n`), output);
      }
      assert.match(output, /^benchbox-report\trecord\t\/home\/peid\/\.local\/share\/benchbox\/globals\/bun$/m);
      assert.ok(seconds < 3, `it took ${seconds} s`);
      assert.equal(await state("bun"), before);
    });

    test("pixi (a fake): gets the right arguments, and the second run changes nothing", async () => {
      const { code, output } = await setUp(pixi, { lock: "channel=https://mirror.example/conda-forge\n" });
      assert.equal(code, 0, output);
      const asked = await box.ok("peid", "cat ~/pixi-words");
      assert.match(asked, /^global install --channel https:\/\/mirror\.example\/conda-forge jq yq nvitop btop helix$/m);
      assert.match(await box.ok("peid", `${path}hx --version`), /^hx 25/);
      assert.match(output, /^benchbox-report\tpackage\thelix 25\.7\.1$/m);
      const before = await state("pixi");
      assert.equal((await setUp(pixi)).code, 0);
      assert.equal(await state("pixi"), before);
    });

    test("a run for one manager keeps the files of a run for the other one that is not finished", async () => {
      const theirs = `${record("bun")}.benchbox-install.aB3xYz`;
      await box.ok("peid", `mkdir ${theirs} && ${path}pixi global uninstall jq`);
      assert.match((await setUp(pixi)).output, /installed jq/);
      await box.ok("peid", `rmdir ${theirs}`);
    });

    const cases = suite === "trixie" ? test : test.skip; // these do not depend on the distribution
    for (const [manager, words, how, command, repaired] of [
      ["bun", few, "removed", `${path}bun remove -g @upstash/context7-mcp`, "@upstash/context7-mcp"],
      ["bun", few, "modified", "printf '// x' >>~/.bun/bin/context7-mcp", "@upstash/context7-mcp"],
      ["bun", few, "not executable", "chmod -x $(readlink -f ~/.bun/bin/tavily-mcp)", "tavily-mcp"],
      ["pixi", pixi, "removed", `${path}pixi global uninstall yq`, "yq"],
      ["pixi", pixi, "modified", "echo '# x' >>~/.pixi/envs/jq/bin/jq", "jq"],
      ["pixi", pixi, "deleted", "rm ~/.pixi/bin/hx", "helix"],
    ] as const) {
      cases(`${manager}: a program that was ${how} is repaired, and no other one`, async () => {
        const files =
          "~/.bun/install/global/node_modules/*/package.json ~/.bun/install/global/node_modules/@*/*/package.json ~/.pixi/envs/*/version";
        const names = async () => (await box.ok("peid", `stat -c '%n %i' ${files} 2>/dev/null`)).split("\n");
        await setUp(words);
        const before = await names();
        await box.ok("peid", command);
        const { code, output } = await setUp(words);
        assert.equal(code, 0, output);
        assert.match(output, /is gone|was modified|has mode|was replaced/);
        assert.match(output, new RegExp(`^benchbox: ${manager}: installed ${repaired}$`, "m"));
        const after = await names();
        const moved = before.filter((line) => !after.includes(line)).map((line) => line.split(" ")[0] ?? "");
        const others = ["tavily-mcp", "context7-mcp", "gemini-cli", "jq", "yq", "nvitop", "btop", "helix"].filter(
          (name) => !repaired.includes(name) && moved.some((file) => file.split("/").includes(name)),
        );
        assert.deepEqual(others, [], "others were touched");
        assert.match((await setUp(words)).output, new RegExp(`${manager}: already installed: `));
      });
    }

    cases("an incomplete installation by someone else is replaced in the same run", async () => {
      await setUp("--bun tavily-mcp --pixi jq");
      const context7 = "~/.bun/install/global/node_modules/@upstash/context7-mcp";
      await box.ok("peid", `${path}bun add -g @upstash/context7-mcp 2>&1; rm -r ${context7}/dist`);
      await box.ok(
        "peid",
        "mkdir ~/.pixi/envs/yq ~/.pixi/envs/btop; printf 4.50.1 | tee ~/.pixi/envs/{yq,btop}/version",
      );
      await box.ok(
        "peid",
        "mkdir ~/.pixi/envs/yq/bin; printf '#!/no-such-shell\\n' >~/.pixi/envs/yq/bin/yq; chmod +x ~/.pixi/envs/yq/bin/yq; cp -r ~/.pixi/envs/yq/bin/yq ~/.pixi/bin/",
      );
      const { code, output } = await setUp(`${few} --pixi jq,yq,btop`);
      assert.equal(code, 0, output);
      assert.match(output, /^benchbox: bun: .*context7-mcp.* is missing; installing again: @upstash\/context7-mcp$/m);
      assert.match(output, /^benchbox: pixi: .*btop .* has no program; installing again: yq btop$/m);
      await box.ok("peid", `${path}context7-mcp --version; yq --version; btop --version`);
      assert.match((await setUp(`${few} --pixi jq,yq,btop`)).output, /pixi: already installed: jq yq btop/);
    });

    cases("installs another version, and removes what is no longer listed", async () => {
      const { code, output } = await setUp("--bun tavily-mcp@0.2.20 --pixi jq=1.7.1,btop");
      assert.equal(code, 0, output);
      assert.match(output, /package\ttavily-mcp 0\.2\.20$/m);
      assert.match(output, /package\tjq 1\.7\.1$/m);
      assert.equal(
        await box.ok("peid", "ls ~/.bun/bin ~/.pixi/bin"),
        "/home/peid/.bun/bin:\ntavily-mcp\n\n/home/peid/.pixi/bin:\nbtop\njq\n",
      );
      assert.match(
        await box.ok("peid", "cat ~/.bun/install/global/node_modules/tavily-mcp/package.json"),
        /"version": "0\.2\.20"/,
      );
    });

    cases("policy latest: any installed version is kept until an upgrade is requested", async () => {
      const lock = lockLines(toolLock["setup-workspace"], { policy: "latest", mirrors: {} });
      const environment = { BENCHBOX_LOCK: lock };
      const kept = await setUp("--bun tavily-mcp", { environment });
      assert.match(kept.output, /package\ttavily-mcp 0\.2\.20$/m);
      const upgraded = await setUp("--bun tavily-mcp", { environment: { ...environment, BENCHBOX_UPGRADE: "yes" } });
      assert.equal(upgraded.code, 0, upgraded.output);
      assert.doesNotMatch(upgraded.output, /package\ttavily-mcp 0\.2\.20$/m);
    });

    cases(
      "a program that does not start is reported and removed, and the next run records each package once",
      async () => {
        const broken = await setUp("--pixi jq=1.7.1,btop,yq,broken");
        assert.equal(broken.code, 1, broken.output);
        assert.match(broken.output, /\.pixi\/bin\/broken was installed, but does not run \(exit code 12[67]\)/);
        assert.equal(await box.ok("peid", "ls ~/.pixi/bin"), "btop\njq\n"); // as before
        const { code, output } = await setUp("--pixi jq=1.7.1,btop,yq");
        assert.equal(code, 0, output);
        assert.match(
          await box.ok("peid", `sed -n 's/^package=//p' ${record("pixi")} | cut -f 1 | sort`),
          /^btop\njq\nyq\n$/,
        );
      },
    );

    for (const [name, words, lock, code, wanted] of [
      ["a package that does not exist", "--bun benchbox-no-such-package-9x", "", 1, /bun could not install .*404/],
      [
        "a conda package that does not exist",
        "--pixi no-such-thing",
        "",
        1,
        /pixi could not install no-such-thing: .*No candidates/,
      ],
      ["no network for conda", "--pixi yq", "channel=https://unreachable.example\n", 69, /pixi could not install yq/],
      [
        "frozen, and not in the lock file",
        "--bun left-pad",
        "frozen=yes\n",
        1,
        /cannot install left-pad: the lock file has no version of it, and --frozen/,
      ],
      ["an option without its list", "--bun", "", 1, /--bun needs a list/],
    ] as const) {
      cases(`${name}: a clear error`, async () => {
        const found = await setUp(words, { lock });
        assert.equal(found.code, code, found.output);
        assert.match(found.output, wanted);
      });
    }

    cases("a package that an npm mirror lacks comes from npm's own registry, with a warning", async () => {
      const modules = "~/.bun/install/global/node_modules";
      const esbuild = "0.25.12";
      // The mirror lacks a required package, or an optional one: the program for a platform.
      for (const [lacking, wanted, program] of [
        ["tavily-mcp", "tavily-mcp@0.2.19", "command -v tavily-mcp"],
        ["@esbuild/linux-x64", `esbuild@${esbuild}`, "esbuild --version"],
      ] as const) {
        const mirror = await startMirror(registry.BENCHBOX_NPM_REGISTRY, lacking);
        const environment = {
          BENCHBOX_NPM_REGISTRY: mirror.url,
          BENCHBOX_NPM_FALLBACK: registry.BENCHBOX_NPM_REGISTRY,
        };
        try {
          const { code, output } = await setUp(`--bun ${wanted}`, { environment });
          assert.equal(code, 0, output);
          const address = `${mirror.url}${lacking.replace("/", "%2f")}`;
          assert.ok(
            output.includes(`benchbox: warning: bun: not found: ${address}; trying ${registry.BENCHBOX_NPM_REGISTRY}`),
            output,
          );
          await box.ok("peid", `${path}${program}`);
          await box.ok("peid", `ls ${modules}/${lacking}/package.json`);
        } finally {
          mirror.close();
        }
      }
    });

    cases(
      "a package that neither an npm mirror nor npm's own registry has, or if that registry is unreachable",
      async () => {
        const none = "benchbox-no-such-package-9x";
        const mirror = await startMirror(registry.BENCHBOX_NPM_REGISTRY, "left-pad", none);
        const environment = { BENCHBOX_NPM_REGISTRY: mirror.url };
        try {
          for (const [words, fallback, wanted, message] of [
            [
              `--bun ${none}`,
              registry.BENCHBOX_NPM_REGISTRY,
              1,
              `could not install ${none}: not found: .*; .*${none} - 404`,
            ],
            ["--bun left-pad", "https://registry.invalid/", 69, "could not install left-pad: not found: .*; .*error: "],
          ] as const) {
            const { code, output } = await setUp(words, {
              environment: { ...environment, BENCHBOX_NPM_FALLBACK: fallback },
            });
            assert.match(output, new RegExp(`^benchbox: bun ${message}`, "m"));
            assert.equal(code, wanted, output);
          }
          // The missing package is optional, and no other registry answers: the installation succeeds without it.
          const optional = await startMirror(registry.BENCHBOX_NPM_REGISTRY, "@esbuild/aix-ppc64");
          const { code, output } = await setUp("--bun esbuild@0.25.12", {
            environment: { BENCHBOX_NPM_REGISTRY: optional.url, BENCHBOX_NPM_FALLBACK: "https://registry.invalid/" },
          });
          optional.close();
          assert.match(
            output,
            /warning: bun: https:\/\/registry\.invalid\/ failed as well; installing without the missing package$/m,
          );
          assert.equal(code, 0, output);
          await box.ok("peid", `${path}esbuild --version`);
        } finally {
          mirror.close();
        }
      },
    );

    cases("no network for npm: exit code 69", async () => {
      const { code, output } = await setUp("--bun left-pad", {
        environment: { BENCHBOX_NPM_REGISTRY: "https://registry.invalid/" },
      });
      assert.equal(code, 69, output);
      assert.match(output, /bun could not install left-pad/);
    });

    cases("after runs that were killed at random points, the next run installs everything", async () => {
      for (const seconds of ["0.7", "1.5"]) {
        await box.run(
          "peid",
          `timeout -s KILL ${seconds} bash /scripts/stage-2/custom/setup-workspace.sh --user peid ${bun}`,
          {
            BENCHBOX_LOCK: lines("setup-workspace"),
            ...registry,
          },
        );
      }
      const { code, output } = await setUp(few, { user: "root" });
      assert.equal(code, 0, output);
      assert.match(await box.ok("peid", `${path}context7-mcp --version`), /^\d/);
      assert.equal(await box.ok("root", "find /home/peid ! -user peid | head"), "");
    });

    cases(
      "a C++ addon is compiled with the headers of the installed Node.js, not with those from nodejs.org",
      async () => {
        const install = "apt-get update --quiet=2 && apt-get install --quiet=2 --no-install-recommends g++ make";
        await box.ok("root", `echo 192.0.2.1 nodejs.org >>/etc/hosts; ${install} >/dev/null 2>&1`);
        const { code, output } = await setUp("--bun @google/gemini-cli@latest");
        assert.equal(code, 0, output);
        const modules = "~/.bun/install/global/node_modules";
        await box.ok(
          "peid",
          `${path}cd ${modules}/node-pty && node -e 'require("./build/Release/pty.node").fork.call'`,
        );
      },
    );

    test("--uninstall leaves nothing behind", async () => {
      const { code, output } = await setUp("--uninstall");
      assert.equal(code, 0, output);
      assert.equal(
        await box.ok("peid", "ls ~/.bun/bin ~/.pixi/bin ~/.local/share/benchbox/globals | grep -v :"),
        "\n\n",
      );
    });
  });
}
