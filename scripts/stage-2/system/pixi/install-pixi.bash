#!/usr/bin/env bash
# install-pixi.bash --user NAME [--version X.Y.Z] [--uninstall]: installs pixi for NAME.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../../lib/install.sh"

tool=pixi
programs=(pixi)

unpack() {
  mkdir "$2/bin"
  untar --file "$1" --directory "$2/bin"
}

install_tool "$@"
