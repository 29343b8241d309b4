# shellcheck shell=bash
# A Docker Engine of the Debian in $root, apart from the one of this machine.

: "${work:?source finding.sh first}"

# start_engine OPTION...: starts dockerd in mount, process and network namespaces of its own, so that its networks, firewall rules and
# processes end with it. It has no way out to any network. With engine_disk=SIZE its data is on a file system of that size.
start_engine() {
  local unshare_pid
  require unshare pivot_root ip pgrep
  unshare --mount --pid --net --fork --kill-child \
    bash -c "$(declare -f become_engine); become_engine \"\$@\"" engine "${root:?}" "${engine_disk:-}" "$@" \
    >"$work/dockerd.log" 2>&1 </dev/null &
  unshare_pid=$!
  at_exit stop_process "$unshare_pid" KILL
  wait_until 120 docker version || cannot_run "the engine did not start: $(tail -n 5 "$work/dockerd.log")"
  engine_pid=$(pgrep --parent "$unshare_pid")
  at_exit stop_engine
}

# stop_engine: lets dockerd end its containers.
stop_engine() {
  kill "$engine_pid"
  wait_until 60 test ! -e "/proc/$engine_pid"
}

# become_engine ROOT DISK OPTION...: runs in the namespaces and becomes dockerd.
become_engine() {
  set -e
  local root=$1 disk=$2 folder
  shift 2
  ip link set lo up
  mount --make-rprivate /
  # Only a mount point can be the new root.
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  for folder in dev sys; do mount --rbind "/$folder" "$root/$folder"; done
  for folder in run tmp; do mount -t tmpfs tmpfs "$root/$folder"; done
  if [[ -n $disk ]]; then
    mkdir --parents "$root/var/lib/docker"
    mount -t tmpfs -o "size=$disk" tmpfs "$root/var/lib/docker"
  fi
  cd "$root"
  pivot_root . mnt
  umount --lazy /mnt
  export PATH=/usr/sbin:/usr/bin:/sbin:/bin
  exec dockerd --host unix:///srv/docker.sock "$@"
}

# docker WORD...: the client of the Debian in $root, with that engine.
docker() {
  env --ignore-environment HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    chroot "$root" docker --host unix:///srv/docker.sock "$@"
}

# import_programs IMAGE PROGRAM...: an image of a few programs of $root and the libraries that they load.
import_programs() {
  local image=$1 libraries
  shift
  mapfile -t libraries < <(in_root ldd "$@" | grep --only-matching '/[^ ]* (0x' | cut --delimiter=' ' --fields=1 | sort --unique)
  set -- "$@" "${libraries[@]}"
  tar --create --dereference --directory "$root" --file "$root/srv/programs.tar" "${@#/}"
  quietly import.log docker import /srv/programs.tar "$image"
}
