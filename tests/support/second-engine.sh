#!/usr/bin/env bash
# second-engine.sh ROOT STATE DOCKERD_OPTION...: runs dockerd of the Debian in ROOT, in separate mount and pid namespaces. STATE is the only
# folder that it shares with the host. Programs in ENGINE_PROGRAMS override the Debian's. ENGINE_DISK limits its data to a disk of that
# size. Run it with `unshare --mount --pid --fork --kill-child`.
set -euo pipefail

main() {
  local root=$1 state=$2
  shift 2
  # Nothing is written to ROOT: everything that the Docker Engine writes is in STATE or disappears with the namespace. chroot would suffice,
  # except for `docker load`, which changes the root itself.
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
