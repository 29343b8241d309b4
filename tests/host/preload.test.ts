import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

const root = join(import.meta.dirname, "../..");

/** The output of a program with the modules that `bin/pulumi` preloads. Its `sdk` requires modules as Pulumi's SDK does. */
function programSays(lines: string, environment: Readonly<Record<string, string>> = {}): unknown {
  const head = `const sdk = require("node:module").createRequire(require.resolve("@pulumi/pulumi/package.json"));
const say = (what) => console.log(JSON.stringify(what));
`;
  const words = ["--import", join(root, "src/program/preload/main.ts"), "--eval", head + lines];
  const env = { ...process.env, NODE_OPTIONS: "", ...environment };
  return JSON.parse(execFileSync(process.execPath, words, { cwd: root, encoding: "utf8", env, stdio: "pipe" }));
}

test("a program that loads the SDK does not load its unused modules", () => {
  const loaded = programSays('require("@pulumi/pulumi"); say(Object.keys(require.cache));') as string[];
  assert.ok(loaded.some((file) => file.endsWith("/@pulumi/pulumi/resource.js")));
  const unused = /\/(typescript@[^/]*|arborist|automation|closure|sdk-trace-base|source-map-support)\//;
  assert.deepEqual(
    loaded.filter((file) => unused.test(file)),
    [],
  );
});

test("a lazy module of the SDK is the module itself when it is used", () => {
  const said = programSays(`
    const { defaultResource } = sdk("@opentelemetry/resources");
    const { NodeTracerProvider } = sdk("@opentelemetry/sdk-trace-node");
    say([
      sdk("./automation").LocalWorkspace === require("@pulumi/pulumi/automation").LocalWorkspace,
      new NodeTracerProvider() instanceof require("@opentelemetry/sdk-trace-node").NodeTracerProvider,
      typeof defaultResource().attributes["telemetry.sdk.language"],
    ]);`);
  assert.deepEqual(said, [true, true, "string"]);
});

test("a function of a program can still be serialised", () => {
  const said = programSays(`
    const pulumi = require("@pulumi/pulumi");
    const seven = 7;
    pulumi.runtime.serializeFunction(() => seven + 1).then(({ text }) => say(text));`);
  assert.match(String(said), /seven \+ 1/);
});

test("code other than the SDK gets the modules themselves", () => {
  const said = programSays('say([typeof require("@pulumi/pulumi/log").debug, require("semver") === sdk("semver")]);');
  assert.deepEqual(said, ["function", false]);
});

test("the SDK sends debug messages to the Pulumi engine only with --debug", () => {
  const lines = `
    const inRuntime = require("node:module").createRequire(require.resolve("@pulumi/pulumi/runtime/rpc.js"));
    say(inRuntime("../log").debug !== require("@pulumi/pulumi/log").debug);`;
  assert.equal(programSays(lines), true);
  assert.equal(programSays(lines, { BENCHBOX_DEBUG: "1" }), false);
});

test("a promise that leaks is told at the end of a program, and one that does not is not", () => {
  // As a program of the SDK begins: with its log, which needs what needs the log.
  const begin = `
    require("@pulumi/pulumi/log");
    const { debuggablePromise } = require("node:module").createRequire(require.resolve("@pulumi/pulumi/runtime/rpc.js"))("./debuggable");`;
  assert.equal(programSays(`${begin} debuggablePromise(Promise.resolve(), "one that ends"); say("done");`), "done");
  assert.throws(
    () => programSays(`${begin} debuggablePromise(new Promise(() => {}), "one that never ends"); say("done");`),
    /1 promise was still active/,
  );
});

describe("a registration that fails in a program of the SDK", () => {
  // A fake of the SDK's program, at its place in a folder of packages.
  const folder = mkdtempSync(join(tmpdir(), "benchbox program "));
  const program = join(folder, "node_modules/@pulumi/pulumi/cmd/run/index.js");
  after(() => rmSync(folder, { recursive: true }));

  const failsWith = (message: string) => {
    mkdirSync(join(program, ".."), { recursive: true });
    const handler = `process.on("unhandledRejection", (error) => console.error(error.message));`;
    writeFileSync(program, `${handler} Promise.reject(new Error(${JSON.stringify(message)}));`);
    const words = ["--import", join(root, "src/program/preload/main.ts"), program];
    return spawnSync(process.execPath, words, { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } });
  };

  test("ends it silently when its run was cancelled", () => {
    const { status, stdout, stderr } = failsWith("Resource monitor is terminating");
    assert.deepEqual([status, stdout, stderr], [32, "", ""]);
  });

  test("is left to the SDK in every other case", () => {
    assert.equal(failsWith("the provider has crashed").stderr, "the provider has crashed\n");
  });
});
