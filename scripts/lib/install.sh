# shellcheck shell=bash
# shellcheck disable=SC2154 # tool and programs are the script's own
# The way of each tool's script: check, act, verify. The script says
#   tool=NAME             of the tool, which is also its name in the lock file
#   programs=(NAME...)    what it brings; the first one is asked for its version
#   also=(FILE...)        files below the folder, beside the programs, that a preview should miss when they are gone
#   unpack ARCHIVE FOLDER makes of the archive a folder with bin/PROGRAM, and nothing else that matters
# and then calls `install_tool "$@"`. A tool is at ~/.local/share/benchbox/tools/NAME/VERSION, its programs are links in
# ~/.local/bin, and beside the versions is a record of what was installed (see files.sh).

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
  must_be_locked "$version"
  folder=$(folder_of "$version")
  if is_installed "$version"; then
    say "$tool $version is already there"
    renew_record "$record"
  else
    act "$version"
    is_installed "$version" || err "$tool $version was installed and does not run; see above"
  fi
  report_tool
}

# begins_with HEX FILE: what a file is, without reading all of it: 1f8b is gzip, fd377a585a is xz.
begins_with() { [[ $(od -An -tx1 -N $((${#1} / 2)) "$2" | tr -d ' ') == "$1" ]]; }

# untar OPTION...: what is in a gzip'ed archive. igzip undoes it in a third of the time that gzip takes.
untar() {
  need_cmd igzip
  tar --extract --use-compress-program=igzip "$@"
}

# Scripts may define these otherwise.
folder_of() { echo "$home/$1"; }
version_of() { "$1" --version; }

# wanted_version ASKED: "latest" is the lock file's. With the policy "latest" it is what is there, until an upgrade is asked
# for, or else the publisher's newest.
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
    [[ -n $found ]] || err "no version to install: there is no lock file entry for $tool, and no --version"
    echo "$found"
  fi
}

# must_be_locked VERSION: when nothing else may be installed.
must_be_locked() {
  if [[ $(locked frozen) == yes && $1 != "$(locked version)" ]]; then
    err "the lock file has $tool $(locked version), and nothing else may be installed: not $1"
  fi
}

recorded() { if [[ -f $record ]]; then sed -n "s/^$1=//p" "$record"; fi; }

# is_installed VERSION: by the record, and by running it.
is_installed() {
  [[ $(recorded version) == "$1" ]] || return 1
  if changed_file "$record" >&2; then return 1; fi
  runs "$bin/${programs[0]}" "$1"
}

# runs PROGRAM VERSION: it runs, and says this version and no longer one.
runs() {
  local says
  says=$(version_of "$1" 2>&1 </dev/null) || {
    warn "${1##*/} does not run: $(tail -n 1 <<<"$says")"
    return 1
  }
  [[ " $says " == *[!0-9.]"$2"[!0-9.]* ]] || {
    warn "${1##*/} says: $says"
    return 1
  }
}

act() {
  local version=$1 program
  make_staging "$home"
  obtain "$tool" "$version" "$staging/archive"
  say "$tool: installing $version"
  mkdir "$staging/tool"
  # In a shell of its own, and not before `||`: there bash goes on behind a command that failed.
  local code said
  set +e
  said=$(
    set -e
    unpack "$staging/archive" "$staging/tool" 2>&1
  )
  code=$?
  set -e
  if [[ -n $said ]]; then printf '%s\n' "$said" >&2; fi
  if ((code != 0)); then
    # Another tool may have made room since.
    if [[ $said =~ No\ space\ left|Wrote\ only|disk\ full ]] || is_full "$staging"; then err "$tool: no space left on device for $home: make room and try again"; fi
    err "$tool: the archive from $source_site is not as expected"
  fi
  runs "$staging/tool/bin/${programs[0]}" "$version" || err "$tool: what $source_site delivered does not run or is not $version"
  rm "$staging/archive" # its room is needed by what comes
  settle "$staging/tool"
  {
    printf '%s\n' "version=$version" "path=$bin/${programs[0]}" "source=$source_site" "proof=$source_proof" "sha256=$source_sum"
    for program in "${programs[@]}"; do describe_file "$bin/$program"; done
    for program in "${also[@]}"; do describe_file "$folder/$program"; done
  } >"$staging/record"
  mv "$staging/record" "$record"
  say "$tool: installed $version from $source_site, verified by $source_proof"
}

# settle FOLDER: makes it the tool, at once for whoever starts its programs. Older versions go when nothing points there.
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
