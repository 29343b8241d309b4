# shellcheck shell=bash
# What every benchbox program on the host does first: normalize the proxy variables, and put what set-up found or built on PATH.

root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)

say() { printf '%s\n' "$*"; }
# err MESSAGE [FIX]: prints the error and exits with code 1.
err() {
  printf 'benchbox: %s\n' "$1" >&2
  if (($# > 1)); then printf '  Fix: %s\n' "$2" >&2; fi
  exit 1
}

# shellcheck source=proxies.sh
. "$root/src/bash/proxies.sh"

# use_toolchain: puts Node and the Pulumi CLI on PATH and sets PULUMI_HOME, where the providers are. Runs set-up first if it never ran.
use_toolchain() {
  use_proxies
  if [[ ! -f $root/.state/toolchain.sh ]]; then "$root/src/toolchain/setup" >&2; fi
  # shellcheck source=/dev/null
  . "$root/.state/toolchain.sh"
}

# run_node FILE ARGUMENT...: replaces this process with the program. The Pulumi engine, its program and the providers communicate over
# loopback, for which gRPC would otherwise use the proxy. The compile cache saves a third of a second of each preview.
run_node() {
  export NO_PROXY=${NO_PROXY:-${no_proxy:-}},127.0.0.1,localhost
  export no_proxy=$NO_PROXY
  export NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$BENCHBOX_CACHE/node-compile-cache}
  exec node --disable-warning=ExperimentalWarning "$@"
}
