# shellcheck shell=bash
# What every install script needs. Source it first: . "$(dirname "${BASH_SOURCE[0]}")/../../../lib/common.sh"

say() { printf 'benchbox: %s\n' "$*"; }
warn() { printf 'benchbox: warning: %s\n' "$*" >&2; }
err() {
  printf 'benchbox: %s\n' "$*" >&2
  exit 1
}

need_cmd() { command -v "$1" >/dev/null || err "$1 is needed and not there; add it to the image's packages"; }

# locked KEY: the value that the lock file has for this tool (BENCHBOX_LOCK holds lines key=value); empty when none.
locked() { sed -n "s/^$1=//p" <<<"${BENCHBOX_LOCK:-}" | head -n 1; }

# report VERSION PATH: says what is installed now; the stack's outputs and the drift preview read it.
report() { printf 'benchbox-tool\t%s\t%s\n' "$1" "$2"; }

# become_user NAME SCRIPT ARGUMENT...: goes on as NAME; returns when that is who we are.
become_user() {
  local user=$1
  shift
  if [[ $(id -un) == "$user" ]]; then return; fi
  id "$user" >/dev/null 2>&1 || err "there is no user $user in this box"
  ((EUID == 0)) || err "installing for $user needs to be $user or root, not $(id -un)"
  exec runuser -u "$user" -- env HOME="$(getent passwd "$user" | cut -d: -f6)" bash "$@"
}

# make_staging: sets $staging to a new folder that goes when the script ends. On the file system of the home, so that the
# last step of an installation is a rename.
make_staging() {
  mkdir -p "$HOME/.cache"
  staging=$(mktemp -d "$HOME/.cache/benchbox-install.XXXXXX")
  trap 'rm -rf "$staging"' EXIT
}

# place FILE TARGET: makes FILE the program TARGET, at once or not at all.
place() {
  mkdir -p "${2%/*}"
  install -m 0755 "$1" "$2.new.$$"
  mv "$2.new.$$" "$2"
}

# fetch URL FILE: https only. An unreachable site costs seconds, a stalled one a minute.
fetch() {
  curl --proto '=https' --proto-redir '=https' --fail --silent --show-error --location \
    --connect-timeout 10 --speed-limit 1024 --speed-time 60 --retry 2 --output "$2" "$1"
}

# verify FILE SHA256
verify() {
  local found
  found=$(sha256sum "$1" | cut -d ' ' -f 1)
  if [[ $found != "$2" ]]; then
    warn "${1##*/} has the SHA-256 $found, wanted $2; it is not used"
    return 1
  fi
}
