# shellcheck shell=bash
# The environment's proxies in one normal form for every program that is started here: Node, Go, curl, apt, git, pip, npm and bun each
# understand other spellings, and some print an address that they do not understand. Builds read theirs by the same code.

readonly proxy_variables=(HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy)

# use_proxies: exports the proxy variables in both cases, each with a scheme, a port and a percent-encoded login; ALL_PROXY stands in
# for HTTP_PROXY and HTTPS_PROXY where they are not set. Ends with a sentence that names the variable when one is no proxy's address.
use_proxies() {
  local name set='' exports
  for name in "${proxy_variables[@]}"; do
    if [[ ${name^^} != NO_PROXY ]]; then set+=${!name:-}; fi
  done
  if [[ -z ${set//[[:space:]]/} ]]; then return; fi
  exports=$(print_normal_proxies) || exit
  unset "${proxy_variables[@]}"
  eval "$exports"
}

# print_normal_proxies: for `eval`. In a subshell, whose names are no other program's.
print_normal_proxies() {
  # shellcheck source=../../image/build/network-proxies.sh
  . "${BASH_SOURCE[0]%/*}/../../image/build/network-proxies.sh"
  # A build reads its secrets by these names.
  read_secret() {
    local text=${!2:-}
    text=${text#"${text%%[![:space:]]*}"}
    printf -v "$1" %s "${text%"${text##*[![:space:]]}"}"
  }
  stop() {
    printf 'benchbox: %s\n  Fix: set it so, or unset it\n' "$*" >&2
    exit 1
  }
  local name
  read_proxies
  export_proxies
  for name in "${proxy_variables[@]}"; do
    if [[ -n ${!name:-} ]]; then printf 'export %s=%q\n' "$name" "${!name}"; fi
  done
}
