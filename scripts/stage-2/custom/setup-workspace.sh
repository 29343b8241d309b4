#!/usr/bin/env bash
# setup-workspace.sh --user NAME [--pixi LIST] [--bun LIST] [--uninstall]: programs that are installed for NAME by pixi and bun.
#   --pixi LIST  names of conda packages, separated by commas; without both lists: jq,yq,nvitop,btop,helix
#   --bun LIST   names of npm packages; without both lists: @tavily/mcp@latest,@upstash/context7-mcp@latest,@google/gemini-cli@latest
# A name may have a version behind an @ (bun) or a = (pixi). Without one, or with @latest, the lock file's is meant, or else the newest.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../lib/install.sh"

readonly usual_pixi=jq,yq,nvitop,btop,helix
readonly usual_bun=@tavily/mcp@latest,@upstash/context7-mcp@latest,@google/gemini-cli@latest

usage() { err "usage: setup-workspace.sh --user NAME [--pixi LIST] [--bun LIST] [--uninstall]"; }

main() {
  local user='' pixi='' bun='' uninstall=no given=("$@")
  while (($# > 0)); do
    case $1 in
      --user) user=${2:?--user needs a name} && shift 2 ;;
      --pixi) pixi=${2:?--pixi needs a list} && shift 2 ;;
      --bun) bun=${2:?--bun needs a list} && shift 2 ;;
      --uninstall) uninstall=yes && shift ;;
      *) usage ;;
    esac
  done
  [[ -n $user ]] || usage
  if [[ -z $pixi$bun ]]; then pixi=$usual_pixi bun=$usual_bun; fi
  become_user "$user" "$0" "${given[@]}"
  records=$HOME/.local/share/benchbox/globals
  mkdir -p "$records"
  if [[ -n $pixi ]]; then globals_of pixi "$pixi"; fi
  if [[ -n $bun ]]; then globals_of bun "$bun"; fi
}

# globals_of MANAGER LIST: what an earlier run installed and the list no longer has goes.
globals_of() {
  local manager=$1 wanted=() package before
  record=$records/$manager
  mapfile -t wanted < <(tr , '\n' <<<"$2" | while read -r package; do "${manager}_package" "$package"; done)
  if [[ $uninstall == yes ]]; then wanted=(); fi
  before=$(recorded packages)
  if [[ ${#wanted[@]} -gt 0 && $before == "${wanted[*]}" ]] && ! changed_file "$record" >&2; then
    say "$manager has ${wanted[*]} already"
    renew_record "$record"
  else
    need_program "$manager"
    for package in $before; do
      if ! is_among "$package" "${wanted[@]}"; then remove_global "$manager" "$package"; fi
    done
    rm -f "$record"
    if ((${#wanted[@]} == 0)); then return; fi
    add_globals "$manager" "${wanted[@]}"
  fi
  for package in "${wanted[@]}"; do report "$manager" "$package"; done
  report record "$record"
}

need_program() {
  if [[ ! -x $HOME/.local/bin/$1 ]]; then err "$1 is not there, and installs nothing; it belongs before this script in custom.on_first_run"; fi
}

is_among() {
  local one=$1 other
  shift
  for other in "$@"; do if [[ $one == "$other" ]]; then return; fi; done
  return 1
}

# add_globals MANAGER PACKAGE...: then runs each program once, and records what it is.
add_globals() {
  local manager=$1 programs program log
  shift
  say "$manager: installing $*"
  log=$("${manager}_add" "$@" 2>&1) || {
    printf '%s\n' "$log" >&2
    printf 'benchbox: %s could not install %s: %s\n' "$manager" "$*" "$(tail -n 1 <<<"$log")" >&2
    exit "$exit_unavailable"
  }
  mapfile -t programs < <("${manager}_programs" "$@")
  ((${#programs[@]} > 0)) || err "$manager says that it installed $*, and there is no program of them"
  for program in "${programs[@]}"; do
    starts "$program" || err "$program was installed and does not run"
  done
  {
    printf 'packages=%s\n' "$*"
    for program in "${programs[@]}"; do describe_file "$program"; done
  } >"$record.new"
  mv "$record.new" "$record"
  say "$manager: installed $*"
}

# starts PROGRAM: some know no --version and wait for words instead: those end with their standard input.
starts() {
  local code=0
  timeout 20 "$1" --version </dev/null >/dev/null 2>&1 || code=$?
  ((code != 126 && code != 127 && code != 124))
}

remove_global() {
  local manager=$1 package=$2
  say "$manager: removing $package"
  "${manager}_remove" "$package" >/dev/null 2>&1 || warn "$manager could not remove $package"
}

# with_version NAME VERSION SEPARATOR: the lock file's version instead of none, or of "latest".
with_version() {
  local name=$1 version=$2 separator=$3
  if [[ -z $version || $version == latest ]]; then
    version=''
    if [[ $(locked policy) != latest ]]; then version=$(sed -n "s|^package=$name ||p" <<<"${BENCHBOX_LOCK:-}"); fi
    if [[ -z $version && $(locked frozen) == yes ]]; then err "the lock file has no version of $name, and nothing else may be installed"; fi
  fi
  echo "$name${version:+$separator$version}"
}

# --- bun: packages of the npm registry

# bun_name NAME[@VERSION]: the name may begin with an @ of its own.
bun_name() {
  local rest=${1:1}
  echo "${1:0:1}${rest%%@*}"
}

# What the requirements call so is published by another name.
bun_package() {
  local name version
  name=$(bun_name "$1")
  version=${1#"$name"} version=${version#@}
  if [[ $name == @tavily/mcp ]]; then
    say "@tavily/mcp is in no registry; its author publishes it as tavily-mcp" >&2
    name=tavily-mcp
  fi
  with_version "$name" "$version" @
}

bun_add() {
  if [[ -n ${BENCHBOX_NPM_REGISTRY:-} ]]; then export BUN_CONFIG_REGISTRY=$BENCHBOX_NPM_REGISTRY; fi
  "$HOME/.local/bin/bun" add --global "$@"
}

bun_remove() { "$HOME/.local/bin/bun" remove --global "$(bun_name "$1")"; }

# The programs of each package, by its own word.
bun_programs() {
  local package facts
  for package in "$@"; do
    facts=$HOME/.bun/install/global/node_modules/$(bun_name "$package")/package.json
    [[ -f $facts ]] || err "bun says that it installed $package, and $facts is not there"
    python3 -c '
import json, sys
facts = json.load(open(sys.argv[1]))
programs = facts.get("bin", {})
for name in programs if isinstance(programs, dict) else [facts["name"].split("/")[-1]]:
    print(sys.argv[2] + name)' "$facts" "$HOME/.bun/bin/"
  done
}

# --- pixi: packages of conda-forge

pixi_package() { with_version "${1%%=*}" "$(sed -n 's/^[^=]*=*//p' <<<"$1")" =; }

pixi_add() {
  local channels=() channel
  while read -r channel; do channels+=(--channel "$channel"); done < <(sed -n 's/^channel=//p' <<<"${BENCHBOX_LOCK:-}")
  "$HOME/.local/bin/pixi" global install "${channels[@]}" "$@"
}

pixi_remove() { "$HOME/.local/bin/pixi" global uninstall "${1%%=*}"; }

# Each package has an environment of its name, which exposes its programs.
pixi_programs() {
  local package
  for package in "$@"; do
    "$HOME/.local/bin/pixi" global list --json --environment "${package%%=*}" | python3 -c '
import json, sys
for environment in json.load(sys.stdin):
    for program in environment["exposed"]:
        print(sys.argv[1] + program["exposed_name"])' "$HOME/.pixi/bin/"
  done
}

main "$@"
