import assert from "node:assert/strict";
import { createServer } from "node:http";
import { get } from "node:https";
import { after, before, describe, test } from "node:test";
import { lockLines, processors } from "../../src/config/tool-lock.ts";
import { bridgeAddress } from "../image/network-site.ts";
import { boxImage } from "./box-image.ts";
import { fakeTools, publish, publishWheel, releaseLock } from "./fake-releases.ts";
import { FreshBox } from "./fresh-box.ts";
import { type Manner, ReleaseSite, sha256 } from "./release-site.ts";

const [first, second] = ["9.9.1", "9.9.2"];
/** Lists every file that a tool may have touched, with the properties that any write changes. */
const files = "find ~/.local ~/.cache /soft/app -printf '%p %i %T@ %C@\\n' 2>/dev/null | sort";
/** Lists what killed runs may leave behind. */
const leftovers = "find ~/.local ~/.cache -name '*.benchbox-install*' -o -name '*.part*' -o -name '*.new*'";

/** The tools as their publishers release them, from a fake release site, since most test networks reach none of the real ones. */
describe("releases", { concurrency: 1 }, () => {
  let site: ReleaseSite;
  let image: string;
  let box: FreshBox;

  before(async () => {
    image = boxImage("trixie");
    site = await ReleaseSite.start();
    box = new FreshBox(image, { authority: site.authority });
  });
  after(() => {
    box.remove();
    site.close();
  });

  /** Runs a tool's script with one mirror for each of these manners. */
  const install = (
    id: string,
    words: string,
    {
      manners = ["well"] as Manner[],
      lock = releaseLock(site, id, first),
      more = "",
      user = "peid",
      prefix = "",
      policy = "locked" as "locked" | "latest",
    } = {},
  ) => {
    const mirrors = manners.map((manner) => site.mirror(manner));
    const lines = lockLines(lock, { policy, mirrors: { github: mirrors, nodejs: mirrors, claude: mirrors } });
    const command = `${prefix} bash /scripts/${fakeTools[id]?.script} ${words || "--user peid"}`;
    site.requests.length = 0;
    return box.run(user, command, { BENCHBOX_LOCK: lines + more });
  };
  const requestCount = (path: string): number => site.requests.filter((request) => request.includes(path)).length;

  for (const [id, { programs }] of Object.entries(fakeTools)) {
    const program = `~/.local/bin/${programs[0]}`;
    const versionPattern = (version: string) => new RegExp(`(^| |v)${version.replaceAll(".", "\\.")}( |\n)`);

    test(`${id}: installed, verified by the publisher's checksum, and the second run changes nothing`, async () => {
      const { path } = publish(site, id, first, "x86_64");
      publish(site, id, second, "x86_64");
      const { code, output } = await install(id, "");
      assert.equal(code, 0, output);
      assert.equal(requestCount(path), id.match(/uv|pixi/) ? 2 : 1, site.requests.join("\n"));
      assert.match(output, new RegExp(`^benchbox-report\tsource\t${site.host}$`, "m"));
      assert.match(output, new RegExp(`^benchbox-report\tproof\tthe checksum that ${site.host} publishes$`, "m"));
      for (const each of programs)
        assert.match(await box.ok("peid", `~/.local/bin/${each} --version`), versionPattern(first));
      const before = await box.ok("peid", files);
      const again = await install(id, "");
      assert.match(again.output, /is already installed/);
      assert.deepEqual(site.requests, []);
      assert.equal(await box.ok("peid", files), before);
    });

    test(`${id}: switches to another version and back`, async () => {
      for (const version of [second, first]) {
        const { code, output } = await install(id, `--user peid --version ${version}`);
        assert.equal(code, 0, output);
        assert.match(await box.ok("peid", `${program} --version`), versionPattern(version));
      }
      assert.equal(
        await box.ok("peid", `find ~/.local /soft/app -path '*${second}*'`),
        "",
        "files of the other version remain",
      );
    });

    const ways = {
      deleted: `rm ${program}`,
      "not executable": `chmod -x $(readlink -f ${program})`,
      modified: `printf '# x' >>$(readlink -f ${program})`,
    };
    for (const [how, command] of Object.entries(ways)) {
      // The checks are the same for all tools, so one of them is tested in all three ways.
      if (id !== "uv" && how !== "modified") continue;
      test(`${id}: repaired when its program is ${how}`, async () => {
        await box.ok("peid", command);
        const { code, output } = await install(id, "");
        assert.equal(code, 0, output);
        assert.match(output, /is gone|has mode|was modified|was replaced/);
        assert.match(await box.ok("peid", `${program} --version`), versionPattern(first));
        assert.match((await install(id, "")).output, /is already installed/);
      });
    }

    test(`${id}: --uninstall leaves nothing behind`, async () => {
      assert.equal((await install(id, "--user peid --uninstall")).code, 0);
      const left = `ls -d ${programs.map((each) => `~/.local/bin/${each}`).join(" ")} ~/.local/share/benchbox/tools/${id} /soft/app/clash/clash-rs`;
      assert.match(await box.ok("peid", `${left} 2>/dev/null | wc -l`), /^0$/m);
    });

    test(`${id}: another processor gets the archive for that processor`, async () => {
      const [here, there] = processors.map((processor) => publish(site, id, first, processor).path);
      await box.ok(
        "peid",
        "mkdir -p /tmp/fake && printf '#!/bin/sh\\necho aarch64\\n' >/tmp/fake/uname && chmod +x /tmp/fake/uname",
      );
      const { code, output } = await install(id, "", { prefix: "PATH=/tmp/fake:$PATH" });
      assert.equal(code, 0, output);
      assert.deepEqual(
        [requestCount(here ?? "-") > 0, requestCount(there ?? "-") > 0],
        [false, true],
        site.requests.join("\n"),
      );
      assert.equal((await install(id, "--user peid --uninstall")).code, 0);
    });
  }

  describe("sources that fail", { concurrency: 1 }, () => {
    const id = "pixi";
    let known: { x86_64: string };
    const lock = () => releaseLock(site, id, first, known);

    before(() => {
      known = { x86_64: publish(site, id, first, "x86_64", 20_000).sha256 };
    });
    const fresh = () => box.ok("peid", "rm -rf ~/.local/bin ~/.local/share/benchbox ~/.cache");

    /** Gives a slow source two seconds instead of eight. */
    const impatiently = "BENCHBOX_IMPATIENT_SECONDS=2";

    for (const [manner, wanted, prefix] of [
      ["corrupt", /checksum mismatch: the file's sha256 is [0-9a-f]{64}, expected .*; the file was discarded/, ""],
      ["truncated", /end of response|transfer closed|unexpected eof/i, ""],
      ["missing", /returned error: 404/, ""],
      ["slow", /too slow/, impatiently],
      ["dead", /too slow/, ""],
    ] as const) {
      test(`${manner}: the next source is tried, within seconds`, async () => {
        await fresh();
        const { code, output, seconds } = await install(id, "", { manners: [manner, "well"], lock: lock(), prefix });
        assert.equal(code, 0, output);
        assert.match(output, wanted);
        assert.match(output, new RegExp(`installed ${first} from ${site.host}, verified by the lock file`));
        assert.ok(seconds < 12, `it took ${seconds} s`);
        assert.equal(await box.ok("peid", leftovers), "", "files were left behind");
      });
    }

    test("all sources fail: nothing is installed, and the error lists each source with its reason", async () => {
      await fresh();
      const { code, output } = await install(id, "", { manners: ["missing", "corrupt"], lock: lock() });
      assert.equal(code, 69);
      assert.match(output, /no source could deliver pixi 9\.9\.1; \S+: .*404; \S+: checksum mismatch: the file's/);
      assert.equal((await box.run("peid", "ls ~/.local/bin/pixi")).code, 2);
    });

    test("all sources are slow: a second round waits for them", async () => {
      await fresh();
      const { code, output } = await install(id, "", { manners: ["slow"], lock: lock(), prefix: impatiently });
      assert.equal(code, 0, output);
      assert.match(output, /all sources are slow; trying again with more time/);
      assert.equal(requestCount(" from "), 1, "the second round did not resume");
    });

    test("a download reports its progress and speed", async () => {
      await fresh();
      known = { x86_64: publish(site, id, first, "x86_64", 3_000_000).sha256 };
      const { code, output } = await install(id, "", { manners: ["steady"], lock: lock() });
      assert.equal(code, 0, output);
      assert.match(output, /^benchbox: pixi: 1 of [12] MiB, [3-6]\d\d KiB\/s$/m);
    });

    test("the download of a wheel reports its progress, without the size, which pip does not print", async () => {
      await fresh();
      const wheel = publishWheel(site, "uv", first, 2_500_000);
      site.put("simple/uv/", `<a href="${site.mirror("steady")}/${wheel}">${wheel}</a>`);
      const source = { from: "PyPI", x86_64: "pypi:uv=={version}", checksums: "index" };
      // pip's newer certificate verification fails for a site with an IP address instead of a name.
      const trust = "PIP_CERT=/etc/ssl/certs/ca-certificates.crt PIP_USE_DEPRECATED=legacy-certs";
      const { code, output } = await install("uv", "", {
        lock: { version: first, sources: [source] },
        prefix: `PIP_INDEX_URL=${site.mirror("well")}/simple ${trust}`,
      });
      assert.equal(code, 0, output);
      assert.match(output, /^benchbox: uv: [12] MiB, [3-7]\d\d KiB\/s$/m);
      assert.match(output, /installed 9\.9\.1 from PyPI, verified by the index's own checksum/);
    });

    test("a lock file with another checksum: the archive is rejected", async () => {
      await fresh();
      const { code, output } = await install(id, "", {
        lock: releaseLock(site, id, first, { x86_64: sha256("other") }),
      });
      assert.equal(code, 69);
      assert.match(output, /checksum mismatch: the file's sha256 is/);
      assert.equal((await box.run("peid", "ls ~/.local/bin/pixi")).code, 2);
    });

    test("an npm registry that lacks the package, has no TLS, or requires a login", async (t) => {
      const { path, sha256: sum } = publish(site, id, first, "x86_64");
      known = { x86_64: sum }; // from here on
      site.put(`demo/-/demo-${first}.tgz`, new URL(`${site.mirror("well")}/${path}`));
      const lockOf = (vouched?: string) => {
        const source = { from: "npm registry", x86_64: "npm:demo@{version}", checksums: "index" };
        return { version: first, sources: [{ ...source, ...(vouched && { sha256: { x86_64: vouched } }) }] };
      };
      const plain = createServer(({ url = "" }, response) => {
        if (url.startsWith("/login/")) response.writeHead(401).end();
        else
          get(`${site.mirror("well")}${url}`, { ca: site.authority }, (answer) => {
            response.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(response);
          });
      });
      await new Promise<void>((resolve) => plain.listen(0, bridgeAddress(), resolve));
      t.after(() => plain.close());
      const place = plain.address();
      assert.ok(place !== null && typeof place === "object");
      const http = `http://${place.address}:${place.port}`;
      const cases: [registry: string, fallback: string, vouched: string | undefined, code: number, message: RegExp][] =
        [
          [
            site.mirror("missing"),
            site.mirror("well"),
            sum,
            0,
            /installed 9\.9\.1 from npm registry, verified by the lock file/,
          ],
          [http, "", sum, 0, /installed 9\.9\.1 from npm registry, verified by the lock file/],
          [http, "", undefined, 69, /its address is not https, and the lock file has no checksum for it/],
          [`${http}/login`, "", sum, 69, /error: 401: it requires a login, and boxes have none/],
          [site.mirror("missing"), site.mirror("missing"), sum, 69, /404; and from the official npm registry: .*404/],
        ];
      for (const [registry, fallback, vouched, wanted, message] of cases) {
        await fresh();
        const prefix = `BENCHBOX_NPM_REGISTRY=${registry}/ BENCHBOX_NPM_FALLBACK=${fallback}`;
        const { code, output } = await install(id, "", { lock: lockOf(vouched), prefix });
        assert.match(output, message);
        assert.equal(code, wanted, output);
      }
    });

    test("an archive without any checksum is rejected", async () => {
      await fresh();
      const { checksums: _, ...source } = releaseLock(site, id, first).sources?.[0] ?? { from: "" };
      const { code, output } = await install(id, "", { lock: { version: first, sources: [source] } });
      assert.equal(code, 69);
      assert.match(output, /neither the lock file nor the publisher has a checksum for it/);
    });

    test("frozen: rejects another version and an archive without a checksum in the lock file", async () => {
      await fresh();
      const more = "frozen=yes\n";
      const other = await install(id, `--user peid --version ${second}`, { lock: lock(), more });
      assert.deepEqual(
        [other.code, /cannot install pixi 9\.9\.2: the lock file has 9\.9\.1, and --frozen/.test(other.output)],
        [1, true],
      );
      const unknown = await install(id, "", { more });
      assert.equal(unknown.code, 1);
      assert.match(unknown.output, /the lock file has no checksum for it, and --frozen allows nothing else/);
      assert.deepEqual(site.requests, []);
      assert.equal((await install(id, "", { lock: lock(), more })).code, 0);
    });

    test("policy latest: installs the publisher's newest version and keeps it until an upgrade is requested", async () => {
      await fresh();
      const newest = (version: string) => {
        publish(site, id, version, "x86_64");
        site.put(
          "prefix-dev/pixi/releases/latest",
          new URL(`${site.mirror("well")}/prefix-dev/pixi/releases/tag/v${version}`),
        );
        site.put(`prefix-dev/pixi/releases/tag/v${version}`, "a page");
      };
      const run = async (prefix = "") => {
        const { code, output } = await install(id, "", {
          lock: { ...lock(), version: "1.0.0" },
          prefix,
          policy: "latest",
        });
        assert.equal(code, 0, output);
        return box.ok("peid", "~/.local/bin/pixi --version");
      };
      newest(first);
      assert.match(await run(), /9\.9\.1/);
      newest(second);
      assert.match(await run(), /9\.9\.1/);
      assert.match(await run("BENCHBOX_UPGRADE=yes"), /9\.9\.2/);
    });

    test("after runs that were killed at random points, the next run succeeds and leaves nothing behind", async () => {
      await fresh();
      known = { x86_64: publish(site, id, first, "x86_64", 4_000_000).sha256 };
      for (let times = 0; times < 4; times++) {
        const seconds = (0.2 + Math.random() * 1.5).toFixed(2);
        await install(id, "", { manners: ["brisk"], lock: lock(), prefix: `timeout -s KILL ${seconds}` });
      }
      const { code, output } = await install(id, "", { manners: ["brisk"], lock: lock() });
      assert.equal(code, 0, output);
      assert.match(await box.ok("peid", "~/.local/bin/pixi --version"), /9\.9\.1/);
      assert.equal(await box.ok("peid", leftovers), "");
    });

    test("a run that was killed after its last step leaves nothing behind after the next run", async () => {
      await fresh();
      await install(id, "", { lock: lock() });
      await box.ok("peid", `mkdir ~/.local/share/benchbox/tools/${id}/.benchbox-install.aB3xYz`);
      assert.match((await install(id, "", { lock: lock() })).output, /already installed/);
      assert.equal(await box.ok("peid", leftovers), "");
    });

    test("a killed download is resumed, and downloaded again in full if the partial file is corrupt", async () => {
      await fresh();
      const killed = install(id, "", { manners: ["stalling"], lock: lock(), prefix: "timeout -s KILL 60" });
      const half = "find ~/.cache/benchbox -name '*.part' -size +1M 2>/dev/null | grep --quiet .";
      await box.ok("peid", `until ${half}; do sleep 0.05; done; pkill -KILL --pgroup "$(pgrep --oldest timeout)"`);
      await killed;
      await box.ok("peid", "cp -a ~/.cache/benchbox /tmp/half");
      const whole = await install(id, "", { manners: ["stalling"], lock: lock() });
      assert.equal(whole.code, 0, whole.output);
      assert.equal(requestCount(" from "), 1, site.requests.join("\n"));
      await fresh();
      await box.ok("peid", "mkdir -p ~/.cache && mv /tmp/half ~/.cache/benchbox");
      await box.ok(
        "peid",
        "for part in ~/.cache/benchbox/*.part; do printf damaged | dd conv=notrunc status=none of=$part; done",
      );
      const damaged = await install(id, "", { manners: ["stalling"], lock: lock() });
      assert.equal(damaged.code, 0, damaged.output);
      assert.match(damaged.output, /downloading all of it again from \S+/);
    });
  });

  test("without a network nothing is installed, and the error says why", async (t) => {
    const alone = new FreshBox(image, { network: "none" });
    t.after(() => alone.remove());
    const lines = lockLines(releaseLock(site, "uv", first), { policy: "locked", mirrors: {} });
    const { code, output, seconds } = await alone.run(
      "peid",
      "bash /scripts/stage-1/system/uv/install-uv.sh --user peid",
      { BENCHBOX_LOCK: lines },
    );
    assert.equal(code, 69);
    assert.match(
      output,
      /no source could deliver uv 9\.9\.1; GitHub: cannot download its checksum: Could not resolve host/,
    );
    assert.ok(seconds < 20);
    assert.equal((await alone.run("peid", "ls ~/.local/bin/uv")).code, 2);
  });

  test("a full disk is reported as such, not as a network failure", async (t) => {
    publish(site, "uv", first, "x86_64", 4_000_000);
    const full = new FreshBox(image, {
      authority: site.authority,
      words: ["--tmpfs=/home/peid:size=2m,uid=3100,gid=1100,mode=0700"],
    });
    t.after(() => full.remove());
    const lines = lockLines(releaseLock(site, "uv", first), {
      policy: "locked",
      mirrors: { github: [site.mirror("well")] },
    });
    const { code, output } = await full.run("peid", "bash /scripts/stage-1/system/uv/install-uv.sh --user peid", {
      BENCHBOX_LOCK: lines,
    });
    assert.equal(code, 1, output);
    assert.match(output, /no space left on device for its download to \/home\/peid\/\.cache\/benchbox/);
  });

  test("a folder without write permission is reported", async (t) => {
    await box.ok(
      "root",
      "mkdir -p ~peid/.local/share && chmod 0555 ~peid/.local/share && rm -rf ~peid/.local/share/benchbox",
    );
    t.after(() => box.ok("root", "chmod 0755 ~peid/.local/share"));
    const { code, output } = await install("uv", "");
    assert.equal(code, 1);
    assert.match(output, /cannot write to \/home\/peid\/\.local\/share\/benchbox\/tools\/uv/);
    await box.ok("root", "chmod 0555 /soft/app && rm -rf /soft/app/clash && chmod 0755 ~peid/.local/share");
    t.after(() => box.ok("root", "chmod 0755 /soft/app"));
    publish(site, "clash-rs", first, "x86_64");
    const clash = await install("clash-rs", "");
    assert.equal(clash.code, 1);
    assert.match(clash.output, /cannot write to \/soft\/app\/clash/);
  });

  for (const [name, words, wanted] of [
    ["an unknown user", "--user nobody-here", /no such user in this box: nobody-here/],
    ["a user other than the caller", "--user root", /cannot install for root as peid: run this as root or as root/],
    ["no user", "--version 1.2.3", /usage: install-uv.sh --user NAME/],
    ["an option without its value", "--user", /--user needs a name/],
    ["an unknown option", "--user peid --force", /usage: install-uv.sh --user NAME/],
  ] as const) {
    test(`${name}: a clear error`, async () => {
      const { code, output } = await install("uv", words);
      assert.notEqual(code, 0);
      assert.match(output, wanted);
    });
  }

  test("without a lock file and without --version it fails", async () => {
    const { code, output } = await box.run("peid", "bash /scripts/stage-1/system/uv/install-uv.sh --user peid");
    assert.deepEqual([code, /no version to install/.test(output)], [1, true], output);
  });

  test("root can install for a user, who then owns all of it", async () => {
    publish(site, "uv", first, "x86_64");
    await box.ok("peid", "rm -rf ~/.local ~/.cache");
    const { code, output } = await install("uv", "", { user: "root" });
    assert.equal(code, 0, output);
    assert.equal(await box.ok("root", "find /home/peid ! -user peid"), "");
  });
});
