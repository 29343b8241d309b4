import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { driftReport } from "../../src/cli/documents.ts";
import { Clone, docker, freePort } from "../support/clone.ts";
import { plannedSteps } from "./plan.ts";

const folder = "scripts/stage-2/custom";
const hooks = `
  on_every_start:
    - {run: "stage-2/custom/start.sh first", env: {GREETING: "hello there"}}
    - {run: "stage-2/custom/start.sh second", id: as-root, user: root}
    - {run: "stage-2/custom/optional.sh", required: false}
  on_login:
    - "stage-2/custom/login.sh"
    - {run: "stage-2/custom/login.sh", id: only-root, user: peid, env: {NAME: "the only one"}}
`;

describe("hooks", { concurrency: 1, timeout: 1_200_000 }, () => {
  let clone: Clone;
  let output = "";

  before(async () => {
    clone = new Clone(`hooks${process.pid}`, await freePort());
    // Leaves a program running, as a script that starts a daemon does.
    const start =
      'echo "$(id -un) $1 $(uv --version | cut -c 1-2) $GREETING." >>/workspace/starts\nsleep 1000 &\necho done\n';
    clone.write(`${folder}/start.sh`, `set -e\n${start}`);
    clone.write(`${folder}/optional.sh`, "exit 5\n");
    clone.write(`${folder}/login.sh`, `echo "welcome \${NAME:-}"\nexit 4\n`);
    clone.write(
      "user_config.yml",
      clone.read("user_config.yml").replace(/\n {2}on_first_run:/, `${hooks}  on_first_run:`),
    );
    output = await clone.up();
  });
  after(async () => {
    await clone.purge();
    clone.remove();
  });

  const inBox = (script: string, user = "root"): string =>
    docker("exec", "--user", user, clone.name, "bash", "-c", script);
  const starts = (): string[] => inBox("cat /workspace/starts").split("\n");
  const containerId = (): string => docker("container", "inspect", "--format", "{{.Id}}", clone.name);
  const drifts = async (): Promise<string[]> => {
    const { output: report } = await clone.run(["npm", "run", "--silent", "drift", "--", clone.stack, "--json"]);
    return driftReport.parse(JSON.parse(report)).drifts.map(({ part, actual }) => `${part}: ${actual}`);
  };
  const once = ["peid first uv hello there.", "root second uv ."];
  /** Waits for the end of the scripts that the container's start runs. */
  const startsAre = async (count: number): Promise<void> => {
    const deadline = Date.now() + 60_000;
    while (starts().length < count * once.length && Date.now() < deadline) await pause(200);
    assert.deepEqual(starts(), Array.from({ length: count }, () => once).flat());
  };

  test("the scripts run after the first run, in their order, each as its user", async () => {
    await startsAre(1);
    assert.match(output, /on_every_start: optional, which is not required: failed with exit code 5/);
    assert.deepEqual(await drifts(), []);
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), []);
  });

  test("they run at every start of the container, and once where `up` starts it", async () => {
    docker("restart", clone.name);
    await startsAre(2);
    docker("stop", clone.name);
    await clone.up();
    await startsAre(3);
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), []);
  });

  test("a login runs its scripts for each user or for one, and continues after a failure", () => {
    const login = inBox("su --login peid -c 'bash -lic \"echo in\"' 2>/dev/null").split("\n");
    assert.deepEqual(
      login.filter((line) => !line.startsWith("benchbox: ")),
      ["welcome ", "welcome the only one", "in"],
    );
    const log = "/home/peid/.local/state/benchbox/logs/login-login.log";
    assert.ok(
      login.includes(`benchbox: on_login: login failed with exit code 4; its output: ${log}`),
      login.join("\n"),
    );
    assert.equal(inBox("su --login peid -c 'echo in'"), "in");
  });

  test("a script that fails is an error and drift, has a log, and runs again once it is fixed; the container stays", async () => {
    const id = containerId();
    const file = `${folder}/start.sh`;
    const text = clone.read(file);
    clone.write(file, `${text}if [ "$1" = second ]; then echo broken on purpose; exit 3; fi\n`);
    assert.deepEqual(await plannedSteps(clone), ["update hooks"]);
    const { code, output: failure } = await clone.run(["npm", "run", "up", "--", clone.stack]);
    assert.notEqual(code, 0);
    assert.match(failure, /on_every_start: as-root: failed with exit code 3: broken on purpose/);
    assert.deepEqual(await drifts(), ["hook as-root: failed with exit code 3: broken on purpose"]);
    assert.match(
      await clone.ok(["npm", "run", "--silent", "logs", "--", clone.stack, "start-as-root"]),
      /broken on purpose\n$/,
    );
    clone.write(file, text);
    await clone.up();
    assert.deepEqual(await drifts(), []);
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), []);
    assert.equal(containerId(), id);
  });

  test("an edited script is drift, which `up` fixes", async () => {
    inBox("echo true >>/var/lib/benchbox/hooks/scripts/stage-2/custom/start.sh");
    assert.deepEqual(await drifts(), ["hooks: their files were edited in the box"]);
    await clone.up();
    assert.deepEqual(await drifts(), []);
  });

  test("hooks that are no longer in the configuration are removed from the same container", async () => {
    const id = containerId();
    clone.write("user_config.yml", clone.read("user_config.yml").replace(hooks, "\n"));
    assert.deepEqual(await drifts(), ["hooks: installed"]);
    await clone.up();
    assert.equal(inBox("ls -d /var/lib/benchbox/hooks 2>/dev/null || echo gone"), "gone");
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), []);
    assert.equal(containerId(), id);
  });
});
