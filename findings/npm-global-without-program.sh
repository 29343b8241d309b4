#!/usr/bin/env bash
# `npm install --global` of a program exits with 0 and installs no program.
#
# Versions: npm 12.2.0 on Node.js 24.21.0, packages node 24.21.0 and bun 1.4.4. Date: 2026-11-30.
# Behavior: npm 12 runs no install script that is not allowed by name, which it reports as a warning. Packages whose program is put in
#   place by that script are "added" all the same: `node` leaves no command at all, `bun` one that only prints an error. The exit code
#   is 0 in both cases. With --allow-scripts=node,bun, both programs are there.
# Expected: exit code 0 means that the command can be run. A script that is needed and not allowed makes the installation fail.
# Output seen:
#   npm install --global node@24.21.0 bun@1.4.4: exit code 0
#   node: no such command; bun: exit code 1
#   npm install --global --allow-scripts=node,bun ...: exit code 0
#   node: v24.21.0; bun: 1.4.4
#   As described: without --allow-scripts npm succeeds, and neither program works
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"

install_node
node_packages npm@12.2.0
npm=$work/node_modules/npm/bin/npm-cli.js

# programs_after PREFIX OPTION...: installs both globally, and sets $code, $node_is and $bun_is.
programs_after() {
  local prefix=$1
  shift
  code=0
  node "$npm" install --global --prefix "$prefix" "$@" node@24.21.0 bun@1.4.4 >"$work/npm.log" 2>&1 || code=$?
  node_is=$(program_version "$prefix/bin/node")
  bun_is=$(program_version "$prefix/bin/bun")
  printf 'npm install --global %s: exit code %s\n' "${*:+$* }node@24.21.0 bun@1.4.4" "$code"
  printf 'node: %s; bun: %s\n' "$node_is" "$bun_is"
}

program_version() {
  if [[ ! -e $1 ]]; then
    echo "no such command"
  else
    "$1" --version 2>/dev/null || echo "exit code $?"
  fi
}

programs_after "$work/allowed" --allow-scripts=node,bun
((code == 0)) || cannot_run "npm failed with the scripts allowed: $(tail -n 3 "$work/npm.log")"
[[ $node_is == v24.21.0 && $bun_is == 1.4.4 ]] || changed "the programs do not run with their scripts allowed"
programs_after "$work/blocked"
((code == 0)) || changed "npm ends with exit code $code"
[[ $node_is == "no such command" && $bun_is == "exit code 1" ]] || changed "a program runs"
confirmed "without --allow-scripts npm succeeds, and neither program works"
