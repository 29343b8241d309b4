import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Clone, freePort } from "../support/clone.ts";

/** Every command refuses, with the same message, a stack's file that YAML parsers read differently. */
describe("a stack's file", { concurrency: 1 }, () => {
  let clone: Clone;
  let file: string;
  let good: string;

  before(async () => {
    clone = new Clone(`file${process.pid}`, await freePort());
    file = `Pulumi.${clone.stack}.yaml`;
    good = clone.read(file);
  });
  after(() => clone.remove());

  const commands = (): readonly (readonly string[])[] => [
    ["bin/pulumi", "preview", "--stack", clone.stack],
    ["bin/benchbox", "up", clone.stack],
    ["bin/benchbox", "drift", clone.stack],
    ["bin/benchbox", "doctor", clone.stack],
    ["bin/benchbox", "tools", clone.stack],
    ["bin/pulumi", "config", "set", "benchbox:hostname", "box", "--stack", clone.stack],
    ["bin/benchbox", "fleet", "preview", "--only", clone.stack],
    ["bin/benchbox", "fleet", "drift", "--only", clone.stack],
  ];

  /** Checks that each command reports these problems, each once. */
  async function refusedByAll(text: string, problems: readonly string[], asked = commands()): Promise<void> {
    clone.write(file, text);
    for (const words of asked) {
      const { code, output } = await clone.run(words);
      assert.notEqual(code, 0, `${words.join(" ")}:\n${output}`);
      for (const problem of problems) {
        const times = output.split(problem).length - 1;
        assert.equal(times, 1, `${words.join(" ")} says ${times} times: ${problem}\n${output}`);
      }
    }
    clone.write(file, good);
  }

  test("every command refuses, with the same message, values that YAML parsers read differently", async () => {
    const lines = good.split("\n").length;
    const text = `${good}  benchbox:env:\n    OCT: 0755\n  benchbox:limits: {pids: 22_044}\n`;
    await refusedByAll(text, [
      `${file}:${lines + 1}: config.benchbox:env.OCT: 0755 means different things to different YAML parsers: write 755 or 493, or quote it`,
      `${file}:${lines + 2}: config.benchbox:limits.pids: 22_044 means different things to different YAML parsers: write 22044, or quote it`,
    ]);
  });

  test("every command refuses a number where a string is required", async () => {
    const lines = good.split("\n").length;
    const machines = commands().filter((words) => !words.includes("config"));
    await refusedByAll(
      `${good}  benchbox:env: {COUNT: 8}\n`,
      [`${file}:${lines}: config.benchbox:env.COUNT: 8 must be a string: quote it`],
      machines,
    );
  });

  test("a value that the Pulumi engine itself cannot read is reported with the file and the line", async () => {
    const lines = good.split("\n").length;
    await refusedByAll(`${good}  benchbox:env: {A: .inf}\n`, [
      `${file}:${lines}: config.benchbox:env.A: .inf means different things to different YAML parsers: quote it`,
    ]);
  });

  test("the stack's Docker Engine is found in every YAML notation", async () => {
    clone.write(file, `${good}  "benchbox:docker_host": &engine "unix:///nowhere/docker.sock"\n`);
    const { code, output } = await clone.run(["bin/benchbox", "doctor", clone.stack]);
    clone.write(file, good);
    assert.equal(code, 1, output);
    assert.match(output, /unix:\/\/\/nowhere\/docker\.sock/);
    assert.doesNotMatch(output, /DOCKER_HOST/);
  });

  test("every command reads merge keys the same way", async () => {
    const port = /port: (\d+)/.exec(good)?.[1] ?? "";
    const merged = `x-ssh: &ssh\n  port: ${port}\n${good.replace(/ {4}port: \d+/, "    <<: *ssh")}`;
    clone.write(file, merged);
    const doctor = await clone.ok(["bin/benchbox", "doctor", clone.stack]);
    clone.write(file, good);
    assert.match(doctor, new RegExp(`port ${port} on 127`));
  });
});
