#!/usr/bin/env bash
# setup-workspace.sh --user NAME [--pixi LIST] [--bun LIST] [--uninstall]: programs that are installed for NAME by pixi and bun.
#   --pixi LIST  names of conda packages, separated by commas; without both lists: jq,yq,nvitop,btop,helix
#   --bun LIST   names of npm packages; without both lists: @tavily/mcp@latest,@upstash/context7-mcp@latest,@google/gemini-cli@latest
# A name may have a version behind an @ (bun) or a = (pixi). Without one, or with @latest, the lock file's is meant, or else the newest.
# What an earlier run installed and the list no longer has is removed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../lib/install.sh"

readonly usual_pixi=jq,yq,nvitop,btop,helix
readonly usual_bun=@tavily/mcp@latest,@upstash/context7-mcp@latest,@google/gemini-cli@latest

usage() { err "usage: setup-workspace.sh --user NAME [--pixi LIST] [--bun LIST] [--uninstall]"; }

main() {
  local user='' given=("$@") code=0 manager
  uninstall=no
  local -A lists=()
  while (($# > 0)); do
    case $1 in
      --user) user=${2:?--user needs a name} && shift 2 ;;
      --pixi | --bun) lists[${1#--}]=${2?"$1 needs a list"} && shift 2 ;;
      --uninstall) uninstall=yes && shift ;;
      *) usage ;;
    esac
  done
  [[ -n $user ]] || usage
  if ((${#lists[@]} == 0)); then lists=([pixi]=$usual_pixi [bun]=$usual_bun); fi
  become_user "$user" "$0" "${given[@]}"
  # Each part by itself: what pixi cannot get keeps bun from nothing.
  if ((${#lists[@]} > 1)); then
    for manager in pixi bun; do
      given=(--user "$user" "--$manager" "${lists[$manager]}")
      if [[ $uninstall == yes ]]; then given+=(--uninstall); fi
      bash "$0" "${given[@]}" || code=$?
    done
    exit "$code"
  fi
  globals_of "${!lists[@]}" "${lists[@]}"
}

# globals_of MANAGER LIST: check, act, verify. The record has for each package a line, and then those of its files (see files.sh):
#   package=NAME <tab> as it was asked for <tab> VERSION
globals_of() {
  local manager=$1 list=$2 entry name spec kept=() missing=()
  record=$HOME/.local/share/benchbox/globals/$manager
  PATH=$HOME/.local/bin:$HOME/.$manager/bin:$PATH # their programs may need each other
  mkdir -p "${record%/*}"
  if [[ ! -e $record ]]; then : >"$record"; fi
  if [[ $uninstall == yes ]]; then list=''; fi
  for entry in ${list//,/ }; do
    "${manager}_read" "$entry"
    if is_there "$name" "$spec"; then kept+=("$name"); else missing+=("$name" "$spec"); fi
  done
  if ((${#missing[@]} > 0)) || [[ $(sed -n 's/^package=//p' "$record" | wc -l) != "${#kept[@]}" ]]; then
    command -v "$manager" >/dev/null || err "$manager is not there, and installs nothing; it belongs before this script in custom.on_first_run"
    remove_others "${kept[@]}"
    add_missing "${missing[@]}"
  else
    say "$manager: ${kept[*]:-nothing} is wanted, and there"
    renew_record "$record"
  fi
  if [[ $uninstall == yes ]]; then
    rm "$record"
    return
  fi
  sed -n 's/^package=\([^\t]*\)\t[^\t]*\t/package\t\1 /p' "$record" | while IFS=$'\t' read -r entry name; do report "$entry" "$name"; done
  report record "$record"
}

# section NAME: the record's lines of this package.
section() {
  awk -v name="$1" -F '\t' '/^package=/ { on = $1 == "package=" name } on' "$record"
}

# is_there NAME SPEC: as it is asked for, and whole. A NAME alone asks for any version, until an upgrade is asked for.
is_there() {
  local asked
  asked=$(section "$1" | sed -n 's/^package=[^\t]*\t\([^\t]*\)\t.*/\1/p')
  [[ -n $asked ]] || return 1
  if [[ $2 == "$1" ]]; then
    [[ ${BENCHBOX_UPGRADE:-} != yes ]] || return 1
  else
    [[ $asked == "$2" ]] || return 1
  fi
  ! changed_file <(section "$1") >&2
}

# remove_others NAME...: all that the record has beside these; also what is broken, since the managers believe it whole.
remove_others() {
  local known others=()
  while read -r known; do
    if [[ " $* " != *" $known "* ]]; then others+=("$known"); fi
  done < <(sed -n 's/^package=\([^\t]*\)\t.*/\1/p' "$record")
  if ((${#others[@]} == 0)); then return; fi
  take_out "${others[@]}"
  for known in "$@"; do section "$known"; done >"$record.new"
  mv "$record.new" "$record"
}

take_out() {
  say "$manager: removing $*"
  "${manager}_remove" "$@" >/dev/null 2>&1 || warn "$manager could not remove all of them"
}

# add_missing [NAME SPEC]...: runs each program once, and then records what it is.
add_missing() {
  local names=() specs=() known=() name file problem
  local -A facts=()
  while (($# > 0)); do names+=("$1") specs+=("$2") && shift 2; done
  if ((${#names[@]} == 0)); then return; fi
  # Not in our record: somebody else installed them.
  for name in "${names[@]}"; do
    if "${manager}_facts" "$name" >/dev/null 2>&1; then known+=("$name"); fi
  done
  say "$manager: installing ${specs[*]}"
  add_all
  if ! are_whole; then
    if ((${#known[@]} == 0)); then drop "$problem"; fi
    # The managers add nothing to what they know, however little of it is there.
    say "$manager: $problem; installing again: ${known[*]}"
    take_out "${known[@]}"
    add_all
    are_whole || drop "$problem"
  fi
  {
    for name in "${names[@]}"; do
      printf 'package=%s\t%s\t%s\n' "$name" "${specs[0]}" "${facts[$name]%%$'\n'*}"
      files_of "$name" | while read -r file; do describe_file "$file"; done
      specs=("${specs[@]:1}")
    done
    cat "$record"
  } >"$record.new"
  mv "$record.new" "$record"
  say "$manager: installed ${names[*]}"
}

# The functions below use the variables of add_missing.

add_all() {
  local log
  make_staging "${record%/*}"
  log=$("${manager}_add" "${specs[@]}" 2>&1) || failed "$log"
  sed -n '/^benchbox: warning: /p' <<<"$log" >&2
  rm -rf "$staging" # before files are described that have a link less then
}

# are_whole: whether each package has its files, and its programs start. Sets $facts, or $problem to what is wrong.
are_whole() {
  local name file
  for name in "${names[@]}"; do
    facts[$name]=$("${manager}_facts" "$name") || { problem="$manager says that it installed $name, and does not know it" && return 1; }
    [[ ${facts[$name]} == *$'\n'* ]] || { problem="$manager installed $name ${facts[$name]}, which has no program" && return 1; }
    while read -r file; do
      [[ -e $file ]] || { problem="$manager installed $name, and $file is not there" && return 1; }
    done < <(files_of "$name")
  done
  problem=$(for name in "${names[@]}"; do files_of "$name"; done | all_start 2>&1) || { problem=${problem#benchbox: } && return 1; }
}

files_of() { tail -n +2 <<<"${facts[$1]}"; }

# drop REASON: ends with it, without what was just installed: the managers believe that whole, and no record would remember to remove it.
drop() {
  take_out "${names[@]}"
  err "$1"
}

# failed LOG: the network is the reason, unless the manager names another one.
failed() {
  local reason before
  before=$(sed -n "s/^benchbox: warning: $manager: //p" <<<"$1" | head -n 1)
  reason=${before:+$before; }$(grep -m 1 -iE '^ *(error|×)' <<<"$1" || tail -n 1 <<<"$1")
  printf '%s\n' "$1" >&2
  printf 'benchbox: %s could not install %s: %s\n' "$manager" "${specs[*]}" "$reason" >&2
  if grep -qE ' 404|No candidates were found|ENOSPC|No space left|EACCES|Permission denied' <<<"$1"; then exit 1; fi
  exit "$exit_unavailable"
}

# all_start: the files that it reads, as far as they are programs; a few at a time, since other steps want the processors, too.
all_start() {
  export -f starts err
  # shellcheck disable=SC2016 # the inner shell's
  xargs --delimiter='\n' --max-args=1 --max-procs=4 bash -c 'starts "$1"' -
}

# starts FILE: some know no --version and wait for words instead: those end with their standard input.
starts() {
  local code=0
  if [[ $1 != */bin/* || ! -x $1 ]]; then return; fi
  timeout 20 "$1" --version </dev/null >/dev/null 2>&1 || code=$?
  ((code != 126 && code != 127 && code != 124)) || err "$1 was installed and does not run (exit code $code)"
}

# want NAME VERSION SEPARATOR: sets $name and $spec; the lock file's version instead of none, or of "latest".
want() {
  local version=$2
  name=$1
  if [[ -z $version || $version == latest ]]; then
    version=''
    if [[ $(locked policy) != latest ]]; then version=$(sed -n "s|^package=$name ||p" <<<"${BENCHBOX_LOCK:-}"); fi
    if [[ -z $version && $(locked frozen) == yes ]]; then err "the lock file has no version of $name, and nothing else may be installed"; fi
  fi
  spec=$name${version:+$3$version}
}

# --- bun: packages of the npm registry

# What the requirements call so is published by another name.
bun_read() {
  local package=$1 version=''
  if [[ ${1:1} == *@* ]]; then version=${1##*@} package=${1%@*}; fi
  if [[ $package == @tavily/mcp ]]; then
    say "@tavily/mcp is in no registry; its author publishes it as tavily-mcp"
    package=tavily-mcp
  fi
  want "$package" "$version" @
}

# With a cache that goes afterwards: what is installed shares its content with the cache, so that a file which was altered would be
# put back as it was. A mirror may lack a package: then npm's own registry is asked, too.
bun_add() {
  local node log code=0 missing
  # For addons that are compiled; node-gyp gets the headers from nodejs.org otherwise, whatever is installed here.
  if node=$(command -v node) && node=$(readlink --canonicalize "$node") && [[ -e ${node%/bin/node}/include/node/node.h ]]; then
    export npm_config_nodedir=${node%/bin/node}
  fi
  export BUN_INSTALL_CACHE_DIR=$staging/cache
  log=$(bun_globally add "$@" 2>&1) || code=$?
  # An optional package, for example a platform's program, is a warning of bun's.
  missing=$(sed -n 's/^\(error\|warn\): GET \(.*\) - 404$/\2/p' <<<"$log" | paste -sd ' ')
  if [[ -z $missing || -z ${BENCHBOX_NPM_FALLBACK:-} ]]; then
    printf '%s\n' "$log"
    return "$code"
  fi
  warn "bun: not found: $missing; asking $BENCHBOX_NPM_FALLBACK"
  # Else bun's lock file goes on without the optional package.
  if ((code == 0)); then bun_remove "${names[@]}"; fi
  if BENCHBOX_NPM_REGISTRY=$BENCHBOX_NPM_FALLBACK bun_globally add "$@"; then return; fi
  if ((code != 0)); then return "$code"; fi
  warn "bun: $BENCHBOX_NPM_FALLBACK failed, too; installed without it"
  bun_globally add "$@"
}

bun_remove() { bun_globally remove "$@"; }

# bun_globally WORD PACKAGE...
bun_globally() {
  if [[ -n ${BENCHBOX_NPM_REGISTRY:-} ]]; then export BUN_CONFIG_REGISTRY=$BENCHBOX_NPM_REGISTRY; fi
  bun "$1" --global "${@:2}"
}

bun_facts() {
  python3 - "$HOME/.bun" "$1" <<'PYTHON'
import json, sys
home, package = sys.argv[1:]
file = f"{home}/install/global/node_modules/{package}/package.json"
facts = json.load(open(file))
programs = facts.get("bin", {})
print(facts["version"])
for name in programs if isinstance(programs, dict) else [package.split("/")[-1]]:
    print(f"{home}/bin/{name}")
print(file)
PYTHON
}

# --- pixi: packages of conda-forge

pixi_read() {
  local version=''
  if [[ $1 == *=* ]]; then version=${1#*=}; fi
  want "${1%%=*}" "${version#=}" =
}

pixi_add() {
  local channels=() channel
  while read -r channel; do channels+=(--channel "$channel"); done < <(sed -n 's/^channel=//p' <<<"${BENCHBOX_LOCK:-}")
  pixi global install "${channels[@]}" "$@"
}

pixi_remove() { pixi global uninstall "$@"; }

# Each package has an environment of its name, and a program that starts the one in there.
pixi_facts() {
  pixi global list --json | python3 -c '
import json, os, sys
home, package = sys.argv[1:]
[environment] = [one for one in json.load(sys.stdin) if one["name"] == package]
print(*[one["version"] for one in environment["dependencies"] if one["name"] == package])
for program in environment["exposed"]:
    print(home + "/bin/" + program["exposed_name"])
    inner = f"{home}/envs/{package}/bin/" + program["executable"]
    if os.path.exists(inner):
        print(inner)' "$HOME/.pixi" "$1"
}

main "$@"
