#!/usr/bin/env bash
# install-uv.sh --user NAME [--version X.Y.Z] [--uninstall]: installs uv and uvx for NAME.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../../lib/install.sh"

tool=uv
programs=(uv uvx)

# The GitHub release is a tar archive, the wheel a zip archive.
unpack() {
  mkdir "$2/bin"
  if begins_with 1f8b "$1"; then
    untar --file "$1" --directory "$2/bin" --strip-components=1
  else
    need_cmd unzip
    unzip -q -j "$1" '*.data/scripts/*' -d "$2/bin" && chmod 0755 "$2/bin/"*
  fi
}

install_tool "$@"
