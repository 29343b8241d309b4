import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type DriftRow, driftReport } from "../../src/cli/documents.ts";
import { Clone, docker, freePort } from "../support/clone.ts";
import { isBrief } from "../support/engines.ts";
import { randomFrom } from "../support/random.ts";
import { plannedSteps } from "./plan.ts";

/** A manual change to a box, and what must be detected and planned. */
interface Case {
  readonly what: string;
  readonly happens: () => unknown;
  /** The parts that `npm run drift` reports. */
  readonly parts: readonly string[];
  /** The plan of a preview. `refused`: the preview fails and reports the fix. */
  readonly plan: readonly string[] | "refused";
  /** The preview's message. */
  readonly message?: RegExp;
  /** Options of the `up` that fixes it. */
  readonly up?: readonly string[];
  /** Whether the fix replaces the container. */
  readonly isReplaced?: boolean;
  /** Whether it is no drift, and the plan is empty. */
  readonly isNone?: boolean;
}

/** Every drift, its least destructive plan, its fix, and no drift afterwards. Each test starts and ends without drift. */
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

  /** Changes to the container, which the Docker Engine reports. */
  const ofEngine: Case[] = [
    { what: "the box is stopped", happens: () => engine("stop NAME"), parts: ["box"], plan: ["replace start"] },
    { what: "it is paused", happens: () => engine("pause NAME"), parts: ["box"], plan: ["replace start"] },
    { what: "it is killed", happens: () => engine("kill NAME"), parts: ["box"], plan: ["replace start"] },
    {
      what: "it is renamed",
      happens: () => engine("rename NAME NAME-other"),
      parts: ["container", "box"],
      plan: "refused",
      message: /npm run up renames it back/,
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
      message: /pids: 100; desired: 16384/,
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
      message: /box: a container created by hand has its name/,
      isReplaced: true,
    },
    {
      what: "it is disconnected from its network",
      happens: () => engine("network disconnect NAME NAME"),
      parts: ["container"],
      plan: "refused",
      message: /npm run up/,
    },
    {
      what: "its network is removed",
      happens: () => {
        engine("network disconnect --force NAME NAME");
        return engine("network rm NAME");
      },
      parts: ["container", "network"],
      plan: "refused",
      message: /npm run up/,
    },
    {
      what: "the name of its image points to another image",
      happens: () => docker("tag", clone.base(), image()),
      parts: ["image"],
      plan: ["replace image", "replace image-proof"],
    },
  ];
  /** Changes in the box, which programs in it report. */
  const ofBox: Case[] = [
    {
      what: "a key of the stack is removed",
      happens: () => inBox("sed -i /benchbox.automation/d ~peid/.ssh/authorized_keys"),
      parts: ["keys of peid"],
      plan: ["replace start"],
      message: /some of the stack's keys are missing from/,
    },
    {
      what: "the user adds a key",
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
      message: /ids of peid: 5000:1100; desired: 3100:1100/,
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
      message: /ALARM: the box presents another SSH host key[\s\S]*--restore-host-key/,
      up: ["--restore-host-key"],
    },
    {
      what: "a tool is deleted",
      happens: () => inBox("rm ~peid/.local/bin/uv"),
      parts: ["tool uv"],
      plan: ["update uv-run"],
      message: /tool uv: \S+ is gone/,
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
      message: /packages: missing: nano/,
      isReplaced: true,
    },
    {
      what: "the Docker Engine restarts the box",
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
    const { what, happens, parts, plan, message, up = [], isReplaced = false, isNone = false } = one;
    test(`${what}: it is detected, and one \`up\` fixes it`, { timeout: 300_000 }, async () => {
      const id = containerId();
      const undo = await happens();
      try {
        const seen = await drift();
        const short = (part: string): string => (part.startsWith("container ") ? "container" : part);
        assert.deepEqual(seen.rows.map(({ part }) => short(part)).sort(), [...parts].sort());
        assert.equal(seen.code, isNone ? 0 : 2);
        if (message !== undefined || plan === "refused") {
          const { code, output } = await clone.run(["npm", "run", "preview", "--", clone.stack]);
          if (message) assert.match(output, message);
          if (plan === "refused") assert.match(output, /[Nn]othing was changed/);
          assert.equal(code === 0, plan !== "refused", output);
        }
        if (plan !== "refused") assert.deepEqual(await plannedSteps(clone), plan);
      } finally {
        await clone.up(...up); // also after a failure, for the next cases
        if (typeof undo === "function") undo();
      }
      assert.equal(containerId() !== id, isReplaced, "the container was replaced");
      assert.equal(await clone.ssh("cat ~/work; uv --version | cut -c1-2"), "precious\nuv\n");
      assert.deepEqual(await drift(), { code: 0, rows: [] });
      // The next case checks that its plan has no other change, so a refreshed preview is only needed after a replacement, and now and
      // then.
      if (isReplaced || index % 6 === 5 || index === cases.length - 1) await isSilent();
    });
  }

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
    const anyOf = cases.filter(({ plan, isReplaced, isNone }) => plan !== "refused" && !isReplaced && !isNone);
    for (let round = 0; round < 3; round++) {
      const id = containerId();
      // Changes in the box come before those that stop it.
      const chosen = anyOf.filter(() => random() < 0.4).reverse();
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
      const { code, output } = await clone.run(["npm", "run", command, "--", clone.stack]);
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
      const { code, output } = await clone.run(["npm", "run", "--silent", "drift", "--", clone.stack]);
      assert.equal(code, 1);
      assert.match(output, /- not checked: the inside of the box/);
      assert.deepEqual(await plannedSteps(clone), []);
    } finally {
      docker("exec", clone.name, "mv", "/usr/bin/bash.away", "/usr/bin/bash");
    }
    await isSilent();
  });

  test("a Docker Engine that does not answer is reported, but not as drift", async () => {
    const words = ["npm", "run", "--silent", "drift", "--", clone.stack];
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
    const history = await clone.ok(["npm", "run", "--silent", "drift", "--", clone.stack, "--history"]);
    assert.match(history, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}box: stopped since/);
    assert.match(history, /Z {2}no drift\n/);
  });
});
