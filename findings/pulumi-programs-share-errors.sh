#!/usr/bin/env bash
# One wrong program fails every other program that the Automation API runs in the same process.
#
# Versions: @pulumi/pulumi 3.276.0, Pulumi CLI 3.276.0, Node.js 24.21.0. Date: 2026-11-30.
# Behavior: three inline programs are previewed at the same time, each for a stack of its own. One of them rejects a promise that it does
#   not await. The SDK listens to the process's unhandled rejections once for each program that runs, so all three previews fail, with
#   the error of the one. One after the other, the other two succeed.
# Expected: stacks that are run by one process are as apart as their states; an error belongs to the program that made it.
# Output seen:
#   one after the other: wrong failed, right-1 ok, right-2 ok
#   at the same time: wrong failed, right-1 failed, right-2 failed
#   right-1's error names the mistake in wrong
#   As described: the error of one program failed the others
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/pulumi.sh"

install_node
node_packages "@pulumi/pulumi@$pulumi_version"
install_pulumi

cat >"$work/previews.js" <<'JAVASCRIPT'
import { setTimeout as sleep } from "node:timers/promises";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";

const programs = {
  wrong: async () => {
    sleep(2000).then(() => {
      throw new Error("the mistake in wrong");
    });
    await sleep(4000);
  },
  "right-1": () => sleep(6000),
  "right-2": () => sleep(6000),
};

async function preview(stackName) {
  const stack = await LocalWorkspace.createOrSelectStack({ stackName, projectName: "demo", program: programs[stackName] });
  try {
    await stack.preview();
    return { stackName, error: "" };
  } catch (error) {
    return { stackName, error: String(error) };
  }
}

const print = (how, results) => {
  const words = results.map(({ stackName, error }) => `${stackName} ${error === "" ? "ok" : "failed"}`);
  console.log(`${how}: ${words.join(", ")}`);
};

const names = Object.keys(programs);
const each = [];
for (const name of names) each.push(await preview(name));
print("one after the other", each);
const together = await Promise.all(names.map(preview));
print("at the same time", together);
const isNamed = together[1].error.includes("the mistake in wrong");
console.log(`right-1's error ${isNamed ? "names" : "does not name"} the mistake in wrong`);
JAVASCRIPT

code=0
node "$work/previews.js" >"$work/results" 2>"$work/previews.log" || code=$?
cat "$work/results"
((code == 0)) || cannot_run "Node.js ended with exit code $code: $(tail -n 5 "$work/previews.log")"
diff - "$work/results" <<'RESULTS' >"$work/difference" || changed "the previews have other results"
one after the other: wrong failed, right-1 ok, right-2 ok
at the same time: wrong failed, right-1 failed, right-2 failed
right-1's error names the mistake in wrong
RESULTS
confirmed "the error of one program failed the others"
