# shellcheck shell=bash
# Normalizes the proxy variables for every program that benchbox starts. Node, Go, curl, apt, git, pip, npm and bun each accept different
# spellings, and some print an address that they do not understand. Image builds use the same code.

readonly proxy_variables=(HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy)

# use_proxies: exports the proxy variables in upper and lower case, each with a scheme, a port and a percent-encoded login. ALL_PROXY
# replaces an unset HTTP_PROXY or HTTPS_PROXY. If a value is not the address of a proxy, exits with an error that names only the variable.
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

# print_normal_proxies: prints export commands for `eval`. Runs in a subshell, so that the functions defined here do not leak.
print_normal_proxies() {
  # shellcheck source=../../image/build/network-proxies.sh
  . "${BASH_SOURCE[0]%/*}/../../image/build/network-proxies.sh"
  # network-proxies.sh expects these functions, which a build defines for its secrets.
  read_secret() {
    local text=${!2:-}
    text=${text#"${text%%[![:space:]]*}"}
    printf -v "$1" %s "${text%"${text##*[![:space:]]}"}"
  }
  stop() {
    printf 'benchbox: %s\n  Fix: correct the variable, or unset it\n' "$*" >&2
    exit 1
  }
  local name
  read_proxies
  export_proxies
  for name in "${proxy_variables[@]}"; do
    if [[ -n ${!name:-} ]]; then printf 'export %s=%q\n' "$name" "${!name}"; fi
  done
}
