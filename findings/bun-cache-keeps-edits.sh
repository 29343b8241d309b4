#!/usr/bin/env bash
# An edit in node_modules survives its removal and `bun install --force`.
#
# Versions: bun 1.4.4, left-pad 1.3.0 from the npm registry, on ext4. Date: 2026-11-30.
# Behavior: on Linux bun hard-links the files of node_modules to those of its cache. A line that is added to an installed file, for
#   debugging say, is added to the cache as well, and thus to every project on this machine that installs this version later. Removing
#   node_modules and installing again brings the edited file back; so does --force, although bun.lock has the package's sha512.
#   `bun pm cache rm` or --backend=copyfile helps.
# Expected: `rm -r node_modules && bun install --force` restores what the registry has, since the lock file holds a checksum.
# Output seen:
#   links of the installed file: 2
#   last line after rm -r node_modules, bun install: // edited
#   last line after bun install --force: // edited
#   last line in another project: // edited
#   last line after bun pm cache rm, rm -r node_modules, bun install: not the edit
#   As described: only without its cache bun installs what was published
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"

install_node
case $(uname -m) in
  x86_64) platform=linux-x64 ;;
  *) platform=linux-aarch64 ;;
esac
node_packages "@oven/bun-$platform@1.4.4"
bun=$work/node_modules/@oven/bun-$platform/bin/bun
chmod +x "$bun"
export BUN_INSTALL=$work/bun BUN_INSTALL_CACHE_DIR=$work/cache

file=node_modules/left-pad/index.js
results=()

# install_in PROJECT OPTION...
install_in() {
  local project=$work/$1
  shift
  mkdir --parents "$project"
  cd "$project"
  [[ -e package.json ]] || echo '{ "name": "demo", "dependencies": { "left-pad": "1.3.0" } }' >package.json
  quietly bun.log "$bun" install "$@"
}

# note WHEN: prints and remembers whether the edit is in the project's file.
note() {
  local last
  last=$(tail -n 1 "$file")
  if [[ $last != "// edited" ]]; then last="not the edit"; fi
  printf 'last line %s: %s\n' "$1" "$last"
  results+=("$last")
}

install_in one
printf 'links of the installed file: %s\n' "$(stat --format=%h "$file")"
echo "// edited" >>"$file"
rm -r node_modules
install_in one
note "after rm -r node_modules, bun install"
install_in one --force
note "after bun install --force"
install_in another
note "in another project"
cd "$work/one"
quietly bun.log "$bun" pm cache rm
rm -r node_modules
install_in one
note "after bun pm cache rm, rm -r node_modules, bun install"

IFS=/
[[ "${results[*]}" == "// edited/// edited/// edited/not the edit" ]] || changed "the edit did not come back, or stayed without a cache"
confirmed "only without its cache bun installs what was published"
