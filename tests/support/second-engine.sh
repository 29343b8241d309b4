#!/usr/bin/env bash
# second-engine.sh ROOT STATE DOCKERD_OPTION...: dockerd of the Debian in ROOT, in mount and pid namespaces of its own; STATE is
# the one folder that it shares with this machine. Programs in ENGINE_PROGRAMS are used instead of the Debian's. With ENGINE_DISK it keeps
# what it makes on a disk of that size. Run it by
# `unshare --mount --pid --fork --kill-child`.
set -euo pipefail

main() {
  local root=$1 state=$2
  shift 2
  # The root is only a way in: all that the engine writes is in STATE or goes with the namespace. Plain chroot would do
  # for everything but `docker load`, which makes a root of its own inside.
  mount --make-rprivate /
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs tmpfs "$root/run"
  mount -t tmpfs tmpfs "$root/tmp"
  mount --bind "$state" "$root/mnt"
  if [[ -n ${ENGINE_PROGRAMS:-} ]]; then mount --bind "$ENGINE_PROGRAMS" "$root/opt"; fi
  if [[ -n ${ENGINE_DISK:-} ]]; then
    mkdir -p "$root/mnt/data"
    mount -t tmpfs -o "size=$ENGINE_DISK" tmpfs "$root/mnt/data"
  fi
  mount --bind /etc/resolv.conf "$root/etc/resolv.conf"
  mount --bind /etc/hosts "$root/etc/hosts"
  mount --bind /etc/ssl/certs "$root/etc/ssl/certs"
  mount --bind /usr/local/share/ca-certificates "$root/usr/local/share/ca-certificates"
  cd "$root"
  pivot_root . srv
  umount --lazy /srv
  export PATH=/mnt/programs:/opt:/usr/sbin:/usr/bin:/sbin:/bin
  exec dockerd "$@" </dev/null
}

main "$@"
