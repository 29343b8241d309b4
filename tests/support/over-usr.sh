#!/usr/bin/env bash
# over-usr.sh ROOT PROGRAM ARGUMENT...: runs a program as if the packages unpacked in ROOT were installed, for programs that
# look for others at fixed places. Needs a mount namespace of its own: unshare --mount over-usr.sh ...
set -euo pipefail

main() {
  local root=$1
  shift
  mount --make-rprivate /
  mount -t overlay overlay -o "lowerdir=$root/usr:/usr" /usr
  exec "$@"
}

main "$@"
