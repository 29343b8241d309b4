import assert from "node:assert/strict";
import { test } from "node:test";
import { type EngineConfig, stackSourceOf } from "../../src/config/stack-source.ts";
import { readYaml } from "../../src/config/yaml-source.ts";
import { ConfigurationError } from "../../src/model/problem.ts";

/** The options in the file of a stack `test`. */
const source = (config: string, engineConfig?: EngineConfig) =>
  stackSourceOf(readYaml("Pulumi.test.yaml", `config:\n${config}`), "benchbox", engineConfig);

function problemsOf(config: string, engineConfig?: EngineConfig): string[] {
  try {
    source(config, engineConfig);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.problems.map(({ line, path, message }) => `${line}: ${path}: ${message}`);
  }
  return assert.fail("the configuration was accepted");
}

test("an option has the same value with and without the Pulumi engine, and keeps its type in the file", () => {
  const file =
    "  benchbox:hostname: 7\n  benchbox:ssh: {port: 22022, bind: x}\n  benchbox:gpu: all\n  docker:host: x\n";
  const engine = {
    "benchbox:hostname": "7",
    "benchbox:ssh": '{"bind":"x","port":22022}',
    "benchbox:gpu": "all",
    "docker:host": "x",
  };
  const options = { hostname: 7, ssh: { port: 22022, bind: "x" }, gpu: "all" };
  assert.deepEqual(source(file).value, options);
  assert.deepEqual(source(file, engine).value, options);
  assert.equal(JSON.stringify(source(file).value), JSON.stringify(source(file, engine).value), "the order of keys");
});

test("values from the command line or another file come from the Pulumi engine, and options they omit are not set", () => {
  const file = "  benchbox:hostname: one\n  benchbox:gpu: none\n  benchbox:ssh: {port: 22022}\n";
  const engine = { "benchbox:hostname": "two", "benchbox:ssh": '{"port":23000}', "benchbox:apt": '{"mirror":"cn"}' };
  assert.deepEqual(source(file, engine).value, { hostname: "two", ssh: { port: 23000 }, apt: { mirror: "cn" } });
});

test("an option may have the project's prefix or none, as in Pulumi, and may appear once", () => {
  const plain = source("  gpu: none\n  benchbox:config:hostname: a\n", {
    "benchbox:gpu": "none",
    "benchbox:hostname": "a",
  });
  assert.deepEqual(plain.value, { gpu: "none", hostname: "a" });
  assert.deepEqual([plain.problem(["gpu"], "").path, plain.problem(["gpu"], "").line], ["config.gpu", 2]);
  assert.deepEqual(problemsOf("  gpu: none\n  benchbox:gpu: all\n"), [
    "3: config.benchbox:gpu: is the same option as `gpu`; remove one of the two",
  ]);
});

test("an encrypted value is refused with and without the Pulumi engine, at any depth", () => {
  for (const engine of [undefined, { "benchbox:env": '{"A":"x"}', "benchbox:hostname": "y" }]) {
    const file =
      "  benchbox:env:\n    A: {secure: v1:abc}\n  benchbox:hostname:\n    secure: v1:abc\n  docker:x: {secure: v1:a}\n";
    const [env, hostname, ...rest] = problemsOf(file, engine);
    assert.match(
      env ?? "",
      /^2: config\.benchbox:env: is encrypted, and only Pulumi can decrypt it: write it in plain text/,
    );
    assert.match(hostname ?? "", /^4: config\.benchbox:hostname: is encrypted/);
    assert.deepEqual(rest, []);
  }
});

test("an option without a value is null, also when the Pulumi engine passes empty text", () => {
  assert.deepEqual(source("  benchbox:hostname:\n").value, { hostname: null });
  assert.deepEqual(source("  benchbox:hostname:\n", { "benchbox:hostname": "" }).value, { hostname: null });
});

test("a mapping that `pulumi config set` wrote as text is a mapping, and other text stays text", () => {
  const file = "  benchbox:ssh: '{\"port\": 22022}'\n  benchbox:gpu: '[0, 1'\n";
  const engine = { "benchbox:ssh": '{"port": 22022}', "benchbox:gpu": "[0, 1" };
  for (const given of [undefined, engine]) {
    assert.deepEqual(source(file, given).value, { ssh: { port: 22022 }, gpu: "[0, 1" });
  }
});
