import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { FleetRow } from "../../src/cli/documents.ts";
import { failureReason, planText } from "../../src/cli/fleet/ask.ts";
import { run } from "../../src/cli/fleet/run.ts";
import { exitCodeOf, fleetLine, fleetPage } from "../../src/cli/report/fleet-report.ts";
import { nextPort, stackFile } from "../../src/config/new-stack.ts";

test("a new stack gets an unused port and the requested options", async () => {
  const stacks = [{ ssh: { port: 22022 } }, { ssh: { port: 22024 } }, {}];
  assert.equal(await nextPort(stacks, () => true), 22023);
  assert.equal(await nextPort(stacks, (port) => port > 22023), 22025);
  const all = stackFile("lab", { dockerHost: undefined, gpu: "all", bind: "127.0.0.1", port: 22023 });
  const schema = "# yaml-language-server: $schema=docs/schema/stack.json\n";
  assert.equal(all, `${schema}# The stack lab.\nconfig:\n  benchbox:gpu: all\n  benchbox:ssh:\n    port: 22023\n`);
  const far = stackFile("lab", { dockerHost: "ssh://me@lab", gpu: "0, 2", bind: "10.0.0.2", port: 22022 });
  assert.match(far, /docker_host: "ssh:\/\/me@lab"\n {2}benchbox:gpu: \["0","2"\]\n.*\n {4}bind: "10\.0\.0\.2"/);
});

test("a program that takes too long is killed with its children", async () => {
  const started = performance.now();
  const { code, stdout } = await run(["bash", "-c", "echo begun; sleep 60 & wait"], { seconds: 0.5 });
  assert.deepEqual([code, stdout], [-1, "begun\n"]);
  assert.ok(performance.now() - started < 10_000);
});

const row = (more: Partial<FleetRow>): FleetRow => ({
  stack: "lab",
  state: "ok",
  summary: "no drift",
  seconds: 1,
  ...more,
});

test("a plan counts operations by kind, without unchanged resources", () => {
  assert.equal(planText({ same: 36, read: 1 }), "");
  assert.equal(planText({ replace: 1, same: 3, create: 2 }), "2 to create, 1 to replace");
});

test("lines and page show each stack, and the exit code is that of the worst", () => {
  const evil = "<img src=x>";
  const rows = [
    row({}),
    row({ stack: "b", state: "drift", summary: evil, gpus: ["A100 (driver 570)"], tools: { uv: "1" } }),
  ];
  assert.match(
    stripVTControlCharacters(fleetLine(row({ gpus: ["A100"], lastUp: "2026-11-25T01:02:03Z" }), 5)),
    /^\+ lab {4}no drift {2}A100 {2}last up 2026-11-25 01:02Z$/,
  );
  const page = fleetPage("list", rows, "2026-11-25T01:02:03Z");
  assert.ok(!page.includes(evil) && page.includes("A100 (driver 570)") && page.includes("uv 1"));
  assert.match(page, /2 stacks, 1 with drift, 0 failed/);
  assert.deepEqual(
    [exitCodeOf([row({})]), exitCodeOf(rows), exitCodeOf([...rows, row({ state: "failed" })])],
    [0, 2, 1],
  );
});

test("the reason of a failed up is its last error, shortened", () => {
  const engine = "Diagnostics:\n    error: no such thing\n    error: update failed\n";
  assert.equal(failureReason(engine), "no such thing");
  assert.equal(
    failureReason(`${engine}benchbox: the Docker Engine's disk is full: the image build failed\n  To see what uses\n`),
    "the Docker Engine's disk is full: the image build failed",
  );
  assert.equal(failureReason("Killed\n"), "failed");
  assert.match(failureReason(`error: ${"x".repeat(500)}\n`), /^x{160} \.\.\.$/);
});
