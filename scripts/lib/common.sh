# shellcheck shell=bash
# Helpers for every script that runs in the box. Source it first:
#   . "$(dirname "${BASH_SOURCE[0]}")/../../../lib/common.sh"

# Exit code of a script that failed because of the network. `run-step` retries such a step.
# shellcheck disable=SC2034 # used by the scripts that source this file
readonly exit_unavailable=69

say() { printf 'benchbox: %s\n' "$*"; }
warn() { printf 'benchbox: warning: %s\n' "$*" >&2; }
err() {
  printf 'benchbox: %s\n' "$*" >&2
  exit 1
}

need_cmd() { command -v "$1" >/dev/null || err "command not found: $1; add its package to the image"; }

# locked KEY: prints the value of KEY in the lock file's entry for this step, or nothing. BENCHBOX_LOCK holds lines key=value.
locked() { sed -n "s/^$1=//p" <<<"${BENCHBOX_LOCK:-}" | head -n 1; }

# report KEY VALUE: adds a fact about what is installed to the step's marker, which outputs and previews read.
#   version V, path PATH     version and path of the tool
#   source NAME, sha256 SUM  where the tool's archive came from, and its checksum
#   file PATH                a file that the tool requires: a preview notices when it is missing or was replaced
report() { printf 'benchbox-report\t%s\t%s\n' "$1" "$2"; }

# become_user NAME SCRIPT ARGUMENT...: runs SCRIPT as NAME instead of this process, or returns if this is NAME already.
become_user() {
  local user=$1
  shift
  if [[ $(id -un) == "$user" ]]; then return; fi
  id "$user" >/dev/null 2>&1 || err "no such user in this box: $user"
  ((EUID == 0)) || err "cannot install for $user as $(id -un): run this as $user or as root"
  exec runuser -u "$user" -- env HOME="$(getent passwd "$user" | cut -d: -f6)" bash "$@"
}

# make_staging PLACE: sets $staging to a new folder that is removed when the script exits. It is on the file system of PLACE, which its path
# begins with, so that the last step of an installation is a rename.
make_staging() {
  mkdir -p "${1%/*}" || err "cannot write to ${1%/*}"
  remove_stagings "$1"
  staging=$(mktemp -d "$1.benchbox-install.XXXXXX") || err "cannot write to ${1%/*}"
  # Only in this process: a forked child has the trap until it execs, and would run it if it were killed before that.
  trap 'if [[ $BASHPID == "$$" ]]; then rm -rf "$staging"; fi' EXIT
}

# remove_stagings PLACE: removes what killed runs left.
remove_stagings() { rm -rf "$1".benchbox-install.*; }

# place FILE TARGET: installs FILE as the program TARGET, atomically.
place() {
  mkdir -p "${2%/*}"
  install -m 0755 "$1" "$2.new"
  mv "$2.new" "$2"
}

# link TARGET LINK: creates or replaces a symbolic link, atomically.
link() {
  mkdir -p "${2%/*}"
  ln -sfn "$1" "$2.new"
  mv -T "$2.new" "$2"
}
