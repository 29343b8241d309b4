#!/usr/bin/env bash
# `pulumi stack init` replaces numbers and dates of the user's configuration by other text.
#
# Versions: Pulumi CLI 3.276.0, js-yaml 5.5.0. Date: 2026-11-30.
# Behavior: the CLI reads Pulumi.STACK.yaml by the rules of YAML 1.1 and turns each value into text: 0755 becomes 493, 22_044 becomes
#   22044, and 2026-11-29 becomes "2026-11-29 00:00:00 +0000 UTC". A command that writes the file, and `stack init` and `config set` of
#   another key do, writes these instead of what the user wrote. A parser of YAML 1.2, js-yaml 5 here, reads 755 and two strings as
#   they are written. `pulumi config set KEY 0755` writes a string with quotes, which stays.
# Expected: a command that adds a key leaves the other lines as they are, and an unquoted date is the string that it looks like.
# Output seen:
#   js-yaml reads 755, 22_044, 2026-11-29
#   pulumi config get prints 493, 22044, 2026-11-29 00:00:00 +0000 UTC
#   the file after pulumi stack init:
#     demo:mode: "493"
#     demo:count: "22044"
#     demo:release: 2026-11-29 00:00:00 +0000 UTC
#   As described: the CLI rewrote what it was not asked to change
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/pulumi.sh"

install_node
node_packages js-yaml@5.5.0
install_pulumi

cd "$work"
printf 'name: demo\nruntime: nodejs\n' >Pulumi.yaml
cat >Pulumi.dev.yaml <<'YAML'
config:
  demo:mode: 0755
  demo:count: 22_044
  demo:release: 2026-11-29
YAML

cat >"$work/read.js" <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { load } from "js-yaml";
console.log(Object.values(load(readFileSync("Pulumi.dev.yaml", "utf8")).config).join(", "));
JAVASCRIPT
by_js_yaml=$(node "$work/read.js")
printf 'js-yaml reads %s\n' "$by_js_yaml"

quietly init.log pulumi stack init dev
by_pulumi="$(pulumi config get mode), $(pulumi config get count), $(pulumi config get release)"
printf 'pulumi config get prints %s\n' "$by_pulumi"
file=$(grep --fixed-strings demo: Pulumi.dev.yaml)
printf 'the file after pulumi stack init:\n%s\n' "$file"

[[ $by_js_yaml == "755, 22_044, 2026-11-29" ]] || changed "js-yaml reads other values"
[[ $by_pulumi == "493, 22044, 2026-11-29 00:00:00 +0000 UTC" ]] || changed "the CLI reads other values"
diff <(printf '%s\n' '  demo:mode: "493"' '  demo:count: "22044"' '  demo:release: 2026-11-29 00:00:00 +0000 UTC') - <<<"$file" ||
  changed "the CLI writes other values"
confirmed "the CLI rewrote what it was not asked to change"
