# shellcheck shell=bash
# shellcheck disable=SC2154 # the script defines tool and programs
# What all tool scripts share: check, act, verify. A script defines
#   tool=NAME             the tool's name, also in the lock file
#   programs=(NAME...)    the programs that it installs; the first one must print the version
#   also=(FILE...)        other files in the tool's folder that a preview checks
#   unpack ARCHIVE FOLDER a function that unpacks the archive to a folder with bin/PROGRAM
# and then calls `install_tool "$@"`. A tool is installed to ~/.local/share/benchbox/tools/NAME/VERSION, with links to its programs
# in ~/.local/bin. The file `record` beside the versions lists what was installed (see files.sh).

library=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$library/common.sh"
# shellcheck source=scripts/lib/download.sh
. "$library/download.sh"
# shellcheck source=scripts/lib/files.sh
. "$library/files.sh"

also=()

usage() { err "usage: ${0##*/} --user NAME [--version X.Y.Z | --version latest | --uninstall]"; }

install_tool() {
  local user='' asked=latest uninstall=no given=("$@")
  while (($# > 0)); do
    case $1 in
      --user) user=${2:?--user needs a name} && shift 2 ;;
      --version) asked=${2:?--version needs a version} && shift 2 ;;
      --uninstall) uninstall=yes && shift ;;
      *) usage ;;
    esac
  done
  [[ -n $user ]] || usage
  become_user "$user" "$0" "${given[@]}"

  bin=$HOME/.local/bin home=$HOME/.local/share/benchbox/tools/$tool
  record=$home/record
  if [[ $uninstall == yes ]]; then
    uninstall_tool
    return
  fi
  local version
  version=$(wanted_version "$asked") || exit
  require_locked "$version"
  folder=$(folder_of "$version")
  if is_installed "$version"; then
    say "$tool $version is already installed"
    remove_stagings "$home/" # a run may be killed after its last step
    renew_record "$record"
  else
    act "$version"
    is_installed "$version" || err "$tool $version was installed, but does not run; see above"
  fi
  report_tool
}

# begins_with HEX FILE: whether the file begins with these bytes: 1f8b is gzip, fd377a585a is xz.
begins_with() { [[ $(od -An -tx1 -N $((${#1} / 2)) "$2" | tr -d ' ') == "$1" ]]; }

# untar OPTION...: extracts a gzip-compressed archive. igzip takes a third of gzip's time.
untar() {
  need_cmd igzip
  tar --extract --use-compress-program=igzip "$@"
}

# Scripts may override these two.
folder_of() { echo "$home/$1"; }
version_of() { "$1" --version; }

# wanted_version ASKED: prints the version to install. "latest" means the lock file's version. With the policy "latest" it means
# the installed version, or, if there is none or an upgrade was requested, the publisher's newest.
wanted_version() {
  local found
  if [[ $1 != latest ]]; then
    echo "${1#v}"
  elif [[ $(locked policy) == latest ]]; then
    found=$(recorded version)
    if [[ -z $found || ${BENCHBOX_UPGRADE:-} == yes ]]; then found=$(newest_version "$tool") || exit; fi
    echo "$found"
  else
    found=$(locked version)
    [[ -n $found ]] || err "no version to install: the lock file has no entry for $tool; pass --version"
    echo "$found"
  fi
}

# require_locked VERSION: fails if only locked versions may be installed and this is not one.
require_locked() {
  if [[ $(locked frozen) == yes && $1 != "$(locked version)" ]]; then
    err "cannot install $tool $1: the lock file has $(locked version), and --frozen allows nothing else"
  fi
}

recorded() { if [[ -f $record ]]; then sed -n "s/^$1=//p" "$record"; fi; }

# is_installed VERSION: whether the record has this version, the files match it, and the program runs.
is_installed() {
  [[ $(recorded version) == "$1" ]] || return 1
  if changed_file "$record" >&2; then return 1; fi
  runs "$bin/${programs[0]}" "$1"
}

# runs PROGRAM VERSION: whether it runs and prints exactly this version (1.2 does not match 1.2.3).
runs() {
  local output
  output=$(version_of "$1" 2>&1 </dev/null) || {
    warn "${1##*/} does not run: $(tail -n 1 <<<"$output")"
    return 1
  }
  [[ " $output " == *[!0-9.]"$2"[!0-9.]* ]] || {
    warn "${1##*/} is not version $2; it reports: $output"
    return 1
  }
}

act() {
  local version=$1 program
  make_staging "$home/"
  obtain "$tool" "$version" "$staging/archive"
  say "$tool: installing $version"
  mkdir "$staging/tool"
  # In a subshell, and not before `||`, where bash ignores `set -e`.
  local code output
  set +e
  output=$(
    set -e
    unpack "$staging/archive" "$staging/tool" 2>&1
  )
  code=$?
  set -e
  if [[ -n $output ]]; then printf '%s\n' "$output" >&2; fi
  if ((code != 0)); then
    # The output counts as well: another tool may have freed some space in the meantime.
    if [[ $output =~ No\ space\ left|Wrote\ only|disk\ full ]] || is_full "$staging"; then
      err "$tool: no space left on device for $home: free some space, then try again"
    fi
    err "$tool: cannot unpack the archive from $source_site"
  fi
  runs "$staging/tool/bin/${programs[0]}" "$version" || err "$tool: the download from $source_site does not run or is not version $version"
  rm "$staging/archive" # frees its space for what follows
  settle "$staging/tool"
  {
    printf '%s\n' "version=$version" "path=$bin/${programs[0]}" "source=$source_site" "proof=$source_proof" "sha256=$source_sum"
    for program in "${programs[@]}"; do describe_file "$bin/$program"; done
    for program in "${also[@]}"; do describe_file "$folder/$program"; done
  } >"$staging/record"
  mv "$staging/record" "$record"
  say "$tool: installed $version from $source_site, verified by $source_proof"
}

# settle FOLDER: moves it into place and switches the links, atomically for anyone who starts the programs. Then removes the other
# versions, to which no link points any more.
settle() {
  local program other
  rm -rf "$folder"
  mv "$1" "$folder"
  for program in "${programs[@]}"; do link "$folder/bin/$program" "$bin/$program"; done
  for other in "$home"/*/; do
    if [[ ${other%/} != "$folder" ]]; then rm -rf "$other"; fi
  done
}

uninstall_tool() {
  local program
  for program in "${programs[@]}"; do
    if [[ $(readlink "$bin/$program") == "$home"/* ]]; then rm "$bin/$program"; fi
  done
  rm -rf "$home"
  say "$tool: removed"
}

report_tool() {
  local key
  for key in version path source proof sha256; do report "$key" "$(recorded "$key")"; done
  report record "$record"
}
