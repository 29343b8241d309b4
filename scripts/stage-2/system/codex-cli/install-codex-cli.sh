#!/usr/bin/env bash
# install-codex-cli.sh --user NAME [--version X.Y.Z] [--uninstall]: installs Codex CLI for NAME.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../../lib/install.sh"

tool=codex-cli
programs=(codex)

# The GitHub release has bin/ and the program's other files at the top level, the npm package below vendor/.
unpack() {
  local top
  untar --file "$1" --directory "$2"
  top=$(cd "$2" && find . -path '*/bin/codex' -printf '%h\n' | head -n 1)
  [[ -n $top ]] || return 1
  if [[ $top != ./bin ]]; then
    mv "$2/${top%/bin}" "$2.top"
    rm -rf "$2"
    mv "$2.top" "$2"
  fi
}

install_tool "$@"
