import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Clone, docker, freePort, type Run } from "../support/clone.ts";
import { assertSilent, assertSilentInFull } from "./plan.ts";

const uv = '- "stage-1/system/uv/install-uv.sh --user peid"';
const claude = '- "stage-2/system/claude-code/install-claude-code.sh --user peid"';
const folder = "~/.local/share/benchbox/tools/claude-code";

/** Interruptions during the download of a tool. The next `up` runs what is left, and nothing else. */
describe("a first run that is interrupted", { concurrency: 1 }, () => {
  let clone: Clone;
  before(async () => {
    clone = new Clone(`broken${process.pid}`, await freePort());
    clone.usePreparedBase();
    await clone.up();
    clone.firstRun(uv, claude);
  });
  after(async () => {
    await clone.purge();
    clone.remove();
  });

  /** Runs an `up`, and interrupts it once the download has begun. */
  const inTheMiddle = async (happens: (up: ReturnType<Clone["start"]>) => unknown): Promise<Run> => {
    await clone.ssh(`rm -rf ${folder}`);
    const up = clone.start(["bin/benchbox", "up", clone.stack, "--skip-preview"]);
    const isLoading =
      "find /home/peid/.local/share/benchbox/tools/claude-code -name archive -size +1M 2>/dev/null | grep -q .";
    const begun = (): boolean => {
      try {
        docker("exec", clone.name, "bash", "-c", isLoading);
        return true;
      } catch {
        return false;
      }
    };
    while (up.exitCode === null && !begun()) await sleep(50);
    assert.equal(up.exitCode, null, "the download was over before it could be interrupted");
    await happens(up);
    return await up.finished;
  };
  const converges = async (): Promise<void> => {
    const log = await clone.up();
    assert.match(await clone.ssh("claude --version"), /\d/);
    assert.doesNotMatch(log, /uv-run/);
    await assertSilent(clone);
  };

  test("pulumi is killed", async () => {
    await inTheMiddle((up) => process.kill(-(up.pid ?? 0), "SIGKILL"));
    await converges();
  });

  test("the box is killed", async () => {
    await inTheMiddle(() => docker("kill", clone.name));
    await converges();
  });

  test("its SSH server ends the sessions", async () => {
    const { code, output } = await inTheMiddle(() => docker("exec", clone.name, "pkill", "-f", "sshd.*: peid"));
    assert.notEqual(code, 0);
    assert.match(output, /claude-code: .*(connection|SSH)/i);
    await converges();
  });

  test("the network is cut", async () => {
    const { code, output } = await inTheMiddle(() => docker("network", "disconnect", clone.name, clone.name));
    assert.notEqual(code, 0);
    assert.match(output, /claude-code: /);
    await converges();
  });
});

test("on a full disk, a tool fails with that reason, and is installed once there is space", {
  skip: process.getuid?.() !== 0 && "mounting a small file system requires root",
  timeout: 600_000,
}, async () => {
  const clone = new Clone(`full${process.pid}`, await freePort());
  clone.usePreparedBase();
  const home = join(clone.home, "disk");
  mkdirSync(home);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=420m,mode=0700,uid=3100,gid=1100", "tmpfs", home]);
  try {
    chownSync(home, 3100, 1100);
    const file = `Pulumi.${clone.stack}.yaml`;
    clone.write(file, `${clone.read(file)}  benchbox:storage: { home: ${JSON.stringify(home)} }\n`);
    // One after the other, since a full disk would make both fail.
    clone.firstRun(uv, `${claude.replace("- ", "- run: ")}\n  needs: [uv]`);
    const { code, output } = await clone.run(["bin/benchbox", "up", clone.stack]);
    assert.notEqual(code, 0);
    assert.match(output, /claude-code: .*[Nn]o space left on device/);
    assert.match(output, /\+ uv /);
    execFileSync("mount", ["-o", "remount,size=2g", home]);
    const log = await clone.up();
    assert.doesNotMatch(log, /uv-run/);
    assert.match(await clone.ssh("claude --version"), /\d/);
    await assertSilentInFull(clone);
  } finally {
    await clone.purge();
    execFileSync("umount", [home]);
    clone.remove();
  }
});
