import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type DriftRow, driftReport } from "../../src/cli/documents.ts";
import { Clone, docker, freePort } from "../support/clone.ts";
import { isBrief } from "../support/engines.ts";
import { randomFrom } from "../support/random.ts";
import { appliedSteps, assertSilent, assertSilentInFull, plannedSteps } from "./plan.ts";

/** Manual changes to a box, each of its own part, and what must be detected, planned and fixed. */
interface Case {
  readonly what: string;
  readonly happens: () => unknown;
  /** The parts that `npm run drift` reports. */
  readonly parts: readonly string[];
  /** The plan that `up` carries out. `refused`: a preview fails and reports the fix. */
  readonly plan: readonly string[] | "refused";
  /** Messages of the preview if there is one, or else of the `up`. */
  readonly messages?: readonly RegExp[];
  /** Whether to also run a preview that is not refused: for one case of each kind of change, and before an `up` that prints no message. */
  readonly isPreviewed?: boolean;
  /** Options of the `up` that fixes it. */
  readonly up?: readonly string[];
  /** Whether the fix replaces the container. */
  readonly isReplaced?: boolean;
  /** Whether it is no drift, and the plan is empty. */
  readonly isNone?: boolean;
}

/**
 * Every drift, its least destructive plan, its fix, and no drift afterwards. Each test starts and ends without drift. Changes of different
 * parts happen together; tests/unit/drift.test.ts has the fix of each part alone.
 */
describe("drift", { concurrency: 1 }, () => {
  let clone: Clone;
  before(async () => {
    clone = new Clone(`drift${process.pid}`, await freePort());
    clone.usePreparedBase();
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
    const { code, output } = await clone.run(["bin/benchbox", "drift", clone.stack, "--json"]);
    assert.ok(output.startsWith("{"), output);
    return { code, rows: driftReport.parse(JSON.parse(output)).drifts };
  };
  const isSilent = async (): Promise<void> => {
    assert.deepEqual(await drift(), { code: 0, rows: [] });
    await assertSilent(clone);
  };
  const volumes = ["home-peid:/home/peid", "soft:/soft", "workspace:/workspace"]
    .map((one) => `-v NAME-${one}`)
    .join(" ");

  /** Changes to the container, which the Docker Engine reports. */
  const ofEngine: Case[] = [
    { what: "the box is stopped", happens: () => engine("stop NAME"), parts: ["box"], plan: ["replace start"] },
    {
      what: "it is killed, and its limits and restart policy are changed",
      happens: () => {
        engine("kill NAME");
        return engine("update --restart=no --pids-limit=100 --memory=1g --memory-swap=1g --cpus=1 NAME");
      },
      parts: ["box", "cpus", "memory", "swap", "pids", "restart"],
      plan: ["replace start"],
      messages: [/pids: 100; desired: 16384/],
      isPreviewed: true,
    },
    {
      what: "it is paused, and the name of its image points to another image",
      happens: () => {
        engine("pause NAME");
        return docker("tag", clone.base(), image());
      },
      parts: ["box", "image"],
      plan: ["replace image", "replace image-proof", "replace start"],
    },
    {
      what: "it is renamed",
      happens: () => engine("rename NAME NAME-other"),
      parts: ["container", "box"],
      plan: "refused",
      messages: [/npm run up renames it back/],
    },
    {
      what: "it is removed",
      happens: () => engine("rm --force NAME"),
      parts: ["box"],
      plan: ["create container", "replace start", "update fingerprint"],
      isReplaced: true,
    },
    {
      what: "another container is created by hand with another environment, label, mount and port",
      happens: () => {
        const words = `run --detach --init --name NAME --label a=b --env X=1 -p 127.0.0.1::9999 -v /tmp:/data ${volumes} ${image()}`;
        engine("rm --force NAME");
        return engine(words);
      },
      parts: ["box"],
      plan: ["create container", "replace start", "update fingerprint"],
      messages: [/box: a container created by hand has its name/],
      isPreviewed: true,
      isReplaced: true,
    },
    {
      what: "it is disconnected from its network",
      happens: () => engine("network disconnect NAME NAME"),
      parts: ["container"],
      plan: "refused",
      messages: [/npm run up/],
    },
    {
      what: "its network is removed",
      happens: () => {
        engine("network disconnect --force NAME NAME");
        return engine("network rm NAME");
      },
      parts: ["container", "network"],
      plan: "refused",
      messages: [/npm run up/],
    },
  ];
  const inBoxChanges = {
    "a key of the stack is removed": "sed -i /benchbox.automation/d ~peid/.ssh/authorized_keys",
    "the user adds a key": "echo 'ssh-ed25519 AAAA mine' >> ~peid/.ssh/authorized_keys",
    "the password is changed": "echo peid:another-word | chpasswd",
    "the user's uid is changed": "usermod --uid 5000 peid",
    "sshd_config is edited": "echo PermitRootLogin yes >> /etc/ssh/sshd_config",
    "a tool's marker is deleted": "rm ~peid/.local/state/benchbox/steps/uv",
    "a tool is deleted": "rm ~peid/.local/bin/uv",
  };
  type InBoxChange = keyof typeof inBoxChanges;
  const change = (...names: readonly InBoxChange[]): string =>
    inBox(names.map((name) => inBoxChanges[name]).join("; "));
  const ofUser: readonly InBoxChange[] = [
    "a key of the stack is removed",
    "the user adds a key",
    "the password is changed",
    "the user's uid is changed",
    "sshd_config is edited",
    "a tool's marker is deleted",
  ];
  /** Changes in the box, which programs in it report. */
  const ofBox: Case[] = [
    {
      what: ofUser.join(", "),
      happens: () => change(...ofUser),
      parts: ["keys of peid", "password of peid", "ids of peid", "SSH server", "tool uv"],
      plan: ["replace start", "update uv-run"],
      messages: [
        /some of the stack's keys are missing from/,
        /ids of peid: 5000:1100; desired: 3100:1100/,
        /tool uv: has not run, or failed/,
      ],
      isPreviewed: true,
    },
    {
      what: "the host key is replaced",
      happens: () => inBox("cd /etc/ssh/benchbox && rm host_key && ssh-keygen -q -t ed25519 -N '' -f host_key"),
      parts: ["SSH host key"],
      plan: "refused",
      messages: [/ALARM: the box presents another SSH host key[\s\S]*--restore-host-key/],
      up: ["--restore-host-key"],
    },
    {
      what: "a tool is deleted",
      happens: () => change("a tool is deleted"),
      parts: ["tool uv"],
      plan: ["update uv-run"],
      messages: [/tool uv: \S+ is gone/],
    },
    {
      what: "a package is purged",
      happens: () => inBox("DEBIAN_FRONTEND=noninteractive apt-get purge --yes nano >/dev/null 2>&1"),
      parts: ["packages"],
      plan: ["replace container", "replace start", "update fingerprint"],
      messages: [/packages: missing: nano/],
      isReplaced: true,
    },
    {
      what: "the user adds a key, and the Docker Engine restarts the box",
      happens: async () => {
        change("the user adds a key");
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
  for (const { what, happens, parts, plan, messages = [], up = [], ...kind } of cases) {
    const { isPreviewed = false, isReplaced = false, isNone = false } = kind;
    test(`${what}: it is detected, and one \`up\` fixes it`, { timeout: 300_000 }, async () => {
      const id = containerId();
      const undo = await happens();
      let output = "";
      try {
        const seen = await drift();
        const short = (part: string): string => (part.startsWith("container ") ? "container" : part);
        assert.deepEqual(seen.rows.map(({ part }) => short(part)).sort(), [...parts].sort());
        assert.equal(seen.code, isNone ? 0 : 2);
        if (isPreviewed) assert.deepEqual(await plannedSteps(clone), plan);
        if (isPreviewed || plan === "refused") {
          const { code, output } = await clone.run(["bin/benchbox", "preview", clone.stack]);
          for (const message of messages) assert.match(output, message);
          if (plan === "refused") assert.match(output, /[Nn]othing was changed/);
          assert.equal(code === 0, plan !== "refused", output);
        }
      } finally {
        output = await clone.up(...up); // also after a failure, for the next cases
        if (typeof undo === "function") undo();
      }
      if (plan !== "refused") {
        assert.deepEqual(appliedSteps(clone, output), plan);
        if (!isPreviewed) for (const message of messages) assert.match(output, message);
      }
      assert.equal(containerId() !== id, isReplaced, "the container was replaced");
      assert.equal(await clone.ssh("cat ~/work; uv --version | cut -c1-2"), "precious\nuv\n");
      // The next case checks that its `up` makes no other change, so one refreshed preview for all of them is enough.
      assert.deepEqual(await drift(), { code: 0, rows: [] });
    });
  }

  test("after all of them, a preview plans no change, with and without a refresh", () => assertSilentInFull(clone));

  test("a container that was created by hand still exists under another name", () => {
    const names = docker("ps", "--all", "--format", "{{.Names}}", "--filter", `name=${clone.name}-by-hand`);
    assert.match(names, new RegExp(`^${clone.name}-by-hand-[0-9a-f]{12}$`));
    docker("rm", "--force", "--volumes", names);
  });

  test("after several changes at once, one `up` fixes all, and nothing is lost", {
    skip: isBrief,
    timeout: 600_000,
  }, async (t) => {
    const seed = Math.floor(Math.random() * 1e6);
    t.diagnostic(`the seed is ${seed}`);
    const random = randomFrom(seed);
    const ofContainer = cases.filter((one) => ofEngine.includes(one) && one.plan !== "refused" && !one.isReplaced);
    // Changes in the box come before those that stop it.
    const anyOf = [
      ...Object.keys(inBoxChanges).map((name) => ({ what: name, happens: () => change(name as InBoxChange) })),
      ...ofContainer.reverse(),
    ];
    for (let round = 0; round < 3; round++) {
      const id = containerId();
      const chosen = anyOf.filter(() => random() < 0.4);
      t.diagnostic(chosen.map(({ what }) => what).join(", "));
      for (const { happens } of chosen) {
        try {
          await happens();
        } catch (error) {
          assert.match(
            String(error),
            /is paused|is not running|not paused/,
            "only a paused or stopped box may refuse a change",
          );
        }
      }
      await clone.up();
      assert.equal(containerId(), id);
      assert.equal(await clone.ssh("cat ~/work; uv --version | cut -c1-2"), "precious\nuv\n");
      await isSilent();
    }
  });

  test("a clone in another folder plans no change", { skip: isBrief }, async () => {
    const elsewhere = join(clone.home, "moved");
    await clone.ok(["cp", "-a", clone.directory, elsewhere]);
    const words = ["bin/pulumi", "preview", "--expect-no-changes", "--refresh", "--stack", clone.stack];
    await clone.ok(["bash", "-c", 'cd "$1" && shift && "$@"', "-", elsewhere, ...words]);
  });

  test("a lost volume is not silently replaced", async () => {
    await clone.ok(["docker", "rm", "--force", clone.name]);
    docker("volume", "rm", `${clone.name}-soft`);
    for (const command of ["preview", "up"]) {
      const { code, output } = await clone.run(["bin/benchbox", command, clone.stack]);
      assert.notEqual(code, 0);
      assert.match(
        output,
        new RegExp(`nothing was changed\\n {2}Gone: ${clone.name}-soft\\n[\\s\\S]*--accept-lost-volumes`),
      );
    }
    await clone.up("--accept-lost-volumes");
    assert.equal(await clone.ssh("cat ~/work; ls /soft"), "precious\napp\ndata\nworkspace\n");
    await isSilent();
  });

  test("if no program can run in the box, its contents are not reported as drift", async () => {
    // Simulates a box in which the Docker Engine cannot start programs.
    inBox("mv /usr/bin/bash /usr/bin/bash.away");
    try {
      const { code, output } = await clone.run(["bin/benchbox", "drift", clone.stack]);
      assert.equal(code, 1);
      assert.match(output, /- not checked: the inside of the box/);
      assert.deepEqual(await plannedSteps(clone), []);
    } finally {
      docker("exec", clone.name, "mv", "/usr/bin/bash.away", "/usr/bin/bash");
    }
    await isSilent();
  });

  test("a Docker Engine that does not answer is reported, but not as drift", { skip: isBrief }, async () => {
    const words = ["bin/benchbox", "drift", clone.stack];
    const { code, output } = await clone.run(words, { DOCKER_HOST: "unix:///nowhere.sock" });
    assert.equal(code, 1);
    assert.match(output, /^benchbox: Docker Engine: .*not checked/);
    // The Docker provider would print a long error for each volume.
    const refresh = ["bin/pulumi", "preview", "--refresh", "--stack", clone.stack];
    const previewed = await clone.run(refresh, { DOCKER_HOST: "unix:///nowhere.sock" });
    assert.equal(previewed.code, 1);
    assert.match(
      previewed.output,
      /^benchbox: refreshing the stack \S+ failed: the Docker Engine does not answer; .*\n.*nowhere\.sock.*\n.*npm run doctor.*\n*$/,
    );
  });

  test("a check for drift writes only its history, waits for no lock, and the history lists past drift with times", {
    skip: isBrief,
  }, async () => {
    const state = join(clone.directory, ".state/.pulumi/stacks/benchbox", `${clone.stack}.json`);
    const before = readFileSync(state, "utf8");
    clone.write(`.state/.pulumi/locks/organization/benchbox/${clone.stack}/x.json`, '{"pid":1,"hostname":"elsewhere"}');
    assert.deepEqual(await drift(), { code: 0, rows: [] });
    await clone.ok(["rm", "-r", join(clone.directory, `.state/.pulumi/locks/organization/benchbox/${clone.stack}`)]);
    assert.equal(readFileSync(state, "utf8"), before);
    const history = await clone.ok(["bin/benchbox", "drift", clone.stack, "--history"]);
    assert.match(history, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}box: stopped since/);
    assert.match(history, /Z {2}no drift\n/);
  });
});
