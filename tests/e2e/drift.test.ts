import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type DriftRow, driftReport } from "../../src/cli/documents.ts";
import { Clone, docker, freePort } from "../support/clone.ts";
import { isBrief } from "../support/engines.ts";
import { randomFrom } from "../support/random.ts";
import { plannedSteps } from "./plan.ts";

/** Something that happens to a box by somebody's hand, and what must be seen of it. */
interface Case {
  readonly what: string;
  readonly happens: () => unknown;
  /** The parts that `npm run drift` names. */
  readonly parts: readonly string[];
  /** The plan of a preview. `refused`: it says what mends it. */
  readonly plan: readonly string[] | "refused";
  /** What the preview says of it. */
  readonly says?: RegExp;
  /** Options of the `up` that repairs it. */
  readonly up?: readonly string[];
  /** Whether the container is another one afterwards. */
  readonly isReplaced?: boolean;
  /** Whether the looks see nothing, and the plan is empty. */
  readonly isNone?: boolean;
}

/** Every drift, the least destructive plan for it, its repair, and silence after it. Each test finds the box as declared and leaves it so. */
describe("drift", { concurrency: 1 }, () => {
  let clone: Clone;
  before(async () => {
    clone = new Clone(`drift${process.pid}`, await freePort());
    await clone.up();
    await clone.ssh("echo precious > ~/work");
  });
  after(async () => {
    await clone.purge();
    clone.remove();
  });

  const containerId = (): string => docker("container", "inspect", "--format", "{{.Id}}", clone.name);
  const inBox = (script: string): string => docker("exec", clone.name, "bash", "-c", script);
  const engine = (words: string): string => docker(...words.replaceAll("NAME", clone.name).split(" "));
  const image = (): string => docker("container", "inspect", "--format", "{{.Config.Image}}", clone.name);
  const drift = async (): Promise<{ code: number; rows: DriftRow[] }> => {
    const { code, output } = await clone.run(["npm", "run", "--silent", "drift", "--", clone.stack, "--json"]);
    assert.ok(output.startsWith("{"), output);
    return { code, rows: driftReport.parse(JSON.parse(output)).drifts };
  };
  const isSilent = async (): Promise<void> => {
    assert.deepEqual(await drift(), { code: 0, rows: [] });
    assert.deepEqual(await plannedSteps(clone, ["--refresh"]), []);
  };
  const volumes = ["home-peid:/home/peid", "soft:/soft", "workspace:/workspace"]
    .map((one) => `-v NAME-${one}`)
    .join(" ");

  /** What happens to the container, which the engine tells of. */
  const ofEngine: Case[] = [
    { what: "the box is stopped", happens: () => engine("stop NAME"), parts: ["box"], plan: ["replace start"] },
    { what: "it is paused", happens: () => engine("pause NAME"), parts: ["box"], plan: ["replace start"] },
    { what: "it is killed", happens: () => engine("kill NAME"), parts: ["box"], plan: ["replace start"] },
    {
      what: "it is renamed",
      happens: () => engine("rename NAME NAME-other"),
      parts: ["container", "box"],
      plan: "refused",
      says: /npm run up renames it back/,
    },
    {
      what: "it is removed",
      happens: () => engine("rm --force NAME"),
      parts: ["box"],
      plan: ["create container", "replace start", "update fingerprint"],
      isReplaced: true,
    },
    {
      what: "its limits and restart policy are changed",
      happens: () => engine("update --restart=no --pids-limit=100 --memory=1g --memory-swap=1g --cpus=1 NAME"),
      parts: ["cpus", "memory", "swap", "pids", "restart"],
      plan: ["replace start"],
      says: /pids: 100; desired: 16384/,
    },
    {
      what: "another container is made by hand with another environment, label, mount and port",
      happens: () => {
        const words = `run --detach --init --name NAME --label a=b --env X=1 -p 127.0.0.1::9999 -v /tmp:/data ${volumes} ${image()}`;
        engine("rm --force NAME");
        return engine(words);
      },
      parts: ["box"],
      plan: ["create container", "replace start", "update fingerprint"],
      says: /box: a container created by hand has its name/,
      isReplaced: true,
    },
    {
      what: "it is taken off its network",
      happens: () => engine("network disconnect NAME NAME"),
      parts: ["container"],
      plan: "refused",
      says: /npm run up/,
    },
    {
      what: "its network is removed",
      happens: () => {
        engine("network disconnect --force NAME NAME");
        return engine("network rm NAME");
      },
      parts: ["container", "network"],
      plan: "refused",
      says: /npm run up/,
    },
    {
      what: "its image's name is another image's",
      happens: () => docker("tag", clone.base(), image()),
      parts: ["image"],
      plan: ["replace image", "replace image-proof"],
    },
  ];
  /** What happens in the box, which tells of it itself. */
  const ofBox: Case[] = [
    {
      what: "a key of the stack's is removed",
      happens: () => inBox("sed -i /benchbox.automation/d ~peid/.ssh/authorized_keys"),
      parts: ["keys of peid"],
      plan: ["replace start"],
      says: /some of the stack's keys are missing from/,
    },
    {
      what: "the user adds a key of their own",
      happens: () => inBox("echo 'ssh-ed25519 AAAA mine' >> ~peid/.ssh/authorized_keys"),
      parts: [],
      plan: [],
      isNone: true,
    },
    {
      what: "the password is changed",
      happens: () => inBox("echo peid:another-word | chpasswd"),
      parts: ["password of peid"],
      plan: ["replace start"],
    },
    {
      what: "the user's uid is changed",
      happens: () => inBox("usermod --uid 5000 peid"),
      parts: ["ids of peid"],
      plan: ["replace start"],
      says: /ids of peid: 5000:1100; desired: 3100:1100/,
    },
    {
      what: "sshd_config is edited",
      happens: () => inBox("echo PermitRootLogin yes >> /etc/ssh/sshd_config"),
      parts: ["SSH server"],
      plan: ["replace start"],
    },
    {
      what: "the host key is replaced",
      happens: () => inBox("cd /etc/ssh/benchbox && rm host_key && ssh-keygen -q -t ed25519 -N '' -f host_key"),
      parts: ["SSH host key"],
      plan: "refused",
      says: /ALARM: the box presents another SSH host key[\s\S]*--restore-host-key/,
      up: ["--restore-host-key"],
    },
    {
      what: "a tool is deleted",
      happens: () => inBox("rm ~peid/.local/bin/uv"),
      parts: ["tool uv"],
      plan: ["update uv-run"],
      says: /tool uv: \S+ is gone/,
    },
    {
      what: "a tool's marker is deleted",
      happens: () => inBox("rm ~peid/.local/state/benchbox/steps/uv"),
      parts: ["tool uv"],
      plan: ["update uv-run"],
    },
    {
      what: "a package is purged",
      happens: () => inBox("DEBIAN_FRONTEND=noninteractive apt-get purge --yes nano >/dev/null 2>&1"),
      parts: ["packages"],
      plan: ["replace container", "replace start", "update fingerprint"],
      says: /packages: missing: nano/,
      isReplaced: true,
    },
    {
      what: "the engine restarts the box",
      happens: async () => {
        engine("restart NAME");
        const ready = "until /usr/local/lib/benchbox/healthcheck; do sleep 0.1; done";
        await clone.ok(["docker", "exec", clone.name, "bash", "-c", ready]);
      },
      parts: [],
      plan: [],
      isNone: true,
    },
  ];
  const cases = isBrief ? ofEngine : [...ofEngine, ...ofBox];
  for (const [index, one] of cases.entries()) {
    const { what, happens, parts, plan, says, up = [], isReplaced = false, isNone = false } = one;
    test(`${what}: it is seen, and one \`up\` repairs it`, { timeout: 300_000 }, async () => {
      const id = containerId();
      const undo = await happens();
      try {
        const seen = await drift();
        const short = (part: string): string => (part.startsWith("container ") ? "container" : part);
        assert.deepEqual(seen.rows.map(({ part }) => short(part)).sort(), [...parts].sort());
        assert.equal(seen.code, isNone ? 0 : 2);
        if (says !== undefined || plan === "refused") {
          const { code, output } = await clone.run(["npm", "run", "preview", "--", clone.stack]);
          if (says) assert.match(output, says);
          if (plan === "refused") assert.match(output, /[Nn]othing was changed/);
          assert.equal(code === 0, plan !== "refused", output);
        }
        if (plan !== "refused") assert.deepEqual(await plannedSteps(clone), plan);
      } finally {
        await clone.up(...up); // also for the cases after one that failed
        if (typeof undo === "function") undo();
      }
      assert.equal(containerId() !== id, isReplaced, "the container is another one");
      assert.equal(await clone.ssh("cat ~/work; uv --version | cut -c1-2"), "precious\nuv\n");
      assert.deepEqual(await drift(), { code: 0, rows: [] });
      // The next case's plan has nothing but its own, so a refreshed preview is looked at where a resource was made anew, and now and then.
      if (isReplaced || index % 6 === 5 || index === cases.length - 1) await isSilent();
    });
  }

  test("what is kept of a container that was made by hand is told, and it is still there", () => {
    const names = docker("ps", "--all", "--format", "{{.Names}}", "--filter", `name=${clone.name}-by-hand`);
    assert.match(names, new RegExp(`^${clone.name}-by-hand-[0-9a-f]{12}$`));
    docker("rm", "--force", "--volumes", names);
  });

  test("whatever happens together, one `up` later all is as declared and nothing is lost", {
    skip: isBrief,
    timeout: 600_000,
  }, async (t) => {
    const seed = Math.floor(Math.random() * 1e6);
    t.diagnostic(`the seed is ${seed}`);
    const random = randomFrom(seed);
    const anyOf = cases.filter(({ plan, isReplaced, isNone }) => plan !== "refused" && !isReplaced && !isNone);
    for (let round = 0; round < 3; round++) {
      const id = containerId();
      // What is done in the box comes before what stops it.
      const chosen = anyOf.filter(() => random() < 0.4).reverse();
      t.diagnostic(chosen.map(({ what }) => what).join(", "));
      for (const { happens } of chosen) {
        try {
          await happens();
        } catch (error) {
          assert.match(String(error), /is paused|is not running|not paused/, "what stands still cannot be changed");
        }
      }
      await clone.up();
      assert.equal(containerId(), id);
      assert.equal(await clone.ssh("cat ~/work; uv --version | cut -c1-2"), "precious\nuv\n");
      await isSilent();
    }
  });

  test("a clone that was moved to another folder is the same stack", { skip: isBrief }, async () => {
    const elsewhere = join(clone.home, "moved");
    await clone.ok(["cp", "-a", clone.directory, elsewhere]);
    const words = ["bin/pulumi", "preview", "--expect-no-changes", "--refresh", "--stack", clone.stack];
    await clone.ok(["bash", "-c", 'cd "$1" && shift && "$@"', "-", elsewhere, ...words]);
  });

  test("a volume that is gone is not made anew without a word", async () => {
    await clone.ok(["docker", "rm", "--force", clone.name]);
    docker("volume", "rm", `${clone.name}-soft`);
    for (const command of ["preview", "up"]) {
      const { code, output } = await clone.run(["npm", "run", command, "--", clone.stack]);
      assert.notEqual(code, 0);
      assert.match(
        output,
        new RegExp(`nothing was changed\\.\\n {2}Gone: ${clone.name}-soft\\n[\\s\\S]*--accept-lost-volumes`),
      );
    }
    await clone.up("--accept-lost-volumes");
    assert.equal(await clone.ssh("cat ~/work; ls /soft"), "precious\napp\ndata\nworkspace\n");
    await isSilent();
  });

  test("while nothing can be run in the box, what is in it is not called drift", async () => {
    // A stand-in for a box whose engine cannot start programs in it.
    inBox("mv /usr/bin/bash /usr/bin/bash.away");
    try {
      const { code, output } = await clone.run(["npm", "run", "--silent", "drift", "--", clone.stack]);
      assert.equal(code, 1);
      assert.match(output, /- not checked: the inside of the box/);
      assert.deepEqual(await plannedSteps(clone), []);
    } finally {
      docker("exec", clone.name, "mv", "/usr/bin/bash.away", "/usr/bin/bash");
    }
    await isSilent();
  });

  test("an engine that does not answer is told, and is no drift", async () => {
    const words = ["npm", "run", "--silent", "drift", "--", clone.stack];
    const { code, output } = await clone.run(words, { DOCKER_HOST: "unix:///nowhere.sock" });
    assert.equal(code, 1);
    assert.match(output, /^benchbox: Docker Engine: .*not checked/);
    // The plugin would say it of each volume, at length.
    const refresh = ["bin/pulumi", "preview", "--refresh", "--stack", clone.stack];
    const previewed = await clone.run(refresh, { DOCKER_HOST: "unix:///nowhere.sock" });
    assert.equal(previewed.code, 1);
    assert.match(
      previewed.output,
      /^benchbox: stack \S+ was not refreshed: the Docker Engine does not answer; .*\n.*nowhere\.sock.*\n.*npm run doctor.*\n*$/,
    );
  });

  test("a look writes nothing but its history, waits for no lock, and the history says what was when", {
    skip: isBrief,
  }, async () => {
    const state = join(clone.directory, ".state/.pulumi/stacks/benchbox", `${clone.stack}.json`);
    const before = readFileSync(state, "utf8");
    clone.write(`.state/.pulumi/locks/organization/benchbox/${clone.stack}/x.json`, '{"pid":1,"hostname":"elsewhere"}');
    assert.deepEqual(await drift(), { code: 0, rows: [] });
    await clone.ok(["rm", "-r", join(clone.directory, `.state/.pulumi/locks/organization/benchbox/${clone.stack}`)]);
    assert.equal(readFileSync(state, "utf8"), before);
    const history = await clone.ok(["npm", "run", "--silent", "drift", "--", clone.stack, "--history"]);
    assert.match(history, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}box: stopped since/);
    assert.match(history, /Z {2}no drift\n/);
  });
});
