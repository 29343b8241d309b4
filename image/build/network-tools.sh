# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of with-network and network-proxies.sh
# Settings that individual programs need besides the environment, and explanations of their failures.

# apt does not read ALL_PROXY, supports only SOCKS 5 with names resolved by the proxy, and uses the proxy of http for https, too, unless
# https has its own setting. It reads NO_PROXY from the environment.
write_apt_configuration() {
  export APT_CONFIG=$scratch/apt.conf
  {
    if [[ -n $http$https ]]; then
      printf 'Acquire::http::Proxy "%s";\n' "$(proxy_for_apt "$http")"
      printf 'Acquire::https::Proxy "%s";\n' "$(proxy_for_apt "$https")"
    fi
    if [[ -n ${SSL_CERT_FILE:-} ]]; then printf 'Acquire::https::CAInfo "%s";\n' "$SSL_CERT_FILE"; fi
  } >"$APT_CONFIG"
}

proxy_for_apt() {
  case $1 in
    '') printf DIRECT ;;
    socks5://*) printf 'socks5h%s' "${1#socks5}" ;;
    *) printf %s "$1" ;;
  esac
}

# pip needs the module socks for SOCKS proxies, which only the distribution's own Python finds.
share_python_socks() {
  local module=/usr/lib/python3/dist-packages/socks.py
  if [[ ! -r $module ]] || ! uses_socks; then return; fi
  mkdir "$scratch/python"
  ln -s "$module" "$scratch/python/socks.py"
  export PYTHONPATH=$scratch/python${PYTHONPATH:+:$PYTHONPATH}
}

uses_socks() { [[ $http == socks* || $https == socks* ]]; }

# After a failure: reports whether each proxy answers, and which programs cannot use it at all.
explain_failure() {
  explain_proxy "$http" "$http_by"
  if [[ $https != "$http" ]]; then explain_proxy "$https" "$https_by"; fi
  if ! uses_socks; then return; fi
  if command -v pip >/dev/null && ! python3 -c 'import socks' 2>/dev/null; then
    echo 'network: pip cannot use a SOCKS proxy without the package python3-socks: install it first, or set an http proxy'
  fi
  if command -v wget >/dev/null; then echo 'network: wget cannot use a SOCKS proxy: use curl, or set an http proxy'; fi
  if [[ $http$https == *socks4* ]]; then echo 'network: apt cannot use a SOCKS 4 proxy: set a socks5h or an http proxy'; fi
}

# explain_proxy ADDRESS VARIABLE
explain_proxy() {
  if [[ -z $1 ]]; then return; fi
  split_proxy proxy "$1"
  local state='does not answer now: check it, then run again'
  if answers "$proxy_host" "$proxy_port"; then state='answers now'; fi
  printf "network: this step failed; it used the host's %s proxy (%s), which %s\n" "$proxy_scheme" "$2" "$state"
}

# answers HOST PORT: whether it accepts a connection within 3 s.
answers() {
  local host=${1#[}
  # shellcheck disable=SC2016 # the inner shell expands it
  timeout 3 bash -c ': <>"/dev/tcp/$0/$1"' "${host%]}" "$2" 2>/dev/null
}
