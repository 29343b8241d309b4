#!/usr/bin/env bash
# Gemini CLI of a pinned version installs a newer one as soon as it is started.
#
# Versions: @google/gemini-cli 0.60.0 (0.61.0 was the newest), bun 1.4.4, Node.js 24.21.0. Date: 2026-11-30.
# Behavior: started on a terminal, the CLI looks for a newer version of itself and installs it with the package manager that installed it (npm
#   or bun, globally), without a question. The next start is another version than the one that somebody pinned and verified. It does not
#   happen without a terminal, so a check of `gemini --version` in a script sees the pinned version. `general.enableAutoUpdate: false` in
#   settings.json helps, also as a default for all users in /etc/gemini-cli/system-defaults.json.
# Expected: a version that was asked for by number stays until somebody asks for another one.
# Output seen:
#   installed: 0.60.0
#   after --version without a terminal: 0.60.0
#   after 40 s on a terminal with enableAutoUpdate: false: 0.60.0
#   after 40 s on a terminal: 0.61.0
#   As described: a pinned Gemini CLI is another version after its first start
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/node.sh"

require python3
install_node
case $(uname -m) in
  x86_64) platform=linux-x64 ;;
  *) platform=linux-aarch64 ;;
esac
node_packages "@oven/bun-$platform@1.4.4"
# It knows how it was installed by the folder .bun.
mkdir --parents "$work/home/.gemini" "$work/home/.bun/bin"
export HOME=$work/home BUN_INSTALL=$work/home/.bun TERM=xterm GEMINI_API_KEY=not-a-key
ln --symbolic "$work/node_modules/@oven/bun-$platform/bin/bun" "$BUN_INSTALL/bin/bun"
chmod +x "$BUN_INSTALL/bin/bun"
PATH=$BUN_INSTALL/bin:$PATH

quietly bun.log bun add --global @google/gemini-cli@0.60.0
version() { gemini --version </dev/null 2>/dev/null | tail -n 1; }
# on_terminal: starts it on a pseudo-terminal, on which nobody types.
on_terminal() {
  timeout --kill-after=5 40 python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' gemini </dev/null >/dev/null 2>&1 || true
  sleep 5
}

pinned=$(version)
printf 'installed: %s\n' "$pinned"
piped=$(version)
printf 'after --version without a terminal: %s\n' "$piped"
echo '{ "general": { "enableAutoUpdate": false } }' >"$HOME/.gemini/settings.json"
on_terminal
forbidden=$(version)
printf 'after 40 s on a terminal with enableAutoUpdate: false: %s\n' "$forbidden"
rm "$HOME/.gemini/settings.json"
on_terminal
started=$(version)
printf 'after 40 s on a terminal: %s\n' "$started"

[[ $pinned == 0.60.0 && $piped == 0.60.0 ]] || changed "the pinned version is not installed, or is replaced without a terminal"
[[ $forbidden == 0.60.0 ]] || changed "enableAutoUpdate: false no longer helps"
[[ $started != 0.60.0 ]] || changed "it stays at its version"
confirmed "a pinned Gemini CLI is another version after its first start"
