import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readMarker } from "../../src/model/step-marker.ts";
import { type RunEnvironment, type StepRequest, stepLines } from "../../src/model/step-request.ts";

const library = new URL("../../scripts/lib", import.meta.url).pathname;

/** A home with a folder of scripts, as `src/resources/run-step.ts` creates it in a box. No box is needed: `run-step` is plain bash. */
class Home {
  readonly #home = mkdtempSync(join(tmpdir(), "benchbox run-step "));

  static async for(t: TestContext): Promise<Home> {
    const home = new Home();
    await mkdir(join(home.#home, "scripts"));
    await cp(library, join(home.#home, "scripts/lib"), { recursive: true });
    t.after(() => rmSync(home.#home, { recursive: true, force: true }));
    return home;
  }

  path(name: string): string {
    return join(this.#home, name);
  }
  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }
  marker(id = "tool") {
    const lines = this.read(`.local/state/benchbox/steps/${id}`).trimEnd().split("\n");
    return { lines, ...readMarker(lines) };
  }
  hasMarker(id = "tool"): boolean {
    try {
      return this.marker(id).lines.length > 0;
    } catch {
      return false;
    }
  }

  /** Starts a step whose script is `text`; the connection stays open until `hangUp`. */
  start(text: string, request: Partial<StepRequest> = {}, own: Partial<RunEnvironment> = {}) {
    const id = request.id ?? "tool";
    writeFileSync(this.path(`scripts/${id}.sh`), text);
    const all: StepRequest = {
      id,
      trigger: "trigger-1",
      words: [`${id}.sh`, "one", "two words"],
      lock: "version=1.2.3\n",
      needs: [],
      required: true,
      sources: "sources-1",
      seconds: 20,
      retries: 0,
      environment: {},
      ...request,
    };
    const child: ChildProcessWithoutNullStreams = spawn("bash", [this.path("scripts/lib/run-step")], {
      env: { PATH: process.env.PATH, HOME: this.#home },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += String(chunk);
    });
    child.stderr.on("data", (chunk) => {
      stderr += String(chunk);
    });
    child.stdin.on("error", () => undefined);
    child.stdin.write(stepLines(all, { variables: {}, secrets: [], ...own }));
    const started = Date.now();
    const ended = new Promise<{ code: number | null; stdout: string; stderr: string; seconds: number }>((resolve) => {
      child.once("close", (code) => resolve({ code, stdout, stderr, seconds: (Date.now() - started) / 1000 }));
    });
    return { ended, hangUp: () => child.stdin.end(), kill: () => child.kill("SIGKILL"), output: () => stderr };
  }

  run(...args: Parameters<Home["start"]>) {
    return this.start(...args).ended;
  }

  async until(condition: () => boolean): Promise<void> {
    for (let times = 0; !condition(); times++) {
      if (times > 200) throw new Error("the condition did not become true within 10 s");
      await sleep(50);
    }
  }
}

/** Whether a process with this word among its arguments is running. */
const runs = (word: string): Promise<boolean> =>
  new Promise((resolve) => spawn("pgrep", ["-f", word]).once("close", (code) => resolve(code === 0)));
const report = (key: string, value: string): string => `printf 'benchbox-report\\t${key}\\t${value}\\n'\n`;

/** Each test has its own home, and most of its time is a limit or a pause. */
describe("a step", { concurrency: 4 }, () => {
  test("the marker records what was installed; the script gets its arguments, lock entry and variables", async (t) => {
    const home = await Home.for(t);
    const script = `echo "$1|$2|$BENCHBOX_LOCK|$COLOR"\n${report("version", "1.2.3")}${report("path", "/x")}`;
    const { code, stdout, stderr } = await home.run(script, { environment: { COLOR: "a = b" }, probe: "test -x /x" });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /one\|two words\|version=1\.2\.3\|a = b/);
    const { lines, trigger, state, tool } = home.marker();
    assert.deepEqual([trigger, state, tool?.version, tool?.path], ["trigger-1", "installed", "1.2.3", "/x"]);
    assert.ok(lines.includes("probe=test -x /x"));
    assert.equal(stdout, lines.map((line) => `benchbox-step\t${line}\n`).join(""));
    assert.equal(home.read(".local/state/benchbox/logs/tool.log"), "one|two words|version=1.2.3|a = b\n");
  });

  test("a failed step leaves no marker, not even an older one, and reports why", async (t) => {
    const home = await Home.for(t);
    assert.equal((await home.run("exit 0")).code, 0);
    assert.ok(home.hasMarker());
    const { code, stderr } = await home.run("echo 'benchbox: the reason' >&2; exit 3");
    assert.equal(code, 1);
    assert.match(stderr, /tool: failed with exit code 3: the reason$/m);
    assert.ok(!home.hasMarker());
  });

  test("a failed step that is not required records the reason and exits with 0", async (t) => {
    const home = await Home.for(t);
    const { code, stderr } = await home.run("echo 'benchbox: no source could deliver x' >&2; exit 69", {
      required: false,
    });
    assert.equal(code, 0);
    assert.match(stderr, /tool is unavailable, but not required: no source could deliver x/);
    const { state, reason, sources } = home.marker();
    assert.deepEqual([state, reason, sources], ["unavailable", "no source could deliver x", "sources-1"]);
  });

  test("the time limit stops the script and everything it started", async (t) => {
    const home = await Home.for(t);
    const word = `4242${process.pid}`;
    const { code, stderr, seconds } = await home.run(`sleep ${word} & sleep ${word}`, { seconds: 1 });
    assert.equal(code, 1);
    assert.match(stderr, /tool: stopped after its time limit of 1 s/);
    assert.ok(seconds < 5, `it took ${seconds} s`);
    assert.equal(await runs(`sleep ${word}`), false);
  });

  test("a script that ignores SIGTERM is killed", async (t) => {
    const home = await Home.for(t);
    const { stderr, seconds } = await home.run("trap '' TERM; while :; do sleep 1; done", { seconds: 1 });
    assert.match(stderr, /time limit/);
    assert.ok(seconds < 16, `it took ${seconds} s`);
  });

  test("a lost connection stops the script and everything it started, and leaves no marker", async (t) => {
    const home = await Home.for(t);
    const word = `4343${process.pid}`;
    const step = home.start(`sleep ${word} & echo started; sleep ${word}`);
    await home.until(() => step.output().includes("started"));
    step.hangUp();
    const { code, stderr, seconds } = await step.ended;
    assert.equal(code, 1);
    assert.match(stderr, /tool: stopped because the connection was lost/);
    assert.ok(seconds < 10);
    assert.equal(await runs(`sleep ${word}`), false);
    assert.ok(!home.hasMarker());
  });

  test("a connection that is lost before the request is complete runs nothing", async (t) => {
    const home = await Home.for(t);
    const child = spawn("bash", [home.path("scripts/lib/run-step")], {
      env: { PATH: process.env.PATH, HOME: home.path("") },
    });
    child.stdin.end("id dG9vbA==\nword eC5zaA==\n");
    const code = await new Promise((resolve) => child.once("close", resolve));
    assert.equal(code, 1);
    assert.ok(!home.hasMarker());
  });

  test("a step runs only if the steps that it needs succeeded", async (t) => {
    const home = await Home.for(t);
    const without = await home.run("touch ~/ran", { needs: ["other"] });
    assert.equal(without.code, 1);
    assert.match(without.stderr, /tool: it needs other, which is not installed/);
    await home.run("exit 1", { id: "other", required: false });
    const unavailable = await home.run("touch ~/ran", { needs: ["other"], required: false });
    assert.equal(unavailable.code, 0);
    assert.equal(home.marker().missing, "other");
    assert.throws(() => home.read("ran"));
    await home.run("exit 0", { id: "other" });
    assert.equal((await home.run("touch ~/ran", { needs: ["other"] })).code, 0);
    home.read("ran");
  });

  test("a step is retried after network failures only, with increasing pauses", async (t) => {
    const home = await Home.for(t);
    const network = await home.run("echo x >>~/tries; (( $(wc -l <~/tries) == 3 )) || exit 69", { retries: 2 });
    assert.equal(network.code, 0, network.stderr);
    assert.ok(network.seconds >= 6, "2 s and 4 s");
    assert.match(network.stderr, /trying again in 2 s[\s\S]*trying again in 4 s/);
    const other = await home.run("echo x >>~/others; exit 1", { retries: 2 });
    assert.equal(other.code, 1);
    assert.equal(home.read("others"), "x\n");
  });

  test("reports of a failed try are not in the marker", async (t) => {
    const home = await Home.for(t);
    const script = `[[ -e ~/tried ]] && { ${report("version", "2.0.0")} exit 0; }\ntouch ~/tried\n${report("version", "1.0.0")}exit 69\n`;
    assert.equal((await home.run(script.replace("\n exit", "; exit"), { retries: 1 })).code, 0);
    assert.deepEqual(
      home.marker().lines.filter((line) => line.startsWith("version=")),
      ["version=2.0.0"],
    );
  });

  test("secrets appear in no output, log or marker", async (t) => {
    const home = await Home.for(t);
    const secrets = ["s3cret*word", "100%[a]"];
    const script = 'echo "proxy is $P, twice $P"; printf "no line end $Q" >&2; exit 5';
    const { stdout, stderr } = await home.run(
      script,
      { required: false },
      { variables: { P: "s3cret*word", Q: "100%[a]" }, secrets },
    );
    const places = [stdout, stderr, home.read(".local/state/benchbox/logs/tool.log"), home.marker().lines.join("\n")];
    assert.match(stderr, /proxy is \*\*\*, twice \*\*\*/);
    for (const place of places) for (const secret of secrets) assert.ok(!place.includes(secret), place);
  });

  test("two runs of a step at once: the second waits for the first", async (t) => {
    const home = await Home.for(t);
    const script = "echo begin >>~/order; sleep 1; echo end >>~/order";
    const runs = await Promise.all([home.run(script), home.run(script)]);
    assert.deepEqual(
      runs.map(({ code }) => code),
      [0, 0],
    );
    assert.equal(home.read("order"), "begin\nend\nbegin\nend\n");
  });

  test("a killed run leaves no marker and does not block the next run", async (t) => {
    const home = await Home.for(t);
    const step = home.start("echo started; sleep 30", { seconds: 60 });
    await home.until(() => step.output().includes("started"));
    step.kill();
    step.hangUp();
    assert.ok(!home.hasMarker());
    const { code, seconds } = await home.run("exit 0");
    assert.equal(code, 0);
    assert.ok(seconds < 5, `it took ${seconds} s`);
  });

  test("a removed step is uninstalled if its script supports that, and its marker is deleted", async (t) => {
    const home = await Home.for(t);
    const remove = () =>
      new Promise<string>((resolve) => {
        const child = spawn("bash", [home.path("scripts/lib/remove-step"), "tool"], {
          env: { PATH: process.env.PATH, HOME: home.path("") },
        });
        let output = "";
        child.stdout.on("data", (chunk) => {
          output += String(chunk);
        });
        child.once("close", () => resolve(output));
      });
    await home.run('# knows --uninstall\necho "$*" >>~/words');
    await remove();
    assert.equal(home.read("words"), "one two words\none two words --uninstall\n");
    assert.ok(!home.hasMarker());
  });
});
