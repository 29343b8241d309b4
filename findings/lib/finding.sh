# shellcheck shell=bash
# What every finding uses: a temporary folder that is removed at the end, and the three ways to end: confirmed (exit code 0), changed (1)
# and cannot_run (2).

# The temporary folder. Everything that a finding installs or writes is in it.
work=$(mktemp --directory --tmpdir finding.XXXXXX)

undo_commands=()
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# at_exit COMMAND ARGUMENT...: runs the command when the script ends, the last one first.
at_exit() {
  local command
  printf -v command '%q ' "$@"
  undo_commands=("$command" "${undo_commands[@]}")
}

clean_up() {
  local code=$? command
  trap '' INT TERM
  for command in "${undo_commands[@]}"; do
    eval "$command" >/dev/null 2>&1 || true
  done
  # Go makes the folders of its module cache read-only.
  chmod --recursive u+w "$work" 2>/dev/null || true
  rm --recursive --force --one-file-system "$work"
  exit "$code"
}

# confirmed SENTENCE: the behavior is as described.
confirmed() {
  printf 'As described: %s\n' "$1"
  exit 0
}

# changed SENTENCE: the behavior is not as described.
changed() {
  printf 'Changed: %s\n' "$1" >&2
  exit 1
}

# cannot_run SENTENCE: something that the finding needs is missing.
cannot_run() {
  printf 'Cannot run: %s\n' "$1" >&2
  exit 2
}

# require PROGRAM...: ends the script when one of them is not on PATH.
require() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || cannot_run "$program is not on PATH"
  done
}

require_root() {
  ((EUID == 0)) || cannot_run "it makes namespaces or a Debian root, which needs root"
}

# stop_process PID [SIGNAL]: ends a child of this script and waits for it.
stop_process() {
  kill "-${2:-TERM}" "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# quietly LOG COMMAND ARGUMENT...: prints the log's end when the command fails.
quietly() {
  local log=$work/$1
  shift
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 15 "$log" >&2
    cannot_run "$1 failed"
  fi
}

# wait_until SECONDS COMMAND ARGUMENT...: fails when the command does not succeed in time.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
}
