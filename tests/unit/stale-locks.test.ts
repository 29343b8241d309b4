import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { clearAfterKill, isLocked } from "../../src/state/stale-locks.ts";

const stack = "lab";

/** A backend of files as the Pulumi CLI leaves it. */
describe("what a killed run left in a backend of files", () => {
  let folder: string;
  let running: ChildProcess;
  let locks: string;
  let attributes: string;
  const lock = (name: string, text: string): string => {
    writeFileSync(join(locks, name), text);
    return join(locks, name);
  };
  const lockOf = (pid: number, host = hostname()): string =>
    lock(`${pid}.json`, JSON.stringify({ pid, username: "ada", hostname: host, timestamp: "2026-11-25T01:02:03Z" }));

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "benchbox-locks-"));
    process.env.PULUMI_BACKEND_URL = `file://${folder}?no_tmp_dir=true`;
    copyFileSync("/bin/sleep", join(folder, "pulumi"));
    chmodSync(join(folder, "pulumi"), 0o755);
    running = spawn(join(folder, "pulumi"), ["60"], { stdio: "ignore" });
  });
  after(() => {
    running.kill();
    delete process.env.PULUMI_BACKEND_URL;
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    locks = join(folder, ".pulumi/locks/organization/benchbox", stack);
    rmSync(join(folder, ".pulumi"), { recursive: true, force: true });
    mkdirSync(locks, { recursive: true });
    mkdirSync(join(folder, ".pulumi/stacks/benchbox"), { recursive: true });
    attributes = join(folder, ".pulumi/stacks/benchbox", `${stack}.json.attrs`);
    writeFileSync(attributes, "");
  });

  test("the lock of a process that has ended is released, and the state is readable again", () => {
    const file = lockOf(4_194_305); // more than a process can have
    clearAfterKill(stack);
    assert.equal(existsSync(file), false);
    assert.equal(existsSync(attributes), false);
    assert.equal(isLocked(stack), false);
  });

  test("that of a program that has got the number since is, too", () => {
    const file = lockOf(process.pid);
    clearAfterKill(stack);
    assert.equal(existsSync(file), false);
  });

  test("the lock of a running Pulumi is kept, and its state left alone", () => {
    const file = lockOf(running.pid ?? 0);
    clearAfterKill(stack);
    assert.equal(existsSync(file), true);
    assert.equal(existsSync(attributes), true);
    assert.equal(isLocked(stack), true);
  });

  test("so is one of another host, and one that cannot be read", () => {
    const files = [lockOf(1, "elsewhere"), lock("half.json", '{"pid":1')];
    clearAfterKill(stack);
    assert.deepEqual(files.map(existsSync), [true, true]);
  });

  test("attributes that are not empty are kept", () => {
    writeFileSync(attributes, "{}");
    clearAfterKill(stack);
    assert.equal(existsSync(attributes), true);
  });

  test("another backend has no files to clear", () => {
    const url = process.env.PULUMI_BACKEND_URL;
    process.env.PULUMI_BACKEND_URL = "s3://bucket";
    clearAfterKill(stack);
    assert.equal(isLocked(stack), false);
    process.env.PULUMI_BACKEND_URL = url;
  });
});
