#!/usr/bin/env bash
# over-usr.sh ROOT PROGRAM ARGUMENT...: runs a program as if the packages unpacked in ROOT were installed, for programs that
# expect others at fixed paths. Requires a separate mount namespace: unshare --mount over-usr.sh ...
set -euo pipefail

main() {
  local root=$1
  shift
  mount --make-rprivate /
  mount -t overlay overlay -o "lowerdir=$root/usr:/usr" /usr
  exec "$@"
}

main "$@"
