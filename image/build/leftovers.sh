# shellcheck shell=bash
# shellcheck disable=SC2154 # scratch is a variable of the script that sources this file
# Removes what the installation of packages leaves behind, besides the packages. Requires $scratch.

readonly policy=/usr/sbin/policy-rc.d

# track_leftovers: run this before the installation.
track_leftovers() {
  temporary_files >"$scratch/before"
  # A package's service would start in the build and be killed with it.
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
    : >"$scratch/policy-is-ours"
  fi
}

# remove_leftovers: run this after the installation. Keeps the byte code of packaged Python modules: it belongs to the packages, which
# remove it, and without it each start of a user's Python would compile the modules again.
remove_leftovers() {
  if [[ -e $scratch/policy-is-ours ]]; then rm -f "$policy" "$scratch/policy-is-ours"; fi
  temporary_files | comm -z -13 "$scratch/before" - | xargs -0 --no-run-if-empty rm -rf --one-file-system --
  rm -f /var/log/apt/* /var/log/dpkg.log /var/log/alternatives.log /var/log/bootstrap.log
  rm -f /var/cache/ldconfig/aux-cache /var/cache/debconf/*-old /var/lib/dpkg/*-old
  # A key in an image would be shared by every container.
  rm -f /etc/ssh/ssh_host_*
  if [[ -s /etc/machine-id ]]; then : >/etc/machine-id; fi
  if [[ -f /var/lib/dbus/machine-id && ! -L /var/lib/dbus/machine-id ]]; then rm /var/lib/dbus/machine-id; fi
}

# Lists files where no package should have any, and logs. Keeps the login records, which are only written if they exist.
temporary_files() {
  {
    find /tmp /var/tmp /root -xdev -mindepth 1 ! -path "$scratch*" -print0
    find /run -xdev -type f -print0
    find /var/log -xdev -type f ! -name wtmp ! -name btmp ! -name lastlog ! -name faillog -print0
  } | LC_ALL=C sort -z
}
