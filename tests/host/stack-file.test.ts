import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadMachine } from "../../src/config/load.ts";
import type { EngineConfig } from "../../src/config/stack-source.ts";
import { readYaml } from "../../src/config/yaml-source.ts";
import { ConfigurationError } from "../../src/model/problem.ts";
import { randomFrom } from "../support/random.ts";
import { damaged, RandomYaml } from "../support/random-yaml.ts";

// Compares how the Pulumi engine and benchbox's own reader read a stack's file.

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "benchbox-stack-file-"));
after(() => rmSync(folder, { recursive: true }));

/** Creates a project whose program only records the configuration that the Pulumi engine passes to it. */
function createProject(): void {
  const program = `import { writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
writeFileSync("received.json", JSON.stringify(pulumi.runtime.allConfig()));
`;
  mkdirSync(join(folder, "state"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "index.js"), program);
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "main": "index.js" }\n');
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    "name: benchbox\nruntime:\n  name: nodejs\n  options: {typescript: false}\n",
  );
  pulumi("stack", "init", "test");
}

function pulumi(...words: string[]): void {
  execFileSync("pulumi", [...words, "--non-interactive"], {
    cwd: folder,
    env: { ...process.env, PULUMI_BACKEND_URL: `file://${join(folder, "state")}`, PULUMI_CONFIG_PASSPHRASE: "test" },
    stdio: "pipe",
  });
}

/**
 * The configuration that the program receives from some documents, each a few lines of `config`. Takes one preview, or more if the Pulumi
 * engine rejects a document.
 */
function engineConfigOf(documents: readonly string[]): EngineConfig {
  const salt = readFileSync(join(folder, "Pulumi.test.yaml"), "utf8");
  writeFileSync(join(folder, "documents.yaml"), `${salt}\nconfig:\n${documents.join("")}`);
  try {
    pulumi("preview", "--stack", "test", "--config-file", "documents.yaml");
  } catch (error) {
    assert.ok(documents.length > 1, `the Pulumi engine rejects:\n${documents[0]}\n${error}`);
    const half = Math.ceil(documents.length / 2);
    return { ...engineConfigOf(documents.slice(0, half)), ...engineConfigOf(documents.slice(half)) };
  }
  return JSON.parse(readFileSync(join(folder, "received.json"), "utf8"));
}

/** The machine that a stack's file describes, or the error. */
function outcomeOf(directory: string, engineConfig: EngineConfig | undefined): unknown {
  try {
    return loadMachine({ directory, project: "benchbox", stack: "test", engineConfig, home: homedir() });
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.message;
  }
}

/** Options as a person may write them: valid, invalid, and in YAML's unusual forms. */
function optionsFrom(seed: number): { readonly text: string; readonly options: readonly string[] } | undefined {
  const random = randomFrom(seed);
  const one = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const scalar = () =>
    one([
      "22044",
      "22_044",
      '"22044"',
      "0755",
      "1e4",
      "true",
      "yes",
      '"yes"',
      "~",
      "all",
      "[0, 1]",
      "2026-11-29",
      "8g",
      "1.10",
      ".5",
    ]);
  const yaml = new RandomYaml(random);
  const values: Readonly<Record<string, () => string>> = {
    env: () => one([` {A: ${scalar()}, B: &b x, C: *b}`, yaml.value(4, 2)]),
    ssh: () => one([` {port: ${scalar()}}`, `\n    <<: &s {port: ${scalar()}}\n    bind: 127.0.0.1`]),
    gpu: () => ` ${scalar()}`,
    hostname: () => ` ${scalar()}`,
    limits: () => ` {cpus: ${scalar()}, memory: ${scalar()}}`,
  };
  const options = Object.keys(values).filter(() => random() < 0.5);
  const text = options.map((option) => `  benchbox:${option}:${values[option]?.()}\n`).join("");
  return {
    text: random() < 0.8 || text === "" ? text : damaged(`config:\n${text}`, random).slice("config:\n".length),
    options,
  };
}

test("a stack's file results in the same machine, or the same error, in the program and in a command without Pulumi", () => {
  createProject();
  const first = Number(process.env.BENCHBOX_SEED ?? Date.now() % 1e6);
  const documents = Array.from({ length: 600 }, (_, index) => ({ seed: first + index, ...optionsFrom(first + index) }));
  const read = documents.flatMap(({ seed, text = "" }) => {
    try {
      const { config } = readYaml("f", `config:\n${text}`).value as { config: object };
      return Object.keys(config ?? {}).every((key) => /^benchbox:[a-z]+$/.test(key)) ? [{ seed, text }] : [];
    } catch {
      return []; // both readers reject it
    }
  });
  assert.ok(read.length > 50, `only ${read.length} documents are read; seed ${first}`);

  // All documents are in one file, with their number in each option's name, since a preview for each would take minutes.
  const numbered = read.map(({ seed, text }) => text.replace(/^( +"?benchbox:)([a-z]+)/gm, `$1$2.${seed}`));
  const received = engineConfigOf(numbered);
  for (const { seed, text } of read) {
    const own = Object.entries(received).filter(([key]) => key.endsWith(`.${seed}`));
    const engineConfig = Object.fromEntries(own.map(([key, value]) => [key.slice(0, -`.${seed}`.length), value]));
    const directory = join(folder, String(seed));
    mkdirSync(directory);
    writeFileSync(join(directory, "Pulumi.test.yaml"), `config:\n${text}`);
    writeFileSync(
      join(directory, "user_config.yml"),
      "image: {base: debian}\nssh: {users: [{name: peid, uid: 3100, gid: 1100}]}\n",
    );
    const message = `BENCHBOX_SEED=${seed}, the document:\n${text}`;
    assert.deepEqual(outcomeOf(directory, engineConfig), outcomeOf(directory, undefined), message);
  }
});

test("the Pulumi engine reads the same values as benchbox's reader", () => {
  const first = Number(process.env.BENCHBOX_SEED ?? Date.now() % 1e6);
  const documents = new Map<string, { readonly text: string; readonly value: unknown }>();
  for (let seed = first; seed < first + 1500; seed++) {
    const text = `  benchbox:k${seed}:${new RandomYaml(randomFrom(seed)).value(4)}\n`;
    try {
      const { config } = readYaml("f", `config:\n${text}`).value as { config: Record<string, unknown> };
      documents.set(`benchbox:k${seed}`, { text, value: config[`benchbox:k${seed}`] });
    } catch {} // both readers reject it
  }
  const received = engineConfigOf([...documents.values()].map(({ text }) => text));
  for (const [key, { text, value }] of documents) {
    const engine = received[key] ?? assert.fail(`${key} is missing:\n${text}`);
    const isText = typeof value === "string" || value === null;
    assert.deepEqual(isText ? engine : JSON.parse(engine), value ?? "", `BENCHBOX_SEED=${key.slice(10)}:\n${text}`);
  }
});
