import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

const root = join(import.meta.dirname, "../..");

/** Runs a program with the preload of `bin/pulumi`. In it, `print` prints JSON, and `sdk` requires a module as Pulumi's SDK does. */
function runProgram(lines: string, environment: Readonly<Record<string, string>> = {}): unknown {
  const head = `const sdk = require("node:module").createRequire(require.resolve("@pulumi/pulumi/package.json"));
const print = (value) => console.log(JSON.stringify(value));
`;
  const words = ["--import", join(root, "src/program/preload/main.ts"), "--eval", head + lines];
  const env = { ...process.env, NODE_OPTIONS: "", ...environment };
  return JSON.parse(execFileSync(process.execPath, words, { cwd: root, encoding: "utf8", env, stdio: "pipe" }));
}

test("a program that imports the SDK does not load the modules that it does not use", () => {
  const loaded = runProgram('require("@pulumi/pulumi"); print(Object.keys(require.cache));') as string[];
  assert.ok(loaded.some((file) => file.endsWith("/@pulumi/pulumi/resource.js")));
  const unused = /\/(typescript@[^/]*|arborist|automation|closure|sdk-trace-base|source-map-support)\//;
  assert.deepEqual(
    loaded.filter((file) => unused.test(file)),
    [],
  );
});

test("a lazy module of the SDK turns into the real module when it is used", () => {
  const printed = runProgram(`
    const { defaultResource } = sdk("@opentelemetry/resources");
    const { NodeTracerProvider } = sdk("@opentelemetry/sdk-trace-node");
    print([
      sdk("./automation").LocalWorkspace === require("@pulumi/pulumi/automation").LocalWorkspace,
      new NodeTracerProvider() instanceof require("@opentelemetry/sdk-trace-node").NodeTracerProvider,
      typeof defaultResource().attributes["telemetry.sdk.language"],
    ]);`);
  assert.deepEqual(printed, [true, true, "string"]);
});

test("a function of a program can still be serialized", () => {
  const printed = runProgram(`
    const pulumi = require("@pulumi/pulumi");
    const seven = 7;
    pulumi.runtime.serializeFunction(() => seven + 1).then(({ text }) => print(text));`);
  assert.match(String(printed), /seven \+ 1/);
});

test("modules outside the SDK get the real modules", () => {
  const printed = runProgram(
    'print([typeof require("@pulumi/pulumi/log").debug, require("@opentelemetry/resources") === sdk("@opentelemetry/resources")]);',
  );
  assert.deepEqual(printed, ["function", false]);
});

test("the SDK sends debug messages about resources to the Pulumi engine only with --debug", () => {
  const lines = `
    const inRuntime = require("node:module").createRequire(require.resolve("@pulumi/pulumi/runtime/rpc.js"));
    print(inRuntime("../log").debug !== require("@pulumi/pulumi/log").debug);`;
  assert.equal(runProgram(lines), true);
  assert.equal(runProgram(lines, { BENCHBOX_DEBUG: "1" }), false);
});

describe("a failed registration in the SDK's program", () => {
  // A fake of the SDK's program, at the same path in node_modules.
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

  test("ends the program silently if the run was cancelled", () => {
    const { status, stdout, stderr } = failsWith("Resource monitor is terminating");
    assert.deepEqual([status, stdout, stderr], [32, "", ""]);
  });

  test("is handled by the SDK otherwise", () => {
    assert.equal(failsWith("the provider has crashed").stderr, "the provider has crashed\n");
  });
});
