# shellcheck shell=bash
# How every program of ours on the host starts: the proxies in one form, and what set-up found or built on PATH.

root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)

say() { printf '%s\n' "$*"; }
err() {
  printf 'benchbox: %s\n' "$*" >&2
  exit 1
}

# shellcheck source=proxies.sh
. "$root/src/bash/proxies.sh"

# use_toolchain: puts Node, the Pulumi CLI and the providers on PATH, after set-up where there has been none.
use_toolchain() {
  use_proxies
  if [[ ! -f $root/.state/toolchain.sh ]]; then "$root/src/toolchain/setup" >&2; fi
  # shellcheck source=/dev/null
  . "$root/.state/toolchain.sh"
}

# run_node FILE ARGUMENT...: becomes that program. Pulumi's engine, program and providers talk over loopback, for which gRPC would ask the
# proxy, too. With what Node compiled before, a preview takes a third of a second less.
run_node() {
  export NO_PROXY=${NO_PROXY:-${no_proxy:-}},127.0.0.1,localhost
  export no_proxy=$NO_PROXY
  export NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$BENCHBOX_CACHE/node-compile-cache}
  exec node --disable-warning=ExperimentalWarning "$@"
}
