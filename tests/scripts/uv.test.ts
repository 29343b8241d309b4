import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, type TestContext, test } from "node:test";
import { readToolLock } from "../../lib/tool-lock.ts";
import { Clone, freePort } from "../support/clone.ts";
import { FreshBox } from "./fresh-box.ts";

const lock = readToolLock(readFileSync(new URL("../../tools.lock.yml", import.meta.url), "utf8")).uv ?? "";
const version = /^version=(.*)$/m.exec(lock)?.[1];
const install = "bash /scripts/stage-1/system/uv/install-uv.sh --user peid";
const locked = { BENCHBOX_LOCK: lock };

/** The real image of a box, made by bringing one up. */
let image = "";
let clone: Clone;
before(async () => {
  clone = new Clone(`scripts${process.pid}`, await freePort());
  await clone.up();
  image = JSON.parse(await clone.pulumi("stack", "output", "image", "--json")).id;
});
after(async () => {
  await clone.purge();
  clone.remove();
});

function fresh(t: TestContext, network?: "none"): FreshBox {
  const box = new FreshBox(image, network);
  t.after(() => box.remove());
  return box;
}

test("installs uv and uvx for the user, and a second run changes nothing", (t) => {
  const box = fresh(t);
  const first = box.run("peid", install, locked);
  assert.equal(first.code, 0, first.output);
  assert.match(first.output, new RegExp(`^benchbox-tool\t${version}\t/home/peid/.local/bin/uv$`, "m"));
  const times = "stat -c '%n %Y %i' ~/.local/bin/*";
  const before = box.run("peid", times).output;
  const second = box.run("peid", install, locked);
  assert.match(second.output, /is already there\n/);
  assert.equal(box.run("peid", times).output, before);
  assert.equal(box.run("peid", "ls -A ~/.cache | grep benchbox").output, "", "a staging folder was left");
});

test("root installs for the user, and the files are the user's", (t) => {
  const box = fresh(t);
  assert.equal(box.run("root", install, locked).code, 0);
  assert.equal(box.run("root", "stat -c %U /home/peid/.local/bin/uv").output, "peid\n");
});

test("a file that is not the locked one is refused", (t) => {
  const box = fresh(t);
  const { output } = box.run("peid", install, { BENCHBOX_LOCK: lock.replace(/=[0-9a-f]{64}/g, `=${"0".repeat(64)}`) });
  assert.match(output, /DO NOT MATCH THE HASHES/);
  assert.doesNotMatch(output, /source: the Python package index[\s\S]*source: the Python package index/);
  // Where GitHub answers, its release is taken by the publisher's own checksum.
  if (!/source: https:\/\/github\.com/.test(output)) assert.fail(output);
});

test("without a network nothing is installed, and a sentence says so", (t) => {
  const box = fresh(t, "none");
  const { code, output } = box.run("peid", install, locked);
  assert.equal(code, 1);
  assert.match(output, new RegExp(`no source could deliver uv ${version}`));
  assert.equal(box.run("peid", "ls ~/.local/bin/uv").code, 2);
});

test("killed in the middle, the next run installs it", (t) => {
  const box = fresh(t);
  for (const seconds of ["0.3", "1", "2"]) box.run("peid", `timeout -s KILL ${seconds} ${install}`, locked);
  assert.equal(box.run("peid", install, locked).code, 0);
  assert.equal(box.run("peid", "~/.local/bin/uv --version").code, 0);
});

test("a broken uv is replaced", (t) => {
  const box = fresh(t);
  box.run("peid", "mkdir -p ~/.local/bin; echo broken >~/.local/bin/uv; chmod +x ~/.local/bin/uv");
  assert.equal(box.run("peid", install, locked).code, 0);
  assert.match(box.run("peid", "~/.local/bin/uv --version").output, /^uv /);
});

for (const [name, command, wanted] of [
  ["an unknown user", install.replace("peid", "nobody-here"), /no user nobody-here/],
  [
    "another user than the one who runs it",
    install.replace("peid", "root"),
    /installing for root needs to be root or root, not peid/,
  ],
  ["no user", install.replace("--user peid", ""), /usage: install-uv.sh --user NAME/],
  ["an option without its value", install.replace("--user peid", "--user"), /--user needs a name/],
] as const) {
  test(`${name} is a sentence`, (t) => {
    const { code, output } = fresh(t).run("peid", command, locked);
    assert.notEqual(code, 0);
    assert.match(output, wanted);
  });
}

test("without a lock file and without --version it does not guess", (t) => {
  assert.match(fresh(t).run("peid", install).output, /no version to install/);
});

test("the runner leaves a marker only after success, and ends what takes too long", (t) => {
  const box = fresh(t);
  const marker = "cat ~/.local/state/benchbox/steps/x";
  const step = (script: string, seconds = 5) =>
    box.run(
      "peid",
      `echo '${script}' >/tmp/x.sh; bash /scripts/lib/run-step x trigger-1 ${seconds} /tmp/x.sh </dev/null`,
    );
  assert.match(step("exit 3").output, /x failed with exit code 3; its log in the box: .*\/x\.log/);
  assert.notEqual(box.run("peid", marker).code, 0);
  assert.match(step("sleep 4242 & sleep 4242", 1).output, /ended after its time limit of 1 s/);
  assert.equal(box.run("peid", "pgrep -f 'sleep 4242'").output, "");
  assert.equal(step('printf "benchbox-tool\\t1.2\\t/bin/true\\n"').code, 0);
  assert.equal(box.run("peid", marker).output, "trigger-1\n1.2\n/bin/true\n");
});
