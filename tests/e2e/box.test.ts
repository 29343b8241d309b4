import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Clone, docker, freePort, password } from "../support/clone.ts";
import { appliedSteps, assertSilent, assertSilentInFull, plannedSteps } from "./plan.ts";

/** The life cycle of a box, on a real Docker Engine. Each test starts with the box up and leaves it up. */
describe("the life of a box", { concurrency: 1 }, () => {
  let port: number;
  let clone: Clone;
  let firstUp = "";

  before(async () => {
    port = await freePort();
    clone = new Clone(`e2e${process.pid}`, port);
    await clone.ok(["rm", "-r", "node_modules"]); // as after `git clone`
    firstUp = await clone.ok(["npm", "run", "up", "--", clone.stack, "--skip-preview"]);
  });
  after(async () => {
    await clone.purge();
    clone.remove();
  });

  const containerId = (): string => docker("container", "inspect", "--format", "{{.Id}}", clone.name);
  const isSilent = (): Promise<void> => assertSilent(clone);

  test("the first `npm run up` prints how to open the box, and the printed command works", async () => {
    const command = firstUp.split("\n").find((line) => line.startsWith("  ssh -o "));
    assert.ok(command, firstUp);
    const batch = command.replace("  ssh ", "ssh -o BatchMode=yes ");
    assert.equal(await clone.ok(["bash", "-c", `${batch} 'id -u; id -g'`]), "3100\n1100\n");
  });

  test("uv is installed for the user and works", async () => {
    assert.match(await clone.ssh("command -v uv; uv --version"), /^\/home\/peid\/\.local\/bin\/uv\nuv \d/);
    assert.match(await clone.ssh("uv venv --quiet /tmp/venv && /tmp/venv/bin/python -c 'print(6*7)'"), /42/);
  });

  test("a second `npm run up` changes nothing, and both previews plan no change", async () => {
    const output = await clone.ok(["npm", "run", "--silent", "up", "--", clone.stack]);
    assert.match(output, /^Previewing update .*\n\nResources:\n {4}\d+ unchanged\n/m);
    assert.doesNotMatch(output, /^Updating/m, "nothing to update, so no update runs");
    assert.match(output, /^The box \S+ is up/m);
    await assertSilentInFull(clone);
  });

  test("a piped preview without changes prints a few lines", async () => {
    const output = await clone.ok(["bin/benchbox", "preview", clone.stack]);
    assert.match(output, /^Previewing update \(\S+\):\n\nResources:\n {4}\d+ unchanged\n/m);
    assert.ok(output.split("\n").length < 10, output);
  });

  test("the box compiles an extension of its Python, supports today's terminals, and keeps its one locale", async () => {
    const headers = `-I$(python3 -c 'import sysconfig; print(sysconfig.get_path("include"))')`;
    const compile = `printf '#include <Python.h>\\nint main(void) { return 0; }\\n' | gcc ${headers} -x c -o ~/compiled - && ~/compiled`;
    await clone.ssh(compile);
    const terminals = ["xterm-ghostty", "xterm-kitty", "alacritty", "wezterm", "foot", "tmux-256color"];
    for (const name of terminals) await clone.ssh(`infocmp ${name} >/dev/null`);
    assert.match(await clone.ssh("TERM=no-such-terminal bash -lc 'echo $TERM'"), /^xterm-256color$/m);
    const client = ["-o", "SetEnv=LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8", "bash -c true; perl -e 1; locale"];
    const output = await clone.ok(["bin/benchbox", "ssh", clone.stack, ...client]);
    assert.match(output, /^LANG=C\.UTF-8$/m);
    assert.doesNotMatch(output, /cannot change locale|Setting locale failed|de_DE/);
  });

  test("an `up` leaves no change in the clone's git status", async () => {
    assert.equal(await clone.ok(["git", "status", "--porcelain"]), "");
  });

  test("plain `pulumi` works with the wrapper's folder on PATH", async () => {
    const path = `${join(clone.directory, "bin")}:${process.env.PATH}`;
    assert.match(
      await clone.ok(["pulumi", "preview", "-s", clone.stack, "--expect-no-changes"], { PATH: path }),
      /unchanged/,
    );
  });

  test("a different host key is refused", async () => {
    const other = join(clone.home, "other_hosts");
    await clone.ok(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(clone.home, "other")]);
    writeFileSync(other, `[127.0.0.1]:${port} ${readFileSync(join(clone.home, "other.pub"), "utf8")}`);
    const options = ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", `UserKnownHostsFile="${other}"`];
    const { code, output } = await clone.run(["ssh", ...options, "-p", String(port), "peid@127.0.0.1", "true"]);
    assert.equal(code, 255);
    assert.match(output, /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/);
  });

  test("the user can log in with the password, and root cannot log in", async () => {
    const ask = join(clone.home, "askpass");
    writeFileSync(ask, `#!/bin/sh\necho '${password}'\n`, { mode: 0o700 });
    const known = join(clone.directory, `.state/known_hosts.${clone.stack}`);
    const login = (user: string) => {
      const options = [
        "-o",
        "PubkeyAuthentication=no",
        "-o",
        `UserKnownHostsFile="${known}"`,
        "-o",
        "NumberOfPasswordPrompts=1",
      ];
      return clone.run(["setsid", "--wait", "ssh", ...options, "-p", String(port), `${user}@127.0.0.1`, "id -un"], {
        SSH_ASKPASS: ask,
        SSH_ASKPASS_REQUIRE: "force",
        DISPLAY: ":none",
      });
    };
    assert.match((await login("peid")).output, /^peid$/m);
    assert.notEqual((await login("root")).code, 0);
  });

  test("the state, the outputs, the image and the container's configuration contain no secret", async () => {
    const places = {
      state: await clone.pulumi("stack", "export"),
      outputs: await clone.pulumi("stack", "output", "--json", "--show-secrets"),
      up: firstUp,
      history: docker("history", "--no-trunc", docker("container", "inspect", "--format", "{{.Image}}", clone.name)),
      container: docker("container", "inspect", clone.name),
      log: docker("logs", clone.name),
    };
    const base64 = Buffer.from(password).toString("base64");
    for (const [place, text] of Object.entries(places)) {
      assert.ok(!text.includes(password) && !text.includes(base64), `the password is in the ${place}`);
      assert.doesNotMatch(text, /PRIVATE KEY/, `a private key is in the ${place}`);
    }
    const keys = docker(
      "run",
      "--rm",
      "--network=none",
      "--entrypoint",
      "sh",
      docker("container", "inspect", "--format", "{{.Image}}", clone.name),
      "-c",
      "ls /etc/ssh",
    );
    assert.doesNotMatch(keys, /_key/);
  });

  test("a changed script runs again, and nothing else", async () => {
    const script = "scripts/stage-1/system/uv/install-uv.sh";
    clone.write(script, clone.read(script).replace("# install-uv.sh", "# (changed) install-uv.sh"));
    assert.deepEqual(appliedSteps(clone, await clone.up()), ["update uv-run"]);
    await isSilent();
  });

  test("a changed byte replaces the image and the container, and keeps the home and the host key", async () => {
    const id = containerId();
    const hostKey = await clone.pulumi("stack", "output", "ssh", "--json");
    await clone.ssh("echo precious > ~/work");
    clone.write("image/box/sshd_config", `${clone.read("image/box/sshd_config")}# changed\n`);
    const steps = (await plannedSteps(clone)).filter((step) => !/^update /.test(step));
    assert.deepEqual(steps, ["replace container", "replace image", "replace image-proof", "replace start"]);
    await clone.up();
    assert.notEqual(containerId(), id);
    assert.equal(await clone.ssh("cat ~/work; command -v uv"), "precious\n/home/peid/.local/bin/uv\n");
    assert.equal(await clone.pulumi("stack", "output", "ssh", "--json"), hostKey);
    await isSilent();
  });

  test("a new password and a new key are set in the box without replacing it", async () => {
    const id = containerId();
    clone.write("user_config.yml", clone.read("user_config.yml").replace(password, `${password}-new`));
    await clone.ok(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", join(clone.home, ".ssh/id_ecdsa")]);
    assert.deepEqual(appliedSteps(clone, await clone.up()), ["update start"]);
    assert.equal(containerId(), id);
    assert.match(await clone.ssh("cat ~/.ssh/authorized_keys"), /^ecdsa-sha2/m);
    await isSilent();
  });

  test("`pulumi config set` changes the tracked file and does not add the salt", async () => {
    const file = `Pulumi.${clone.stack}.yaml`;
    const text = clone.read(file);
    await clone.ok(["bin/pulumi", "config", "set", "benchbox:gpu", "all", "--stack", clone.stack]);
    assert.equal(clone.read(file), text.replace("gpu: none", "gpu: all"));
    clone.write(file, text);
  });

  test("invalid input is reported without a stack trace, and nothing changes", async (t) => {
    const up = (stack = clone.stack) => clone.run(["bin/benchbox", "up", stack]);
    const state = await clone.pulumi("stack", "export");
    const file = `Pulumi.${clone.stack}.yaml`;
    const cases: [name: string, file: string, change: (text: string) => string, wanted: RegExp][] = [
      [
        "malformed YAML",
        "user_config.yml",
        (text) => text.replace("users:", "users: ["),
        /user_config\.yml:\d+: is not valid YAML/,
      ],
      [
        "a stack's file that is not YAML",
        file,
        (text) => text.replace("gpu: none", "gpu: [none"),
        /Pulumi\.\S+\.yaml:\d+: is not valid YAML/,
      ],
      [
        "an unknown option",
        "user_config.yml",
        (text) => text.replace("uid:", "uit:"),
        /user_config\.yml:\d+: ssh\.users\[0\]\.uit: unknown option/,
      ],
      [
        "missing GPUs",
        file,
        (text) => text.replace("gpu: none", "gpu: all"),
        /neither an NVIDIA runtime nor a CDI device/,
      ],
    ];
    for (const [name, changed, change, wanted] of cases) {
      await t.test(name, async () => {
        const text = clone.read(changed);
        clone.write(changed, change(text));
        const { code, output } = await up();
        clone.write(changed, text);
        assert.notEqual(code, 0);
        assert.match(output, wanted);
        assert.doesNotMatch(output, /^\s+at .*:\d+:\d+\)?$/m, "a stack trace is shown");
      });
    }
    await t.test("an unknown stack", async () => {
      const { code, output } = await up("nowhere");
      assert.notEqual(code, 0);
      assert.match(output, /no stack nowhere: Pulumi\.nowhere\.yaml does not exist \(existing stacks: dev, /);
    });
    await t.test("the stack dev on a host without its registry and GPU", async () => {
      const { code, output } = await up("dev");
      assert.notEqual(code, 0);
      assert.match(
        output,
        /nothing was changed[\s\S]*NVIDIA[\s\S]*docker\.1ms\.run: host name not known to the Docker Engine's DNS/,
      );
      assert.doesNotMatch(await clone.ok(["docker", "ps", "--all", "--format", "{{.Names}}"]), /^benchbox-dev$/m);
    });
    assert.equal(await clone.pulumi("stack", "export"), state);
  });

  test("an `up` that downloads nothing succeeds with a proxy that does not answer", async () => {
    const proxy = "http://user:hidden-word@127.0.0.1:9";
    const environment = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy };
    const output = await clone.ok(["bin/benchbox", "up", clone.stack], environment);
    assert.match(output, /Resources:\n {4}\d+ unchanged\n/);
    assert.ok(!`${output}${await clone.pulumi("stack", "export")}`.includes("hidden-word"));
  });

  test("a port in use is reported before anything changes, and the box starts once the port is free", async () => {
    docker("rm", "--force", clone.name);
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, "127.0.0.1", resolve));
    const { code, output } = await clone.run(["bin/benchbox", "up", clone.stack]);
    await new Promise((resolve) => squatter.close(resolve));
    assert.notEqual(code, 0);
    assert.match(output, new RegExp(`port ${port} on 127\\.0\\.0\\.1 +already in use by another program`));
    await clone.up("--refresh");
    await clone.ssh("cat ~/work");
    await isSilent();
  });

  test("two stacks on one Docker Engine do not affect each other", async () => {
    const other = new Clone(`${clone.stack}b`, await freePort());
    try {
      await other.up();
      assert.equal(await other.ssh("hostname; ls ~"), `${other.name}\n`);
      assert.equal(await clone.ssh("cat ~/work"), "precious\n");
      await isSilent();
    } finally {
      await other.purge();
      other.remove();
    }
  });

  test("the box of another clone is left alone, also if only its volumes exist", async () => {
    const other = new Clone(clone.stack, await freePort());
    try {
      for (const found of [
        /the container \S+, the volume \S+-home-peid, the volume \S+-soft, the volume \S+-workspace, the network \S+\n/,
        /Found: the volume \S+-home-peid, the volume \S+-soft, the volume \S+-workspace\n/,
      ]) {
        const { code, output } = await other.run(["bin/benchbox", "up", other.stack]);
        assert.notEqual(code, 0);
        assert.match(output, /a box of this name that belongs to another clone; nothing was changed/);
        assert.match(output, found);
        await clone.down();
      }
      await clone.up();
      assert.equal(await clone.ssh("cat ~/work"), "precious\n");
    } finally {
      other.remove();
    }
  });

  test("after a killed `up`, the next one completes, whenever it was killed", { timeout: 450_000 }, async () => {
    for (const seconds of [1.5, 3.5, 5.5, 7.5]) {
      await clone.down();
      const killed = clone.start(["npm", "run", "up", "--", clone.stack]);
      await sleep(seconds * 1000);
      if (killed.exitCode === null) process.kill(-(killed.pid ?? 0), "SIGKILL");
      await killed.finished;
      const { code, output } = await clone.run(["bin/benchbox", "up", clone.stack]);
      assert.equal(code, 0, `after a kill at ${seconds} s:\n${output}`);
      assert.equal(await clone.ssh("cat ~/work"), "precious\n");
    }
    await isSilent();
  });

  test("a preview and a second `up` leave a running `up` alone", async () => {
    await clone.down();
    const running = clone.start(["bin/benchbox", "up", clone.stack]);
    const state = `.state/.pulumi/stacks/benchbox/${clone.stack}.json`;
    while (running.exitCode === null && !/"type": ?"creating"/.test(clone.read(state))) await sleep(20);
    const [second] = await Promise.all([
      clone.run(["bin/benchbox", "up", clone.stack]),
      clone.run(["bin/benchbox", "preview", clone.stack]),
    ]);
    assert.doesNotMatch(second.output, /an earlier run was killed/);
    const { code, output } = await running.finished;
    assert.equal(code, 0, output);
    await clone.up();
    await isSilent();
  });

  // The preview registers its resources almost at once, so an interruption at each of its lines cuts off something different.
  const moments = [
    /:FirstRun \S+ create/,
    /:Fingerprint \S+ create/,
    /:Container \S+ create/,
    /:Container \S+ creating/,
  ];
  test("an `up` that is interrupted with Ctrl-C ends by itself, and the next one completes", async () => {
    for (const moment of moments) {
      await clone.down();
      const interrupted = clone.start(["npm", "run", "up", "--", clone.stack]);
      let seen = "";
      interrupted.stdout?.on("data", (text) => {
        if (moment.test(seen)) return;
        seen += text;
        if (moment.test(seen)) process.kill(-(interrupted.pid ?? 0), "SIGINT");
      });
      const { output } = await interrupted.finished;
      assert.match(output, /\^C received; cancelling/, `not interrupted at ${moment}`);
      assert.doesNotMatch(output, /^\s+at .*:\d+:\d+\)?$/m, `a stack trace is shown, at ${moment}`);
    }
    await clone.up();
    await isSilent();
  });

  test("a network that an interrupted creation left is reused, and one that somebody else created is refused", async () => {
    await clone.down();
    docker("network", "create", clone.name);
    const { code, output } = await clone.run(["bin/benchbox", "up", clone.stack]);
    assert.equal(code, 1);
    assert.match(output, /that belongs to another clone; nothing was changed\n {2}Found: the network \S+\n/);
    docker("network", "rm", clone.name);
    docker("network", "create", "--label", `benchbox.box=${clone.name}`, clone.name);
    await clone.up();
    await assertSilentInFull(clone);
  });

  test("`npm run down` removes the container and keeps the home and the host key", async () => {
    const hostKey = await clone.pulumi("stack", "output", "ssh", "--json");
    await clone.down();
    assert.equal(docker("ps", "--all", "--quiet", "--filter", `name=^${clone.name}$`), "");
    await clone.up();
    assert.equal(await clone.ssh("cat ~/work"), "precious\n");
    assert.equal(await clone.pulumi("stack", "output", "ssh", "--json"), hostKey);
  });

  test("a purge without a terminal requires the stack's name", async () => {
    const { code, output } = await clone.run(["bin/benchbox", "down", clone.stack, "--purge"]);
    assert.notEqual(code, 0);
    assert.match(output, new RegExp(`Fix: add --purge=${clone.stack}`));
    assert.equal(await clone.ssh("cat ~/work"), "precious\n");
  });

  test("a purge leaves nothing on the Docker Engine", async () => {
    await clone.purge();
    const left = [
      docker("ps", "--all", "--format", "{{.Names}}"),
      docker("volume", "ls", "--format", "{{.Name}}"),
      docker("network", "ls", "--format", "{{.Name}}"),
      docker("image", "ls", "--format", "{{.Repository}}"),
    ].join("\n");
    assert.doesNotMatch(left, new RegExp(clone.name));
  });
});
