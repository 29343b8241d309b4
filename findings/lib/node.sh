# shellcheck shell=bash
# Node.js 24 and packages of the npm registry, in $work/node_modules.

: "${work:?source finding.sh first}"

readonly node_version=24.21.0

# install_node: puts Node.js first on PATH. The npm that is on this machine fetches it.
install_node() {
  local platform
  require npm
  case $(uname -s)/$(uname -m) in
    Linux/x86_64) platform=linux-x64 ;;
    Linux/aarch64) platform=linux-arm64 ;;
    *) cannot_run "it needs Linux on x86_64 or aarch64" ;;
  esac
  # What a user or a project allows or configures must not change the result.
  unset "${!npm_config_@}" NODE_OPTIONS NODE_PATH
  echo '{ "private": true, "type": "module" }' >"$work/package.json"
  node_packages "node-$platform@$node_version"
  PATH=$work/node_modules/node-$platform/bin:$PATH
}

# node_packages NAME@VERSION...: adds packages, without their install scripts.
node_packages() {
  quietly npm-install.log npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --save-exact "$@"
}
