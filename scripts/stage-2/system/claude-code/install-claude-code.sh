#!/usr/bin/env bash
# install-claude-code.sh --user NAME [--version X.Y.Z] [--uninstall]: installs Claude Code for NAME.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../../lib/install.sh"

tool=claude-code
programs=(claude)
also=(libexec/claude) # the program that bin/claude starts

# The release is the program itself; the npm package is a tar archive that contains it.
unpack() {
  mkdir "$2/bin" "$2/libexec"
  if begins_with 1f8b "$1"; then
    untar --to-stdout --file "$1" package/claude >"$2/libexec/claude"
  else
    cp "$1" "$2/libexec/claude"
  fi
  # Claude Code updates itself to versions that are not in the lock file, which every preview would report.
  # shellcheck disable=SC2016
  printf '%s\n' '#!/bin/sh' 'export DISABLE_AUTOUPDATER=1' \
    'exec "$(dirname "$(readlink -f "$0")")/../libexec/claude" "$@"' >"$2/bin/claude"
  chmod 0755 "$2/libexec/claude" "$2/bin/claude"
}

install_tool "$@"
