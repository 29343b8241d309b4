import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadMachine } from "../../src/config/load.ts";
import type { EngineConfig } from "../../src/config/stack-source.ts";
import { ConfigurationError } from "../../src/model/problem.ts";
import { readUpOptions } from "../../src/model/up-options.ts";
import { planImage } from "../../src/plan/image-plan.ts";
import { keptSources } from "../../src/plan/kept-sources.ts";
import { planSteps } from "../../src/plan/step-plan.ts";
import { plainHost, plainMachine } from "../support/machine.ts";

const publicKey = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n-----END PGP PUBLIC KEY BLOCK-----\n";
const index = "https://mirror.example/pypi/simple";

/** Loads a stack with these lines in `build`, from line 4 on, and these in the stack's file, from line 3 on. */
function load(build: string, stack = "", engineConfig?: EngineConfig) {
  const directory = mkdtempSync(join(tmpdir(), "benchbox-sources-"));
  try {
    writeFileSync(join(directory, "key.asc"), publicKey);
    writeFileSync(join(directory, "key.gpg"), Buffer.from([0x99, 0x01, 0x02]));
    writeFileSync(join(directory, "private.asc"), publicKey.replaceAll("PUBLIC", "PRIVATE"));
    writeFileSync(join(directory, "page.html"), "<html>not found</html>");
    writeFileSync(join(directory, "token"), "hf_$ecret@1\n");
    const users = "ssh: {users: [{name: ana, password: x}]}\n";
    writeFileSync(
      join(directory, "user_config.yml"),
      `image:\n  base: debian:13\nbuild:\n${build || "  {}\n"}${users}`,
    );
    const text = `config:\n  benchbox:gpu: none\n${stack.replaceAll("HERE", directory)}`;
    writeFileSync(join(directory, "Pulumi.test.yaml"), text);
    return loadMachine({ directory, project: "benchbox", stack: "test", engineConfig, home: directory });
  } finally {
    rmSync(directory, { recursive: true });
  }
}
const problemsOf = (work: () => unknown): string[] => {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.problems.map(({ line, path, message }) => `${line}: ${path}: ${message}`);
  }
  return assert.fail("the configuration was accepted");
};

test("a third-party package source has a key, and the image is built with both", () => {
  const source = "    - {name: lab, uri: https://apt.example/linux, key: key.asc}\n";
  const flat = "    - {name: flat, uri: 'https://apt.example/flat', suites: [./], key: key.gpg}\n";
  const machine = load(`  apt_sources:\n${source}${flat}`);
  const seen = { host: plainHost, base: undefined, images: [] };
  const lines = planImage(machine, seen).buildArgs.APT_SOURCES?.split("\n") ?? [];
  const key = Buffer.from(publicKey).toString("base64");
  assert.deepEqual(lines, [
    `lab asc ${key} https://apt.example/linux {codename} main`,
    `flat gpg ${Buffer.from([0x99, 0x01, 0x02]).toString("base64")} https://apt.example/flat ./ main`,
  ]);
});

for (const [fields, problem] of [
  ["name: Lab, key: key.asc", 'name: "Lab" must be a name: a-z, 0-9 and `-`'],
  ["name: lab, uri: 'https://me:pw@apt.example', key: key.asc", "uri: "],
  ["name: lab, key: none.asc", 'key: "none.asc" cannot be read (ENOENT)'],
  ["name: lab, key: private.asc", 'key: "private.asc" is a private key; use the archive\'s public key'],
  ["name: lab, key: page.html", 'key: "page.html" is not an OpenPGP public key'],
  ["name: lab", "key: is missing"],
  ["name: lab, suites: [], key: key.asc", "suites: must name at least one suite"],
] as const) {
  test(`the package source {${fields}} is refused`, () => {
    const uri = fields.includes("uri") ? "" : ", uri: 'https://apt.example'";
    const found = problemsOf(() => load(`  apt_sources:\n    - {${fields}${uri}}\n`));
    assert.ok(found[0]?.startsWith(`5: build.apt_sources[0].${problem}`), found.join("\n"));
  });
}

test("mirrors of PyPI and conda serve the first run, and are kept on wish", () => {
  const once = load(`  pypi: {mirror: "${index}"}\n  conda: {mirror: "https://mirror.example/anaconda/"}\n`);
  assert.deepEqual(keptSources(once.build), []);
  assert.deepEqual(once.tools.mirrors, { conda: ["https://mirror.example/anaconda/conda-forge"] });
  const kept = load(
    `  pypi: {mirror: "${index}", keep: true}\n  conda: {mirror: "https://mirror.example/anaconda/", keep: true}\n`,
  );
  assert.deepEqual(keptSources(kept.build), [
    ["/etc/pip.conf", `[global]\nindex-url = ${index}\n`],
    ["/etc/uv/uv.toml", `[[index]]\nurl = "${index}"\ndefault = true\n`],
    [
      "/etc/pixi/config.toml",
      `[mirrors]\n"https://conda.anaconda.org" = ["https://mirror.example/anaconda"]\n[pypi-config]\nindex-url = "${index}"\n`,
    ],
  ]);
  for (const address of ["http://mirror.example/simple", "https://me:pw@mirror.example/simple"]) {
    const [found = ""] = problemsOf(() => load(`  pypi: {mirror: "${address}"}\n`));
    assert.match(found, /^4: build\.pypi\.mirror: .* must be an https address without credentials/);
    assert.doesNotMatch(found, /me:pw/);
  }
});

test("a step gets the mirror of PyPI, which is no reason to run it again", () => {
  const step = {
    ...{ id: "uv", tool: "uv", script: "stage-1/system/uv/install-uv.sh", arguments: [], user: "peid", needs: [] },
    ...{ environment: {}, timeout: 5, retries: 0, required: true },
  };
  const plan = (build: object) =>
    planSteps({
      machine: { ...plainMachine, firstRun: [step], build: { ...plainMachine.build, ...build } },
      lock: {},
      seen: { state: "absent", steps: new Map() },
      options: readUpOptions({}),
    })[0]?.request;
  const [without, mirrored] = [plan({}), plan({ pypi: { mirror: index, keep: false } })];
  assert.deepEqual(mirrored?.environment, { UV_DEFAULT_INDEX: index, PIP_INDEX_URL: index });
  assert.equal(mirrored?.trigger, without?.trigger);
});

test("a secret comes from a file or from Pulumi, and only the engine has the latter's value", () => {
  const stack = "  benchbox:secrets:\n    A_TOKEN: {file: HERE/token}\n    B_TOKEN:\n      secure: v1:abc\n";
  assert.deepEqual(load("", stack).secrets, [
    { name: "A_TOKEN", value: "hf_$ecret@1" },
    { name: "B_TOKEN", value: undefined },
  ]);
  const engine = { "benchbox:gpu": "none", "benchbox:secrets": JSON.stringify({ B_TOKEN: "of the engine" }) };
  assert.deepEqual(load("", "  benchbox:secrets:\n    B_TOKEN:\n      secure: v1:abc\n", engine).secrets, [
    { name: "B_TOKEN", value: "of the engine" },
  ]);
});

for (const [entry, problem] of [
  ["TOKEN: hf_secret", /^4: config\.benchbox:secrets\.TOKEN: is a secret in plain text, .* write \{ file: PATH \}/],
  ["TOKEN: {file: HERE/none}", /^4: config\.benchbox:secrets\.TOKEN: cannot be read \(ENOENT\)/],
  ["TOKEN: {file: token}", /^4: config\.benchbox:secrets\.TOKEN.*must be (\{ file: PATH \}|an absolute path)/],
  ["PATH: {file: HERE/token}", /^\d: config\.benchbox:secrets.*is set by the session itself/],
] as const) {
  test(`the secret {${entry}} is refused and not shown`, () => {
    const found = problemsOf(() => load("", `  benchbox:secrets:\n    ${entry}\n`));
    assert.match(found.join("\n"), problem);
    assert.doesNotMatch(found.join("\n"), /hf_/);
  });
}

test("a variable is either a secret or not", () => {
  const stack = '  benchbox:env: {TOKEN: "x"}\n  benchbox:secrets: {TOKEN: {file: HERE/token}}\n';
  assert.match(problemsOf(() => load("", stack)).join(), /^4: .*TOKEN: is also in benchbox:env; remove it there$/);
});
