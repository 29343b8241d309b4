#!/usr/bin/env bash
# setup-workspace.sh --user NAME [--pixi LIST] [--bun LIST] [--uninstall]: installs programs for NAME with pixi and bun.
#   --pixi LIST  names of conda packages, separated by commas. If neither list is given: jq,yq,nvitop,btop,helix
#   --bun LIST   names of npm packages. If neither list is given:
#                @tavily/mcp@latest,@upstash/context7-mcp@latest,@google/gemini-cli@latest
# A name may be followed by @VERSION (bun) or =VERSION (pixi). No version, or @latest, means the version in the lock file, or the
# newest if it has none. Packages from an earlier run that are no longer listed are removed.
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
  # Separately, so that a failure of pixi does not stop bun.
  if ((${#lists[@]} > 1)); then
    for manager in pixi bun; do
      given=(--user "$user" "--$manager" "${lists[$manager]}")
      if [[ $uninstall == yes ]]; then given+=(--uninstall); fi
      bash "$0" "${given[@]}" || code=$?
    done
    exit "$code"
  fi
  apply_list "${!lists[@]}" "${lists[@]}"
}

# apply_list MANAGER LIST: check, act, verify. The record has a line for each package, followed by those of its files (see files.sh):
#   package=NAME <tab> SPEC, as requested <tab> VERSION
apply_list() {
  local manager=$1 list=$2 entry name spec kept=() missing=()
  record=$HOME/.local/share/benchbox/globals/$manager
  PATH=$HOME/.local/bin:$HOME/.$manager/bin:$PATH # their programs may need each other
  mkdir -p "${record%/*}"
  if [[ ! -e $record ]]; then : >"$record"; fi
  if [[ $uninstall == yes ]]; then list=''; fi
  for entry in ${list//,/ }; do
    "${manager}_read" "$entry"
    if is_satisfied "$name" "$spec"; then kept+=("$name"); else missing+=("$name" "$spec"); fi
  done
  if ((${#missing[@]} > 0)) || [[ $(sed -n 's/^package=//p' "$record" | wc -l) != "${#kept[@]}" ]]; then
    command -v "$manager" >/dev/null || err "$manager is not installed: list its script before this one in custom.on_first_run"
    remove_others "${kept[@]}"
    add_missing "${missing[@]}"
  else
    say "$manager: ${kept[*]:+already installed: }${kept[*]:-nothing to install}"
    renew_record "$record"
  fi
  if [[ $uninstall == yes ]]; then
    rm "$record"
    return
  fi
  sed -n 's/^package=\([^\t]*\)\t[^\t]*\t/package\t\1 /p' "$record" | while IFS=$'\t' read -r entry name; do report "$entry" "$name"; done
  report record "$record"
}

# section NAME: prints the record's lines for this package.
section() {
  awk -v name="$1" -F '\t' '/^package=/ { on = $1 == "package=" name } on' "$record"
}

# is_satisfied NAME SPEC: whether the package is installed as requested, with all files intact. A NAME alone accepts any version, unless
# an upgrade was requested.
is_satisfied() {
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

# remove_others NAME...: removes all other packages in the record. That includes broken ones, which the managers consider installed.
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

# add_missing [NAME SPEC]...: installs the packages, starts each of their programs once, and then records their files.
add_missing() {
  local names=() specs=() known=() name file problem
  local -A facts=()
  while (($# > 0)); do names+=("$1") specs+=("$2") && shift 2; done
  if ((${#names[@]} == 0)); then return; fi
  # Packages that the manager has although they are not in the record: someone else installed them.
  for name in "${names[@]}"; do
    if "${manager}_facts" "$name" >/dev/null 2>&1; then known+=("$name"); fi
  done
  say "$manager: installing ${specs[*]}"
  add_all
  if ! are_intact; then
    if ((${#known[@]} == 0)); then drop "$problem"; fi
    # The managers do not repair packages that they consider installed.
    say "$manager: $problem; installing again: ${known[*]}"
    take_out "${known[@]}"
    add_all
    are_intact || drop "$problem"
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
  make_staging "$record" # not shared with the other manager, which may run at the same time
  log=$("${manager}_add" "${specs[@]}" 2>&1) || failed "$log"
  sed -n '/^benchbox: warning: /p' <<<"$log" >&2
  rm -rf "$staging" # before files are described: this changes the link count, and so the ctime, of files shared with the cache
}

# are_intact: whether each package has all its files, and its programs start. Sets $facts, or $problem if not.
are_intact() {
  local name file
  for name in "${names[@]}"; do
    facts[$name]=$("${manager}_facts" "$name") || { problem="$manager installed $name, but does not list it" && return 1; }
    [[ ${facts[$name]} == *$'\n'* ]] || { problem="$manager installed $name ${facts[$name]}, which has no program" && return 1; }
    while read -r file; do
      [[ -e $file ]] || { problem="$manager installed $name, but $file is missing" && return 1; }
    done < <(files_of "$name")
  done
  problem=$(for name in "${names[@]}"; do files_of "$name"; done | start_all 2>&1) || { problem=${problem#benchbox: } && return 1; }
}

files_of() { tail -n +2 <<<"${facts[$1]}"; }

# drop REASON: removes what was just installed, and fails with REASON. The managers would consider it installed, and no record would
# list it for removal.
drop() {
  take_out "${names[@]}"
  err "$1"
}

# failed LOG: exits with an error; with exit_unavailable unless the log shows a reason other than the network.
failed() {
  local reason before
  before=$(sed -n "s/^benchbox: warning: $manager: //p" <<<"$1" | head -n 1)
  reason=${before:+$before; }$(grep -m 1 -iE '^ *(error|×)' <<<"$1" || tail -n 1 <<<"$1")
  printf '%s\n' "$1" >&2
  printf 'benchbox: %s could not install %s: %s\n' "$manager" "${specs[*]}" "$reason" >&2
  if grep -qE ' 404|No candidates were found|ENOSPC|No space left|EACCES|Permission denied' <<<"$1"; then exit 1; fi
  exit "$exit_unavailable"
}

# start_all: starts each program in the list of files on standard input. Four at a time, since other steps need the CPUs, too.
start_all() {
  export -f start_program err
  # shellcheck disable=SC2016 # the inner shell expands it
  xargs --delimiter='\n' --max-args=1 --max-procs=4 bash -c 'start_program "$1"' -
}

# start_program FILE: some programs do not support --version and read standard input instead; they exit when it ends.
start_program() {
  local code=0
  if [[ $1 != */bin/* || ! -x $1 ]]; then return; fi
  timeout 20 "$1" --version </dev/null >/dev/null 2>&1 || code=$?
  ((code != 126 && code != 127 && code != 124)) || err "$1 was installed, but does not run (exit code $code)"
}

# resolve_version NAME VERSION SEPARATOR: sets $name and $spec. If VERSION is empty or "latest", it uses the version in the lock file.
resolve_version() {
  local version=$2
  name=$1
  if [[ -z $version || $version == latest ]]; then
    version=''
    if [[ $(locked policy) != latest ]]; then version=$(sed -n "s|^package=$name ||p" <<<"${BENCHBOX_LOCK:-}"); fi
    if [[ -z $version && $(locked frozen) == yes ]]; then
      err "cannot install $name: the lock file has no version of it, and --frozen allows nothing else"
    fi
  fi
  spec=$name${version:+$3$version}
}

# --- bun: packages of the npm registry

# The default list names @tavily/mcp, which is published under another name.
bun_read() {
  local package=$1 version=''
  if [[ ${1:1} == *@* ]]; then version=${1##*@} package=${1%@*}; fi
  if [[ $package == @tavily/mcp ]]; then
    say "@tavily/mcp is not in the npm registry; using tavily-mcp, the name that its author publishes it under"
    package=tavily-mcp
  fi
  resolve_version "$package" "$version" @
}

# With a cache that is removed afterwards: installed files share their content with the cache, so a modified file would be reinstalled
# as modified. If a mirror lacks a package, npm's own registry is tried as well.
bun_add() {
  local node log code=0 missing
  # For compiled addons: otherwise node-gyp downloads the headers from nodejs.org, even if they are installed here.
  if node=$(command -v node) && node=$(readlink --canonicalize "$node") && [[ -e ${node%/bin/node}/include/node/node.h ]]; then
    export npm_config_nodedir=${node%/bin/node}
  fi
  export BUN_INSTALL_CACHE_DIR=$staging/cache
  log=$(bun_globally add "$@" 2>&1) || code=$?
  # bun only warns about a missing optional package, for example the program for a platform.
  missing=$(sed -n 's/^\(error\|warn\): GET \(.*\) - 404$/\2/p' <<<"$log" | paste -sd ' ')
  if [[ -z $missing || -z ${BENCHBOX_NPM_FALLBACK:-} ]]; then
    printf '%s\n' "$log"
    return "$code"
  fi
  warn "bun: not found: $missing; trying $BENCHBOX_NPM_FALLBACK"
  # Otherwise bun's lock file keeps the state without the optional package.
  if ((code == 0)); then bun_remove "${names[@]}"; fi
  if BENCHBOX_NPM_REGISTRY=$BENCHBOX_NPM_FALLBACK bun_globally add "$@"; then return; fi
  if ((code != 0)); then return "$code"; fi
  warn "bun: $BENCHBOX_NPM_FALLBACK failed as well; installing without the missing package"
  bun_globally add "$@"
}

bun_remove() { bun_globally remove "$@"; }

# bun_globally SUBCOMMAND PACKAGE...
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
  resolve_version "${1%%=*}" "${version#=}" =
}

pixi_add() {
  local channels=() channel
  while read -r channel; do channels+=(--channel "$channel"); done < <(sed -n 's/^channel=//p' <<<"${BENCHBOX_LOCK:-}")
  pixi global install "${channels[@]}" "$@"
}

pixi_remove() { pixi global uninstall "$@"; }

# Each package has an environment of the same name; the exposed programs start those in it.
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
