import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { applyNotRequired, firstRunOptions, readFirstRun } from "../../src/config/first-run.ts";
import { isChecked } from "../../src/model/checked.ts";
import type { Problem } from "../../src/model/problem.ts";
import { proxiesOf } from "../../src/model/proxy.ts";
import { stepLines } from "../../src/model/step-request.ts";
import { proxyRoutes, secretsOf } from "../../src/resources/step-proxies.ts";

const project = mkdtempSync(join(tmpdir(), "benchbox-first-run-"));
after(() => rmSync(project, { recursive: true }));
for (const script of [
  "stage-1/system/uv/install-uv.sh",
  "stage-2/system/pixi/install-pixi.bash",
  "stage-2/system/bun/install-bun.sh",
  "stage-2/system/nodejs/install-nodejs.sh",
  "stage-2/custom/setup-workspace.sh",
  "stage-2/custom/mine.sh",
]) {
  mkdirSync(dirname(join(project, "scripts", script)), { recursive: true });
  writeFileSync(join(project, "scripts", script), "");
}

const problem = (index: number, message: string): Problem => ({ file: "f", line: index, path: "", message });
const read = (...entries: unknown[]) =>
  readFirstRun(firstRunOptions.parse(entries), ["peid", "other"], project, problem);
function stepsOf(...entries: unknown[]) {
  const checked = read(...entries);
  return isChecked(checked) ? checked.value : assert.fail(JSON.stringify(checked.problems));
}
function problemsOf(...entries: unknown[]): string[] {
  const checked = read(...entries);
  return isChecked(checked) ? assert.fail("it was accepted") : checked.problems.map(({ message }) => message);
}

const workspace = "stage-2/custom/setup-workspace.sh --user peid";
const pixi = "stage-2/system/pixi/install-pixi.bash --user peid";
const bun = "stage-2/system/bun/install-bun.sh --user peid";
const uv = "stage-1/system/uv/install-uv.sh --user peid";
const mine = (id: string, ...needs: string[]) => ({ id, run: "stage-2/custom/mine.sh", needs });

test("the requirements' form: a line is a step, and --user names the user who runs it", () => {
  const [step] = stepsOf("stage-1/system/uv/install-uv.sh --user other");
  assert.deepEqual([step?.id, step?.tool, step?.user, step?.arguments], ["uv", "uv", "other", ["--user", "other"]]);
  assert.deepEqual([step?.timeout, step?.retries, step?.required, step?.needs], [1800, 1, true, []]);
});

test("setup-workspace.sh needs pixi, bun and Node.js, of which those that are not listed are ignored", () => {
  const steps = stepsOf(workspace, pixi, bun);
  assert.deepEqual(steps.at(-1)?.needs, ["pixi", "bun"]);
  assert.deepEqual(
    steps.map(({ id }) => id),
    ["pixi", "bun", "setup-workspace"],
  );
});

test("the long form has further options, and one script may be two steps", () => {
  const more = {
    needs: ["uv"],
    env: { A: "1" },
    timeout: 60,
    retries: 3,
    probe: "test -f x",
    required: false,
    user: "other",
  };
  const steps = stepsOf(uv, { run: workspace, id: "one", ...more }, { run: workspace, id: "two" });
  assert.deepEqual(
    steps.map(({ id }) => id),
    ["uv", "one", "two"],
  );
  const { needs, environment, timeout, retries, probe, required, user } = steps[1] ?? assert.fail();
  assert.deepEqual({ needs, env: environment, timeout, retries, probe, required, user }, more);
});

for (const [name, entries, wanted] of [
  ["one script twice", [workspace, workspace], /listed twice; remove one of the two: .*each entry an `id`/],
  ["a need that is not a step", [mine("a", "gone")], /needs gone, which is not one of the steps: a/],
  ["a cycle", [mine("a", "b"), mine("b", "a")], /depends on itself: a -> b -> a/],
  ["a step that depends on itself", [mine("a", "a")], /depends on itself: a -> a/],
  [
    "an unknown user",
    ["stage-2/custom/mine.sh --user nobody"],
    /runs as nobody, who is not one of ssh\.users: peid, other/,
  ],
  [
    "a missing script",
    ["stage-2/custom/gone.sh"],
    /scripts\/stage-2\/custom\/gone\.sh does not exist; available scripts: /,
  ],
] as const) {
  test(`${name} is reported`, () => assert.match(problemsOf(...entries).join("\n"), wanted));
}

test("a stack can mark steps as not required, and an unknown step is refused", () => {
  const steps = stepsOf(uv, pixi);
  const checked = applyNotRequired(steps, ["uv", "pixi"], ["pixi"], problem);
  assert.deepEqual(isChecked(checked) && checked.value.map(({ required }) => required), [true, false]);
  const wrong = applyNotRequired(steps, ["uv", "pixi"], ["pixie"], problem);
  assert.match(isChecked(wrong) ? "" : (wrong.problems[0]?.message ?? ""), /pixie is not one of the steps.*uv, pixi/);
});

test("the problems of all entries are reported", () => {
  const wrong = problemsOf("stage-9/nope.sh", uv.replace("peid", "nobody"), mine("b", "bun"));
  assert.equal(wrong.length, 3, wrong.join("\n"));
  assert.match(wrong.join("\n"), /must be below[\s\S]*runs as nobody[\s\S]*needs bun/);
});

test("a step's lines preserve every text, and end with go", () => {
  const request = {
    id: "a",
    trigger: "t 1",
    words: ["x.sh", "two words", "ü\n"],
    lock: "version=1\n",
    needs: ["b"],
    required: false,
    sources: "s",
    seconds: 5,
    retries: 0,
    environment: { A: "it's" },
  };
  const lines = stepLines(request, { variables: { HTTPS_PROXY: "http://p" }, secrets: ["s3cret"] })
    .trimEnd()
    .split("\n");
  assert.equal(lines.at(-1), "go -");
  const decoded = lines.slice(0, -1).map((line) => {
    const [key, payload = ""] = line.split(" ");
    return [key, Buffer.from(payload, "base64").toString()];
  });
  for (const wanted of [
    ["word", "two words"],
    ["word", "ü\n"],
    ["required", "no"],
    ["need", "b"],
    ["environment", "A=it's"],
    ["environment", "HTTPS_PROXY=http://p"],
    ["secret", "s3cret"],
    ["lock", "version=1\n"],
  ]) {
    assert.ok(
      decoded.some((line) => line.join() === wanted.join()),
      wanted.join(" "),
    );
  }
});

test("each proxy is forwarded through the connection once, with its credentials", () => {
  const routes = proxyRoutes({
    HTTP_PROXY: "http://me:p%40ss@127.0.0.1:3128",
    HTTPS_PROXY: "127.0.0.1:3128",
    ALL_PROXY: "http://[::1]",
    NO_PROXY: "localhost",
  });
  assert.deepEqual(routes.forwards, ["127.0.0.1:3128", "[::1]:80"]);
  assert.deepEqual(routes.variables([4001, 4002]), {
    HTTP_PROXY: "http://me:p%40ss@127.0.0.1:4001",
    HTTPS_PROXY: "http://127.0.0.1:4001",
    ALL_PROXY: "http://127.0.0.1:4002",
    NO_PROXY: "localhost",
  });
});

test("a proxy with TLS keeps its own name, which its certificate is issued for", () => {
  const routes = proxyRoutes({ HTTPS_PROXY: "https://proxy.lan:8443" });
  assert.deepEqual([routes.forwards, routes.variables([])], [[], { HTTPS_PROXY: "https://proxy.lan:8443" }]);
});

test("without a proxy there is no route, and a proxy's credentials are secrets, as written and decoded", () => {
  assert.deepEqual(proxyRoutes({}).forwards, []);
  assert.deepEqual(secretsOf(proxiesOf({ HTTPS_PROXY: "http://me:p%40ss@h:1" })), ["me:p%40ss", "p%40ss", "p@ss"]);
});

test("the credentials of a package registry are secrets, and so is the host of a proxy that keeps its own name", () => {
  const proxies = proxiesOf({ HTTPS_PROXY: "https://proxy.lan:8443", HTTP_PROXY: "http://other.lan:3128" });
  assert.deepEqual(secretsOf(proxies, "https://ci:tok3n@npm.lan/all/"), ["ci:tok3n", "tok3n", "proxy.lan"]);
  assert.deepEqual(secretsOf([], "https://npm.lan/all/"), []);
});
