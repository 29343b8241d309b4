import assert from "node:assert/strict";
import { test } from "node:test";
import { readYaml } from "../../src/config/yaml-source.ts";
import { ConfigurationError } from "../../src/model/problem.ts";
import { randomFrom } from "../support/random.ts";
import { damaged, RandomYaml } from "../support/random-yaml.ts";

const read = (text: string) => readYaml("f.yaml", text);

function problemsOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, `${error}\n${text}`);
    return error.problems.map(({ line, path, message }) => `${line}: ${path}: ${message}`).join("\n");
  }
  return assert.fail(`accepted: ${text}`);
}

for (const [scalar, instead] of [
  ["0755", "write 755 or 493, or quote it"],
  ["-012", "write -12 or -10, or quote it"],
  ["22_044", "write 22044, or quote it"],
  ["0o17", "write 15, or quote it"],
  ["0X1F", "write 31, or quote it"],
  ["-0b101", "write -5, or quote it"],
  ["1e3", "write 1000, or quote it"],
  ["1:30", "write 90, or quote it"],
  ["+5", "write 5, or quote it"],
  ["08", "write 8, or quote it"],
  ["-0", "write 0, or quote it"],
  [".inf", "quote it"],
  ["9007199254740993", "is too large to be read exactly: quote it"],
  ["2026-11-29", "is a date to some YAML parsers and text to others: quote it"],
  ["2026-11-29 10:00:00", "is a date to some YAML parsers and text to others: quote it"],
  ["yes", "is a boolean in YAML 1.1 and text in YAML 1.2: write true, or quote it"],
  ["Off", "is a boolean in YAML 1.1 and text in YAML 1.2: write false, or quote it"],
  ["<<", "quote it"],
] as const) {
  test(`the plain value ${scalar} is refused with its line, path and fix`, () => {
    const problems = problemsOf(`# why\na:\n  b: [x, ${scalar}]\n`);
    assert.ok(problems.startsWith(`3: a.b[1]: ${scalar} `) && problems.endsWith(instead), problems);
    const quoted = read(`a: "${scalar}"\nb: '${scalar}'\nc: |-\n  ${scalar}\n`).value;
    assert.deepEqual(quoted, { a: scalar, b: scalar, c: scalar });
  });
}

test("values that every parser reads the same way are accepted: decimals, booleans, null, and text that starts with a digit", () => {
  const text =
    "[0, 22022, -3, 1.5, .5, 1.10, true, False, ~, null, 8g, 12.8.1, 127.0.0.1, 468c101db63b, 1920x1080, 2-3]";
  assert.deepEqual(read(`a: ${text}`).value, {
    a: [
      0,
      22022,
      -3,
      1.5,
      0.5,
      1.1,
      true,
      false,
      null,
      null,
      "8g",
      "12.8.1",
      "127.0.0.1",
      "468c101db63b",
      "1920x1080",
      "2-3",
    ],
  });
});

test("keys that some parser does not read as text are refused", () => {
  assert.match(problemsOf("env: {1: x}"), /^1: env\.1: 1 is not text when used as a key: quote it$/);
  assert.match(problemsOf("true: x\n2026-11-29: z\n"), /^1: true: .*quote it\n2: 2026-11-29: .*quote it$/);
  assert.match(problemsOf("? [a]\n: b\n"), /^1: : is not valid YAML/);
  assert.match(problemsOf("a: 1\na: 2\n"), /^2: : is not valid YAML: duplicated mapping key/);
  assert.deepEqual(read('env: {N: "1", "1": x}').value, { env: { N: "1", 1: "x" } });
});

test("tags, directives and additional documents are refused", () => {
  assert.match(problemsOf("a: !!str 5\n"), /^1: a: has the tag !!str/);
  assert.match(problemsOf("%YAML 1.1\n---\na: b\n"), /^1: : has a YAML directive/);
  assert.match(problemsOf("a: b\n---\nc: d\n"), /^1: : contains several YAML documents/);
});

test("merged values count as the mapping's own, and have the line where they are written", () => {
  const yaml = read("x: &x\n  port: 1\n  bind: a\ny: &y {mode: b}\nssh:\n  <<: [*x, *y]\n  port: 2\n");
  assert.deepEqual((yaml.value as { ssh: object }).ssh, { bind: "a", mode: "b", port: 2 });
  assert.deepEqual(
    [["bind"], ["mode"], ["port"], ["none"]].map((path) => yaml.lineOf(["ssh", ...path])),
    [3, 4, 7, 5],
  );
  assert.equal(read("x: &x [{a: 1}]\n\ny: *x\n").lineOf(["y", 0, "a"]), 1);
  assert.match(problemsOf("a:\n  <<: {b: c}\n  <<: {d: e}\n"), /^3: a\.<<: appears twice: write one list/);
  assert.match(problemsOf('"<<": {a: b}\n'), /^1: <<: is not allowed as a key/);
  assert.match(problemsOf("a: {<<: 5}"), /is not valid YAML: cannot merge/);
});

test("an alias inside its own anchor is refused", () => {
  assert.match(problemsOf("a: &x\n  b: *x\n"), /^2: a\.b: uses \*x inside &x itself/);
});

test("text that only Go's parser reads differently is refused", () => {
  for (const [text, problem] of [
    ["a: x\u2028y\n", /^1: : contains the character U\+2028/],
    ["a: \ufffd\n", /^1: : contains the character U\+FFFD/],
    ["a:\n\tb: c\n", /^2: : is indented with a tab: use spaces$/],
    ["a: [b:]\n", /^1: a\[0\]: is a mapping to some YAML parsers only/],
    ["a: [?b]\n", /^1: a\[0\]: \?b is text to some YAML parsers and a mapping to others: quote it$/],
    ["a: {b:c:}\n", /^1: a\.b:c: has no space after its colon/],
    ["a: &b c: d\n", /^1: a: is a mapping to some YAML parsers only/],
    ["a: &b.c d\n", /^1: a: the anchor &b\.c may contain only/],
    ["a: |\n\n  b\n", /^1: a: is multi-line text that starts with a line break/],
    ["a: |\n  b", /^1: a: is at the end of the file, which has no final line break/],
  ] as const) {
    assert.match(problemsOf(text), problem);
  }
});

test("a refused password is not shown, not even as a number", () => {
  assert.match(problemsOf("password: 0x10\n"), /^1: password: the value \(not shown\) must be quoted$/);
});

test("all problems are reported at once", () => {
  assert.equal(problemsOf("a: 0755\nb: [yes, {c: 1e3}]\n").split("\n").length, 3);
});

test("each random YAML document is either refused with valid line numbers, or read to a value that survives quoting", () => {
  const seeds = Number(process.env.BENCHBOX_SEED ?? Date.now() % 1e6);
  for (let seed = seeds; seed < seeds + 2000; seed++) {
    const random = randomFrom(seed);
    const whole = `config:\n  a:${new RandomYaml(random).value(4)}\n`;
    const text = seed % 2 === 0 ? whole : damaged(whole, random);
    const document = `BENCHBOX_SEED=${seed}, the document:\n${text}`;
    let value: unknown;
    try {
      ({ value } = read(text));
    } catch (error) {
      assert.ok(error instanceof ConfigurationError, `${document}\n${error}`);
      const lines = text.split("\n").length;
      for (const { line } of error.problems) assert.ok(line >= 1 && line <= lines, document);
      continue;
    }
    assert.deepEqual(read(JSON.stringify(value)).value, value, document);
  }
});
