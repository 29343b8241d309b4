# shellcheck shell=bash
# What every script that runs in the box may use. Source it first:
#   . "$(dirname "${BASH_SOURCE[0]}")/../../../lib/common.sh"

# What scripts end with when the reason is the network: `run-step` tries such a step again, and knows that nothing is wrong here.
# shellcheck disable=SC2034 # the scripts' own
readonly exit_unavailable=69

say() { printf 'benchbox: %s\n' "$*"; }
warn() { printf 'benchbox: warning: %s\n' "$*" >&2; }
err() {
  printf 'benchbox: %s\n' "$*" >&2
  exit 1
}

need_cmd() { command -v "$1" >/dev/null || err "$1 is needed and not there; add it to the image's packages"; }

# locked KEY: the value that the lock file has for this step (BENCHBOX_LOCK holds lines key=value); empty when none.
locked() { sed -n "s/^$1=//p" <<<"${BENCHBOX_LOCK:-}" | head -n 1; }

# report KEY VALUE: says what is installed now, for the step's marker; the outputs and the previews read it there.
#   version V, path PATH     of the tool
#   source NAME, sha256 SUM  where its archive came from, and what it was
#   file PATH                one that the tool cannot do without: a preview notices when it is gone or another one
report() { printf 'benchbox-report\t%s\t%s\n' "$1" "$2"; }

# become_user NAME SCRIPT ARGUMENT...: goes on as NAME; returns when that is who we are.
become_user() {
  local user=$1
  shift
  if [[ $(id -un) == "$user" ]]; then return; fi
  id "$user" >/dev/null 2>&1 || err "there is no user $user in this box"
  ((EUID == 0)) || err "installing for $user needs to be $user or root, not $(id -un)"
  exec runuser -u "$user" -- env HOME="$(getent passwd "$user" | cut -d: -f6)" bash "$@"
}

# make_staging FOLDER: sets $staging to a new folder that goes when the script ends; below FOLDER, so that the last step of an
# installation is a rename. What a killed run left there goes, too.
make_staging() {
  mkdir -p "$1" || err "cannot write to $1"
  rm -rf "$1"/.benchbox-install.*
  staging=$(mktemp -d "$1/.benchbox-install.XXXXXX") || err "cannot write to $1"
  # Ours alone to run: a process that is forked has it for a moment, too, and runs it when it is ended in that moment.
  trap 'if [[ $BASHPID == "$$" ]]; then rm -rf "$staging"; fi' EXIT
}

# place FILE TARGET: makes FILE the program TARGET, at once or not at all.
place() {
  mkdir -p "${2%/*}"
  install -m 0755 "$1" "$2.new.$$"
  mv "$2.new.$$" "$2"
}

# link TARGET LINK: likewise for a symbolic link.
link() {
  mkdir -p "${2%/*}"
  ln -sfn "$1" "$2.new.$$"
  mv -T "$2.new.$$" "$2"
}
