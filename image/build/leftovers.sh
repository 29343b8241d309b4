# shellcheck shell=bash
# shellcheck disable=SC2154 # scratch is the folder of the script that reads this file
# What installing packages leaves behind beside the packages. Needs $scratch.

readonly policy=/usr/sbin/policy-rc.d

# watch_leftovers: before the installation.
watch_leftovers() {
  temporary_files >"$scratch/before"
  # A package's service would start in the build and be killed with it.
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
    : >"$scratch/policy-is-ours"
  fi
}

# remove_leftovers: after it. The byte code that packages compile for their Python modules stays: it is theirs, dpkg's
# scripts remove it with the package, and without it each start of a user's Python would compile them again.
remove_leftovers() {
  if [[ -e $scratch/policy-is-ours ]]; then rm -f "$policy" "$scratch/policy-is-ours"; fi
  temporary_files | comm -z -13 "$scratch/before" - | xargs -0 --no-run-if-empty rm -rf --one-file-system --
  rm -f /var/log/apt/* /var/log/dpkg.log /var/log/alternatives.log /var/log/bootstrap.log
  rm -f /var/cache/ldconfig/aux-cache /var/cache/debconf/*-old /var/lib/dpkg/*-old
  # One in an image would be everybody's.
  rm -f /etc/ssh/ssh_host_*
  if [[ -s /etc/machine-id ]]; then : >/etc/machine-id; fi
  if [[ -f /var/lib/dbus/machine-id && ! -L /var/lib/dbus/machine-id ]]; then rm /var/lib/dbus/machine-id; fi
}

# Where a package's files have no business, and its logs. The records of logins must be there to be written.
temporary_files() {
  {
    find /tmp /var/tmp /root -xdev -mindepth 1 ! -path "$scratch*" -print0
    find /run -xdev -type f -print0
    find /var/log -xdev -type f ! -name wtmp ! -name btmp ! -name lastlog ! -name faillog -print0
  } | LC_ALL=C sort -z
}
