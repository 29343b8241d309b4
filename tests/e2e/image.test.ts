import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Clone, docker, freePort, type Run } from "../support/clone.ts";
import { containerdStore, engineLacks } from "../support/engines.ts";
import { changedFolders, fileModes } from "../support/file-modes.ts";
import { layerOffenders } from "../support/layer-offenders.ts";
import { type ProxyServer, startProxy } from "../support/proxy-server.ts";
import { startSecondEngine } from "../support/second-engine.ts";
import { assertSilent, assertSilentInFull, plannedSteps } from "./plan.ts";
import { environments } from "./sessions.ts";

/** A network address that a build can request: the registry that npm is configured with. */
const address = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8", cwd: tmpdir() }).trim();

/** The life cycle of a box's image, on a real Docker Engine. Each test starts with the box up and leaves it up. */
describe("the life of an image", { concurrency: 1 }, () => {
  let clone: Clone;
  before(async () => {
    clone = new Clone(`img${process.pid}`, await freePort());
    writeFileSync(join(clone.home, ".gitconfig"), "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n");
    clone.firstRun(); // the box's tools are not part of its image
    await clone.up();
  });
  after(async () => {
    await clone.purge();
    clone.remove();
  });

  const container = (format: string): string => docker("container", "inspect", "--format", format, clone.name);
  const image = (): string => container("{{.Config.Image}}");
  const isSilent = (environment?: NodeJS.ProcessEnv): Promise<void> => assertSilent(clone, environment);
  /** Runs the command behind `npm run up`, without a preview. */
  const up = (environment?: NodeJS.ProcessEnv): Promise<Run> =>
    clone.run(["bin/pulumi", "up", "--yes", "--skip-preview", "--stack", clone.stack], environment);
  const upOk = async (environment?: NodeJS.ProcessEnv): Promise<string> => {
    const { code, output } = await up(environment);
    assert.equal(code, 0, output);
    return output;
  };

  /** Makes this the only script of custom.on_build, with a different content each time. */
  const onBuild = (text: string, ...words: string[]): void => {
    clone.write("scripts/stage-1/custom/on-build.sh", `#!/usr/bin/env bash\n# ${Math.random()}\n${text}\n`);
    const line = JSON.stringify(["stage-1/custom/on-build.sh", ...words].join(" "));
    clone.write("user_config.yml", clone.read("user_config.yml").replace(/on_build: \[.*\]/, `on_build: [${line}]`));
  };

  /** Runs an `up` that must fail after a change, and reverts the change: the box stays as it was, and no change is planned. */
  const failing = async (change: () => void, environment?: NodeJS.ProcessEnv): Promise<string> => {
    const files = ["user_config.yml", "scripts/stage-1/custom/on-build.sh"];
    const before = files.map((file) => clone.read(file));
    const id = container("{{.Id}}");
    change();
    const { code, output } = await up(environment);
    for (const [at, text] of before.entries()) clone.write(files[at] as string, text);
    assert.notEqual(code, 0, output);
    assert.equal(container("{{.Id}}"), id, "the container was replaced");
    return output;
  };

  test("every kind of session has the same environment", async () => {
    const names = ["LANG", "TZ", "NVIDIA_DRIVER_CAPABILITIES", "PATH"];
    const sessions = await environments(clone);
    const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    for (const [session, environment] of Object.entries(sessions)) {
      const found = names.map((name) => environment.match(new RegExp(`^${name}=.*$`, "m"))?.[0]);
      // Only PAM and profiles add the user's own folders first; the image has those of `docker exec`, last.
      const own = "/home/peid/.local/bin:/home/peid/.bun/bin:/home/peid/.pixi/bin";
      const wanted = [
        "LANG=C.UTF-8",
        "TZ=Etc/UTC",
        "NVIDIA_DRIVER_CAPABILITIES=compute,utility,graphics,display",
        session === "docker exec" ? `PATH=${path}:${own}` : `PATH=${own}:${path}`,
      ];
      assert.deepEqual(found, wanted, session);
    }
  });

  test("git has the name and address of the host's user, a default branch, and trusts mounted folders", async () => {
    const found = await clone.ssh(
      "git config user.name; git config user.email; git config init.defaultBranch; git config safe.directory",
    );
    assert.equal(found, "Ada Lovelace\nada@example.org\nmain\n*\n");
  });

  test("the image lists its packages, and `npm run packages` prints the list", async () => {
    const list = await clone.ok(["bin/benchbox", "packages", clone.stack]);
    assert.match(list, /^name\tversion\tarchitecture\n/);
    assert.match(list, /^micro\t\d\S*\t/m);
    assert.match(list, /^openssh-server\t/m);
  });

  test("no layer has package lists, caches, logs, keys or temporary files, or is larger than the files it adds", async () => {
    const paths = (reference: string, words: string): string =>
      docker("run", "--rm", "--network=none", "--entrypoint", "bash", reference, "-c", words);
    const { layers, bytes, offenders } = await layerOffenders(image(), clone.base());
    assert.ok(layers > 1, "the image's own layers were not read");
    assert.deepEqual(offenders, []);
    const files = Number(paths(image(), "du --summarize --one-file-system --bytes / | cut -f1"));
    const baseFiles = Number(
      docker("run", "--rm", "--network=none", "--entrypoint", "sh", clone.base(), "-c", "du -sxb / | cut -f1"),
    );
    assert.ok(bytes < (files - baseFiles) * 1.01, `the layers have ${bytes} bytes for ${files - baseFiles} of files`);
  });

  test("our files have the modes that the build sets, and all folders of the base keep theirs", () => {
    const modes = fileModes(image());
    assert.deepEqual(changedFolders(fileModes(clone.base()), modes), []);
    const own = [
      "configure",
      "entrypoint",
      "gpu-trouble",
      "healthcheck",
      "run-hooks",
      "trust-authorities",
      "write-authorized-keys",
      "write-environment",
      "x11",
    ];
    const wanted = {
      "/usr/local/lib/benchbox": "d 755 0:0",
      ...Object.fromEntries(own.map((name) => [`/usr/local/lib/benchbox/${name}`, "f 755 0:0"])),
      "/usr/local/lib/benchbox/sshd_config": "f 644 0:0",
      "/etc/ssh/sshd_config": "f 644 0:0",
      "/etc/gitconfig": "f 644 0:0",
      "/etc/profile.d/benchbox-display.sh": "f 644 0:0",
      "/etc/profile.d/zz-benchbox-login.sh": "f 644 0:0",
      "/etc/benchbox/secrets.conf": "f 600 0:0",
      "/etc/gemini-cli": "d 755 0:0",
      "/etc/gemini-cli/system-defaults.json": "f 644 0:0",
    };
    assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((path) => [path, modes.get(path)])), wanted);
    const inOurFolder = [...modes.keys()].filter((path) => path.startsWith("/usr/local/lib/benchbox/"));
    assert.deepEqual(
      inOurFolder.filter((path) => !(path in wanted)),
      [],
    );
  });

  test("users can read every folder of the image except those that packages close, and none is world-writable", () => {
    const isFolder = ([, mode]: [string, string]): boolean => mode.startsWith("d ");
    const modeOf = ([, mode]: [string, string]): number => Number.parseInt(mode.split(" ")[1] ?? "", 8);
    const folders = [...fileModes(image())].filter(isFolder);
    const closed = folders.filter((one) => (modeOf(one) & 0o005) !== 0o005).map(([path]) => path);
    const writable = folders.filter((one) => (modeOf(one) & 0o1002) === 0o002).map(([path]) => path);
    // /run/sudo has mode 711: its records belong to root, and sudo reads them for its user.
    const packages = ["/etc/credstore", "/etc/credstore.encrypted", "/etc/ssl/private", "/root", "/run/sudo"];
    const caches = ["/var/cache/ldconfig", "/var/cache/private", "/var/lib/private", "/var/log/private"];
    const known = [...packages, ...caches, "/home/peid"];
    assert.deepEqual(
      { closed: closed.filter((path) => !known.includes(path)), writable },
      { closed: [], writable: [] },
    );
  });

  test("a moved tag is moved back, and the container stays", async () => {
    const [id, reference] = [container("{{.Id}}"), image()];
    docker("tag", clone.base(), reference);
    for (const options of [[], ["--refresh"]]) {
      assert.deepEqual(await plannedSteps(clone, options), ["replace image", "replace image-proof"]);
    }
    await upOk();
    assert.notEqual(
      docker("image", "inspect", "--format", "{{.Id}}", reference),
      docker("image", "inspect", "--format", "{{.Id}}", clone.base()),
    );
    assert.equal(container("{{.Id}}"), id);
  });

  test("a deleted image is built again, and the container stays", async () => {
    const id = container("{{.Id}}");
    docker("image", "rm", "--force", image());
    assert.deepEqual(await plannedSteps(clone), ["replace image", "replace image-proof"]);
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), ["create image", "replace image-proof"]);
    await upOk();
    assert.equal(container("{{.Id}}"), id);
    await isSilent();
  });

  test("changed file times and another clone result in the same image", async () => {
    await clone.ok(["bash", "-c", "find image -type f -exec touch -d @0 {} + -exec chmod g+w {} +"]);
    await isSilent();
    const other = join(clone.home, "other clone");
    await clone.ok(["git", "clone", "--quiet", clone.directory, other]);
    await clone.ok(["ln", "-s", join(clone.directory, "node_modules"), join(other, "node_modules")]);
    const options = `{ directory: ".", project: "benchbox", stack: "${clone.stack}", engineConfig: {}, home: "/" }`;
    const program = [
      'import { planImage } from "./src/plan/image-plan.ts";',
      'import { loadMachine } from "./src/config/load.ts";',
      `console.log(planImage(loadMachine(${options}), { host: { engine: {} }, base: undefined, images: [] }).declared);`,
    ].join("\n");
    const declared = (folder: string): Promise<string> =>
      clone.ok(["env", "--chdir", folder, "node", "--input-type=module", "--eval", program]);
    assert.equal(await declared(other), await declared(clone.directory));
  });

  describe("builds", { concurrency: 1 }, () => {
    // The packages do not matter here, and the proof of each image searches only what is not in its base.
    before(async () => {
      clone.usePreparedBase();
      await upOk();
    });

    for (const [kind, login] of [
      ["http", {}],
      ["socks5", {}],
      ["http", { user: "researcher", password: "p@ss:w*rd%" }],
    ] as const) {
      const named = `${kind} proxy${"user" in login ? " that requires a login" : ""}`;
      test(`a build uses a ${named} of this host`, async () => {
        const proxy = await startProxy({ kind, ...login });
        try {
          const environment =
            kind === "http" ? { https_proxy: proxy.url, HTTP_PROXY: proxy.url } : { ALL_PROXY: proxy.url };
          onBuild('curl -fsS --output /dev/null "$1"; env', address);
          const output = await upOk(environment);
          assert.ok(proxy.requests().length > 0, "the proxy got no request");
          if ("user" in login) await leavesNoTrace(proxy, environment, output);
        } finally {
          await proxy.stop();
        }
      });
    }

    /** Asserts that nothing keeps the proxy after a build through one with the password `p@ss:w*rd%`. */
    const leavesNoTrace = async (proxy: ProxyServer, environment: NodeJS.ProcessEnv, output: string): Promise<void> => {
      const served = proxy.requests().length;
      assert.deepEqual(await plannedSteps(clone), []);
      await isSilent({ HTTPS_PROXY: "http://127.0.0.1:9" });
      const verified = await clone.run(["bin/benchbox", "verify-image", image()], environment);
      assert.equal(verified.code, 0, verified.output);
      const texts = `${output}${readTree(join(clone.directory, ".state"))}${docker("history", "--no-trunc", image())}`;
      const secrets = ["p@ss:w*rd%", "p%40ss", Buffer.from("p@ss:w*rd%").toString("base64").slice(0, 12)];
      for (const secret of [...secrets, `127.0.0.1:${proxy.port}`]) {
        assert.ok(!texts.includes(secret), `${secret} was printed or kept`);
      }
      // A changed script, so that it runs again, without a proxy.
      onBuild('curl -fsS --output /dev/null "$1"', address);
      await upOk();
      assert.equal(proxy.requests().length, served, "the proxy got a request without being set");
    };

    test("if a script stores the proxy, the update fails, names the file and removes the image's name", async () => {
      const proxy = await startProxy({ kind: "http", user: "researcher", password: "Ada1815x" });
      // Sorted, since the order of images that were built within one second varies.
      const names = (): string[] =>
        docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", clone.name).split("\n").sort();
      try {
        const before = names();
        const output = await failing(
          () => onBuild('mkdir -p /opt/app && printf "%s" "$http_proxy" | base64 --wrap=0 >/opt/app/settings'),
          { http_proxy: proxy.url },
        );
        assert.match(output, /\/opt\/app\/settings/);
        assert.doesNotMatch(output, /Ada1815x/);
        assert.deepEqual(names(), before);
      } finally {
        await proxy.stop();
      }
    });

    test("a proxy that stops during a build is reported, and the next run succeeds", {
      timeout: 180_000,
    }, async () => {
      // A proxy's listener outlives its connections by some milliseconds, and the message under test reports the state at that moment.
      const slow = `
answers() { (exec 3<>"/dev/tcp/127.0.0.1/\${https_proxy##*:}") 2>/dev/null; }
for turn in 1 2 3; do
  if ! curl -fsS --max-time 20 --output /dev/null "$1"; then
    while answers; do sleep 0.1; done
    exit 1
  fi
  sleep 1
done`;
      const through = async (ends: boolean): Promise<{ proxy: ProxyServer; code: number; output: string }> => {
        const proxy = await startProxy({ kind: "http" });
        const words = ["bin/pulumi", "up", "--yes", "--skip-preview", "--stack", clone.stack];
        const running = clone.start(words, { https_proxy: proxy.url });
        while (ends && running.exitCode === null && proxy.requests().length === 0) await sleep(100);
        if (ends) await proxy.stop();
        const { code, output } = await running.finished;
        await proxy.stop();
        return { proxy, code, output };
      };
      onBuild(slow, address);
      const died = await through(true);
      assert.notEqual(died.code, 0);
      assert.match(died.output, /the host's http proxy \(HTTPS_PROXY\), which does not answer now/);
      assert.ok(!died.output.includes(`:${died.proxy.port}`), "the proxy's address is printed");
      const lived = await through(false);
      assert.equal(lived.code, 0, lived.output);
      await isSilent();
    });

    test("a failing script ends the build and is reported with its exit code, its step and the end of the log", async () => {
      const output = await failing(() => onBuild('echo "no room for $1" >&2; exit 7', "--fast"));
      assert.match(output, /the image build failed in step \d+\/\d+: RUN .*run-scripts/);
      assert.match(output, new RegExp(`full log: .*/\\.state/build/${clone.stack}/log`));
      assert.match(output, /no room for --fast[\s\S]*on-build\.sh --fast of custom\.on_build failed with exit code 7/);
      assert.doesNotMatch(output, /^\s+at .*:\d+:\d+\)?$/m, "a stack trace is shown");
    });

    test("a script that changes a user's ids fails the build", async () => {
      const output = await failing(() => onBuild("usermod --uid 3200 peid"));
      assert.match(output, /user peid has ids 3200:1100 instead of 3100:1100 at the end of the build/);
    });

    test("a package that the distribution does not have fails the build and is named", async () => {
      const output = await failing(() => clone.packages("nano", "no-such-thing|nor-this"));
      assert.match(output, /no package for: no-such-thing\|nor-this/);
      assert.doesNotMatch(output, /Tools of/, "an unrelated table of tools follows");
      await assertSilentInFull(clone);
    });
  });

  test("a box on another Docker Engine, with another image store, leaves nothing on this one", {
    skip: engineLacks(),
    timeout: 600_000, // without a cache, everything is built again
  }, async () => {
    const engine = await startSecondEngine({
      containerdStore: containerdStore.isSupported && !containerdStore.isDefault,
    });
    const other = new Clone(`${clone.stack}b`, await freePort());
    const engineHas = (): string =>
      ["ps --all", "image ls", "volume ls", "network ls"].map((words) => docker(...words.split(" "))).join("\n");
    try {
      const file = `Pulumi.${other.stack}.yaml`;
      other.write(file, `${other.read(file)}  benchbox:docker_host: ${engine.host}\n`);
      other.firstRun(); // its containers have no Internet access
      // The packages do not matter here, and that Docker Engine installs all of them again, on a base that it creates itself.
      other.packages("nano");
      await other.up();
      assert.equal(await other.ssh("id -u"), "3100\n");
      assert.ok(!engineHas().includes(other.name), engineHas());
      assert.deepEqual(await plannedSteps(other), []);
      assert.deepEqual(await plannedSteps(other, ["--refresh"]), []);
      const elsewhere = await other.run(["bash", "-c", `. .state/toolchain.sh && pulumi preview -s ${other.stack}`], {
        ...other.backend(),
        DOCKER_HOST: "unix:///var/run/docker.sock",
      });
      assert.match(elsewhere.output, /the image would be built on another Docker Engine/);
      await other.purge();
    } finally {
      other.remove();
      await engine.stop();
    }
  });
});

/** The text of every file below a folder. */
function readTree(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}
