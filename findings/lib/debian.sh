# shellcheck shell=bash
# Debian packages of a given suite, in a root of their own.

: "${work:?source finding.sh first}"

# debian_root SUITE PACKAGE...: installs a minimal Debian with these packages in $root.
debian_root() {
  local suite=$1 IFS=,
  shift
  require_root
  PATH=$PATH:/usr/sbin
  require debootstrap
  root=$work/$suite
  quietly debootstrap.log debootstrap --variant=minbase --include="$*" "$suite" "$root"
}

# in_root PROGRAM ARGUMENT...: runs a program of the Debian in $root.
in_root() {
  chroot "$root" "$@"
}

# print_versions PACKAGE...: those in $root. A suite moves on: the head of a finding has the versions that it was seen with.
print_versions() {
  # shellcheck disable=SC2016 # the format is dpkg-query's
  in_root dpkg-query --showformat='${Package} ${Version}\n' --show "$@"
}

# start_xvfb OPTION...: an X server of the Debian in $root; sets DISPLAY and xvfb_pid. Its sockets are in $root, so that no
# display of this machine is touched. Its framebuffer is the file $root/screen/Xvfb_screen0.
start_xvfb() {
  mkdir --parents "$root/screen"
  # An abstract socket is the network namespace's, not the root's: without it no other server of this machine is in the way.
  # Not by in_root: in the background a function is a shell of its own, and its process ID not the server's.
  chroot "$root" Xvfb :7 -nolisten tcp -nolisten local -screen 0 320x240x24 -fbdir /screen "$@" >"$work/xvfb.log" 2>&1 &
  xvfb_pid=$!
  at_exit stop_process "$xvfb_pid"
  export DISPLAY=:7
  # A client would make the server reset.
  wait_until 30 test -S "$root/tmp/.X11-unix/X7" || cannot_run "Xvfb did not start: $(tail -n 3 "$work/xvfb.log")"
}
