#!/usr/bin/env bash
# install-clash-rs.sh --user NAME [--version X.Y.Z] [--uninstall]: installs clash-rs for NAME in /soft/app/clash, which may also
# hold its configuration.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../../lib/install.sh"

tool="clash-rs"
programs=(clash-rs)
readonly clash=/soft/app/clash

# The release is the program itself, not an archive.
unpack() {
  mkdir "$2/bin"
  install -m 0755 "$1" "$2/bin/clash-rs"
}

folder_of() { echo "$clash"; }

settle() {
  [[ -w $clash || -w ${clash%/*} ]] || err "cannot write to $clash"
  place "$1/bin/clash-rs" "$clash/clash-rs"
  link "$clash/clash-rs" "$bin/clash-rs"
}

uninstall_tool() {
  rm -f "$clash/clash-rs" "$bin/clash-rs"
  rm -rf "$home"
  say "$tool: removed; other files in $clash are kept"
}

install_tool "$@"
