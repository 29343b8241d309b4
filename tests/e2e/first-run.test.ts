import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { toolsReport } from "../../src/cli/documents.ts";
import { ReleaseSite } from "../scripts/release-site.ts";
import { Clone, docker, freePort } from "../support/clone.ts";
import { startProxy } from "../support/proxy-server.ts";
import { appliedSteps, assertSilent, assertSilentInFull, plannedSteps } from "./plan.ts";

const uv = '- "stage-1/system/uv/install-uv.sh --user peid"';
const bun = '- "stage-2/system/bun/install-bun.sh --user peid"';
const site = "GitHub, nodejs.org and similar sites cannot be reached from a network that has only package registries";

/** The tools of `user_config.yml` in a box, from the sources that can be reached. Each test starts with the box up and leaves it up. */
describe("the first run", { concurrency: 1 }, () => {
  let clone: Clone;
  let output = "";

  before(async () => {
    clone = new Clone(`first${process.pid}`, await freePort(), {}, "all");
    output = await clone.up();
  });
  after(async () => {
    await clone.purge();
    clone.remove();
  });

  const run = (...options: string[]) => clone.run(["bin/benchbox", "up", clone.stack, ...options]);
  const tools = async () =>
    toolsReport.parse(JSON.parse(await clone.ok(["bin/benchbox", "tools", clone.stack, "--json"]))).tools;
  const isSilent = (): Promise<void> => assertSilent(clone);
  const stepsOf = (output: string): string[] =>
    appliedSteps(clone, output).filter((step) => !step.endsWith("fingerprint"));
  const steps = async (): Promise<string[]> =>
    (await plannedSteps(clone)).filter((step) => !step.endsWith("fingerprint"));

  test("every required tool is installed and works, and its source is reported", async () => {
    const rows = new Map((await tools()).map((row) => [row.step, row]));
    for (const id of ["uv", "nodejs", "bun", "claude-code", "codex-cli", "bun-globals"]) {
      assert.equal(rows.get(id)?.state, "installed", output);
    }
    const work = [
      "uv venv --quiet /tmp/venv && uv pip install --quiet --python /tmp/venv/bin/python six && /tmp/venv/bin/python -c 'import six; print(6*7)'",
      "node -e 'console.log(6*7)'",
      "npx --version",
      "bun -e 'console.log(6*7)'",
      "claude --version",
      "codex --version",
      "gemini --version",
    ];
    for (const command of work) assert.match(await clone.ssh(command), /\d/, command);
    assert.match(output, /^ {2}\+ uv +\d/m);
  });

  test("a tool that is not required and that no source delivers is reported as unavailable, with the reason", async (t) => {
    const rows = (await tools()).filter(({ state }) => state === "unavailable");
    if (rows.length === 0) return t.skip("every site can be reached from here");
    for (const { step, reason } of rows) assert.match(reason ?? "", /no source could deliver|it needs pixi/, step);
    assert.match(output, /- pixi +unavailable +not required; .*GitHub/, site);
  });

  test("three previews in a row plan no change, with and without --refresh, and a second `up` runs nothing", async () => {
    for (let times = 0; times < 3; times++) await assertSilentInFull(clone);
    assert.match(await clone.up(), /Resources:\n {4}\d+ unchanged\n/);
  });

  test("the tools are on PATH in every kind of session", async () => {
    const command = "command -v uv node bun claude codex | wc -l";
    for (const login of [
      "%s",
      "bash -lc '%s'",
      "bash -ic '%s'",
      "tmux new-session -d '%s >/tmp/found'; sleep 1; cat /tmp/found",
    ]) {
      assert.match(await clone.ssh(login.replace("%s", command)), /^5$/m, login);
    }
  });

  test("each changed tool is one step of the plan and is repaired, and no other tool is", async () => {
    const touched = {
      "bun-globals": "bun remove -g @google/gemini-cli", // a global that was removed
      bun: "rm ~/.local/bin/bun",
      uv: "chmod -x $(readlink -f ~/.local/bin/uv)",
      "codex-cli": "printf x >>$(readlink -f ~/.local/bin/codex)",
      "claude-code": "printf x >>~/.local/share/benchbox/tools/claude-code/*/libexec/claude",
    };
    const others = await clone.ssh("stat -Lc '%n %Y %i' ~/.local/bin/node ~/.local/bin/npm");
    await clone.ssh(Object.values(touched).join(" && "));
    const log = await clone.up();
    assert.deepEqual(
      stepsOf(log),
      Object.keys(touched)
        .map((step) => `update ${step}-run`)
        .sort(),
    );
    assert.match(log, /tool uv: \/home\/peid\/.local\/bin\/uv has mode 644 instead of 755; desired: uv 0/);
    await isSilent();
    assert.ok((await tools()).every(({ state }) => state === "installed" || state === "unavailable"));
    assert.equal(await clone.ssh("stat -Lc '%n %Y %i' ~/.local/bin/node ~/.local/bin/npm"), others);
    await clone.ssh("uv --version && bun --version && codex --version && claude --version && gemini --version");
  });

  test("so is a tool that was replaced by another version, and one whose marker is gone", async () => {
    await clone.ssh("printf '#!/bin/sh\\necho v1.0.0\\n' >/tmp/n && chmod +x /tmp/n && mv /tmp/n ~/.local/bin/node");
    await clone.ssh("rm ~/.local/state/benchbox/steps/uv");
    assert.deepEqual(stepsOf(await clone.up()), ["update nodejs-run", "update uv-run"]);
    assert.match(await clone.ssh("node --version"), /^v2/);
    await isSilent();
  });

  test("a new port, key, proxy, or mirror of an installed tool runs no step", async () => {
    const file = `Pulumi.${clone.stack}.yaml`;
    const text = clone.read(file);
    clone.write(
      file,
      text
        .replace(/port: \d+/, `port: ${await freePort()}`)
        .replace("benchbox:tools:", "benchbox:tools:\n    mirrors: {npm: [https://registry.npmmirror.com, official]}"),
    );
    const changed = await plannedSteps(clone, [], {
      HTTPS_PROXY: "http://127.0.0.1:9",
      https_proxy: "http://127.0.0.1:9",
    });
    assert.deepEqual(
      changed.filter((step) => step.endsWith("-run")),
      [],
    );
    const log = await clone.up();
    assert.doesNotMatch(log, /uv-run|bun-run/);
    await isSilent();
    await clone.ok(["bin/benchbox", "rotate-keys", clone.stack, "--yes"]);
    await isSilent();
    // The next step that runs reaches the box at its new port with its new keys.
    await clone.ssh("rm ~/.local/bin/bun");
    await clone.up();
    await isSilent();
    clone.write(file, clone.read(file).replace(/\n {4}mirrors: .*/, ""));
    await isSilent();
  });

  test("an unavailable tool is tried again with a new mirror or --retry, and only then", async (t) => {
    if ((await tools()).every(({ state }) => state === "installed"))
      return t.skip("every site can be reached from here");
    const file = `Pulumi.${clone.stack}.yaml`;
    const text = clone.read(file);
    clone.write(
      file,
      text.replace("benchbox:tools:", "benchbox:tools:\n    mirrors: {github: [https://mirror.invalid/gh]}"),
    );
    assert.deepEqual(stepsOf(await clone.up()), ["update clash-rs-run", "update pixi-globals-run", "update pixi-run"]);
    assert.match((await tools()).find(({ step }) => step === "pixi")?.reason ?? "", /mirror\.invalid/);
    await isSilent();
    clone.write(file, text);
    await clone.up();
    await isSilent();
    const retried = await clone.up("--retry");
    assert.match(retried, /pixi-run updated/);
    assert.doesNotMatch(retried, /uv-run updated/);
    await isSilent();
  });

  test("a coding agent stays at its version after it was started", async () => {
    await clone.ssh("bun add --global @google/gemini-cli@0.60.0 >/dev/null 2>&1");
    const wait = "import pty, sys; pty.spawn(sys.argv[1:])"; // it checks for updates only on a terminal
    await clone.ssh(
      `GEMINI_API_KEY=x TERM=xterm timeout 30 python3 -c '${wait}' gemini </dev/null >/dev/null 2>&1; sleep 5`,
    );
    assert.equal(await clone.ssh("gemini --version"), "0.60.0\n");
    await clone.up(); // installs the verified version again
  });

  test("sandboxes of coding agents start if the stack allows user namespaces, and only then", async () => {
    const sandboxes = ["unshare -Ur true", "codex sandbox -- true"];
    const fails = (command: string) => clone.ssh(`! ${command} 2>&1`);
    assert.match(await fails("unshare -Ur true"), /Operation not permitted/);
    await fails("codex sandbox -- true");
    const file = `Pulumi.${clone.stack}.yaml`;
    clone.write(file, `${clone.read(file)}  benchbox:user_namespaces: true\n`);
    const log = await clone.up();
    assert.match(log, /User namespaces: ok/);
    for (const command of sandboxes) await clone.ssh(command);
    // It gives root in the box no more rights.
    assert.throws(() => docker("exec", clone.name, "mount", "-t", "tmpfs", "tmpfs", "/mnt"));
    await isSilent();
  });

  test("every common client in the box trusts the configured certificate authorities", async () => {
    const site = await ReleaseSite.start();
    try {
      clone.write("site.pem", site.authority);
      const config = "user_config.yml";
      const added = ["/usr/local/share/ca-certificates"].filter(existsSync);
      const lists = `ca_certificates: ${JSON.stringify([...added, "site.pem"])}`;
      clone.write(config, clone.read(config).replace("ca_certificates: host", lists));
      await clone.up();
      const uv = "uv run --no-project --quiet";
      // Whether the requested files exist does not matter.
      const clients: Record<string, string> = {
        curl: "curl --silent $URL",
        git: "git ls-remote $URL",
        node: "node -e 'fetch(process.env.URL)'",
        npm: "npm view nothing --registry $URL/",
        bun: "bun -e 'await fetch(process.env.URL)'",
        uv: `${uv} --index-url $URL --with nothing true`,
        pip: `${uv} --with pip python -m pip download --no-cache-dir --index-url $URL/ nothing`,
        urllib: `${uv} python -c 'import os, urllib.request as r; r.urlopen(os.environ["URL"])'`,
        requests: `${uv} --with requests python -c 'import os, requests; requests.get(os.environ["URL"])'`,
        httpx: `${uv} --with httpx python -c 'import os, httpx; httpx.get(os.environ["URL"])'`,
      };
      for (const [client, command] of Object.entries(clients)) {
        const output = await clone.ssh(`export URL=${site.mirror("well")}/${client}; { ${command}; } 2>&1 || true`);
        assert.ok(
          site.requests.some((path) => path.startsWith(`/well/${client}`)),
          `${client}: ${output}`,
        );
      }
    } finally {
      site.close();
    }
  });

  for (const kind of ["http", "socks5"] as const)
    test(`downloads use a ${kind} proxy with a password on this host's loopback, which leaves no trace`, async () => {
      const proxy = await startProxy({ kind, user: "me", password: "s3cret-word" });
      const environment = {
        HTTPS_PROXY: proxy.url,
        https_proxy: proxy.url,
        HTTP_PROXY: "",
        http_proxy: "",
        NO_PROXY: "",
        no_proxy: "",
      };
      try {
        // bun itself, and a program that it installs: bun does not support SOCKS.
        await clone.ssh('rm -rf "$(command -v gemini)" ~/.local/bin/bun ~/.local/share/benchbox/tools/bun');
        const log = await clone.ok(["bin/benchbox", "up", clone.stack], environment);
        assert.ok(
          proxy.requests().some((request) => /:443/.test(request)),
          proxy.requests().join("\n"),
        );
        const places = {
          log,
          state: await clone.pulumi("stack", "export"),
          home: await clone.ssh("grep -rIl s3cret-word ~ /tmp /soft /workspace /var/log 2>/dev/null || true"),
          processes: docker(
            "exec",
            clone.name,
            "bash",
            "-c",
            "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c s3cret-word || true",
          ),
        };
        assert.ok(!places.log.includes("s3cret-word") && !places.state.includes("s3cret-word"));
        assert.deepEqual([places.home, places.processes], ["", "0"]);
        await isSilent();
      } finally {
        await proxy.stop();
      }
    });

  test("custom steps: needs, variables and a probe; a failing step does not stop the others", async () => {
    clone.write(
      "scripts/stage-2/custom/mine.sh",
      '#!/usr/bin/env bash\nset -euo pipefail\necho "$1 $WORD" >>~/mine\n[[ $1 != bad ]]\n',
    );
    const step = (id: string, more = ""): string =>
      `- id: ${id}\n  run: "stage-2/custom/mine.sh ${id} --user peid"\n  env: {WORD: "hello"}${more}`;
    clone.firstRun(
      uv,
      bun,
      step("first", '\n  probe: "test -f ~/mine && { ! test -e ~/slow || sleep 30; }"'),
      step("bad"),
      step("after-bad", "\n  needs: [bad]"),
      step("last", "\n  needs: [first]"),
    );
    const file = `Pulumi.${clone.stack}.yaml`;
    clone.write(file, clone.read(file).replace(/ {2}benchbox:tools:\n( {4}.*\n)*/, ""));
    const failed = await run();
    assert.notEqual(failed.code, 0);
    assert.match(failed.output, /bad: failed with exit code 1/);
    assert.match(failed.output, /x bad +missing +failed with exit code 1: /); // the table shows the reason
    assert.match(failed.output, /x after-bad +missing +it needs bad/);
    assert.match(failed.output, new RegExp(`Log: npm run logs -- ${clone.stack} bad`));
    assert.equal(await clone.ssh("sort ~/mine"), "bad hello\nfirst hello\nlast hello\n");
    assert.doesNotMatch(failed.output, /^\s+at .*:\d+:\d+\)?$/m, "a stack trace is shown");
    clone.write(
      "scripts/stage-2/custom/mine.sh",
      clone.read("scripts/stage-2/custom/mine.sh").replace("[[ $1 != bad ]]", ""),
    );
    await clone.up();
    await isSilent();
    await clone.ssh("rm ~/mine");
    assert.deepEqual(stepsOf(await clone.up()), ["update first-run"]);
    assert.equal(await clone.ssh("cat ~/mine"), "first hello\n");
    await isSilent();
  });

  test("a probe and a driver that take too long are reported and repair nothing, and the rest is compared", async () => {
    const checkDrift = async (): Promise<{ drifts: { part: string }[]; notChecked: string[] }> =>
      JSON.parse((await clone.run(["bin/benchbox", "drift", clone.stack, "--json"])).output);
    const smi = "/usr/local/bin/nvidia-smi"; // a fake that is as slow as the real one without persistence mode
    docker("exec", clone.name, "bash", "-c", `printf '#!/bin/bash\\nsleep 17\\n' >${smi}; chmod +x ${smi}`);
    await clone.ssh("touch ~/slow; mv ~/.local/bin/bun ~/bun");
    const { drifts, notChecked } = await checkDrift();
    assert.deepEqual(
      drifts.map(({ part }) => part),
      ["tool bun"],
    );
    assert.equal(notChecked.length, 2, notChecked.join("\n"));
    assert.match(notChecked[0] ?? "", /^tool first: its probe took over 10 s$/);
    assert.match(notChecked[1] ?? "", /nvidia-smi took over 10 s in it \(persistence mode off\?/);
    assert.deepEqual(await steps(), ["update bun-run"]);
    await clone.ssh("rm ~/slow; mv ~/bun ~/.local/bin/bun");
    docker("exec", clone.name, "rm", smi);
    await isSilent();
  });

  test("a tool that was removed from the configuration is removed from the box, and the others stay", async () => {
    clone.firstRun(uv);
    const gone = (await steps()).filter((step) => step.startsWith("delete ") && !step.endsWith("-run"));
    for (const step of ["after-bad", "bad", "bun", "first", "last"]) assert.ok(gone.includes(`delete ${step}`), step);
    const log = await clone.up();
    assert.match(log, /kept what last installed: \S*mine\.sh does not support --uninstall/);
    assert.equal(
      await clone.ssh("ls ~/.local/bin ~/.local/share/benchbox/tools"),
      "/home/peid/.local/bin:\nuv\nuvx\n\n/home/peid/.local/share/benchbox/tools:\nuv\n",
    );
    await isSilent();
  });

  test("with the policy latest, a tool stays at its version until an upgrade is requested", async () => {
    const file = `Pulumi.${clone.stack}.yaml`;
    clone.write(file, `${clone.read(file)}  benchbox:tools: { policy: latest }\n`);
    const version = (): Promise<string> => clone.ssh("uv --version | cut -d' ' -f2");
    const older = "0.13.8";
    clone.firstRun(uv.replace("--user", `--version ${older} --user`));
    await clone.up();
    assert.equal(await version(), `${older}\n`);
    clone.firstRun(uv);
    await clone.up();
    assert.equal(await version(), `${older}\n`);
    await isSilent();
    await clone.up("--upgrade");
    assert.notEqual(await version(), `${older}\n`);
    await assertSilentInFull(clone);
  });
});
