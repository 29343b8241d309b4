#!/usr/bin/env bash
# `pulumi preview --expect-no-changes` succeeds although an update would write another output, and another protection, to the state.
#
# Versions: Pulumi CLI 3.276.0, @pulumi/pulumi 3.276.0. Date: 2026-11-30.
# Behavior: the program's output and the `protect` of its component change between two runs. The preview shows the changed output, reports
#   every resource as unchanged, and exits with 0 despite --expect-no-changes. An update then changes both in the state.
# Expected: what an update would write to the state is a change, so the preview exits with another code. A script that skips the update
#   after such a preview keeps old outputs, and a resource that is still protected, or no longer is.
# Output seen:
#   the state: version 1, protected false
#   the preview exits with 0, for 2 unchanged resources, and shows: ~ version: "1" => "2"
#   the state after an update: version 2, protected true
#   As described: a preview that expects no changes accepted two changes of the state
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/pulumi.sh"

install_node
node_packages "@pulumi/pulumi@$pulumi_version"
install_pulumi

cat >"$work/demo.js" <<'JAVASCRIPT'
import { ComponentResource } from "@pulumi/pulumi";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";

let version = "1";
const program = async () => {
  new ComponentResource("demo:index:Part", "part", {}, { protect: version !== "1" });
  return { version };
};
const stack = await LocalWorkspace.createOrSelectStack({ stackName: "dev", projectName: "demo", program });

async function describeState() {
  const { deployment } = await stack.exportStack();
  const [root, part] = deployment.resources;
  return `version ${root.outputs.version}, protected ${part.protect ?? false}`;
}

await stack.up();
console.log(`the state: ${await describeState()}`);
version = "2";
let printed = "";
const { changeSummary } = await stack.preview({ expectNoChanges: true, onOutput: (text) => (printed += text) });
const shown = printed.split("\n").find((line) => line.includes("=>"))?.trim();
// The Automation API throws for any other exit code.
console.log(`the preview exits with 0, for ${changeSummary.same} unchanged resources, and shows: ${shown?.replace(/ +/g, " ")}`);
await stack.up();
console.log(`the state after an update: ${await describeState()}`);
JAVASCRIPT

code=0
node "$work/demo.js" >"$work/results" 2>"$work/demo.log" || code=$?
cat "$work/results"
((code == 0)) || cannot_run "Node.js ended with exit code $code: $(tail -n 5 "$work/demo.log")"
diff - "$work/results" <<'RESULTS' >"$work/difference" || changed "the preview or the state is another: $(cat "$work/difference")"
the state: version 1, protected false
the preview exits with 0, for 2 unchanged resources, and shows: ~ version: "1" => "2"
the state after an update: version 2, protected true
RESULTS
confirmed "a preview that expects no changes accepted two changes of the state"
