# shellcheck shell=bash
# For commands that need root on this host.

# become_root: sets the array as_root to the words that run a command as root without a password. If that is impossible, returns 1 and
# sets $needs_root to the predicate of an error message: "starting it $needs_root". The message never recommends `sudo SCRIPT`, which
# would put the script's files into root's home. sudo removes the proxies from the environment, so become_root asks it to keep them, by
# name, since values would show in the process list. A sudoers file may forbid that.
become_root() {
  as_root=()
  if ((EUID == 0)); then return; fi
  local proxies=HTTP_PROXY,HTTPS_PROXY,ALL_PROXY,NO_PROXY,http_proxy,https_proxy,all_proxy,no_proxy
  as_root=(sudo -n "--preserve-env=$proxies")
  "${as_root[@]}" true 2>/dev/null && return
  as_root=(sudo -n)
  "${as_root[@]}" true 2>/dev/null && return
  as_root=()
  local problem="but sudo asks for a password; run \`sudo -v\`, then this command again"
  command -v sudo >/dev/null || problem="but sudo is not installed; run this command as root"
  # shellcheck disable=SC2034 # the caller uses it
  needs_root="needs root, $problem"
  return 1
}
