# shellcheck shell=bash
# What the commands share that need root on this machine.

# become_root: sets $as_root to what runs a command as root without asking; ends with 1 when there is no such way, and $needs_root
# then says so, to be put behind what was to be done. It never advises `sudo SCRIPT`, which would keep its files in root's home. sudo leaves the
# proxies out of the environment, and by their names alone they are in no list of processes; a sudoers file may forbid it.
become_root() {
  as_root=()
  if ((EUID == 0)); then return; fi
  local proxies=HTTP_PROXY,HTTPS_PROXY,ALL_PROXY,NO_PROXY,http_proxy,https_proxy,all_proxy,no_proxy
  as_root=(sudo -n "--preserve-env=$proxies")
  "${as_root[@]}" true 2>/dev/null && return
  as_root=(sudo -n)
  "${as_root[@]}" true 2>/dev/null && return
  as_root=()
  local problem="sudo asks for a password; run \`sudo -v\` and then this again"
  command -v sudo >/dev/null || problem="there is no sudo here; run this as root"
  # shellcheck disable=SC2034 # for whoever asked
  needs_root="needs root, and $problem"
  return 1
}
