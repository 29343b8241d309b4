#!/usr/bin/env bash
# install-bun.sh --user NAME [--version X.Y.Z] [--uninstall]: installs bun and bunx for NAME.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../../lib/install.sh"

tool=bun
programs=(bun bunx)

# The GitHub release is a zip archive, the npm package a tar archive.
unpack() {
  mkdir "$2/bin"
  if begins_with 1f8b "$1"; then
    untar --to-stdout --file "$1" package/bin/bun >"$2/bin/bun"
  else
    need_cmd unzip
    unzip -q -p "$1" '*/bun' >"$2/bin/bun"
  fi
  chmod 0755 "$2/bin/bun"
  ln -s bun "$2/bin/bunx" # bun acts as bunx when called by that name
}

install_tool "$@"
