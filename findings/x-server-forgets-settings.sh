#!/usr/bin/env bash
# An X server forgets what xrdb and xset set as soon as they have set it, when they are its only client.
#
# Versions: Xvfb 21.1.16, xrdb and xset of x11-xserver-utils 7.7+11, Debian trixie. Date: 2026-11-30.
# Behavior: an X server resets itself when its last client disconnects. For a server without a session, each single command is the last
#   client: `xrdb -merge` and `xset` succeed, and their settings are gone when they return. With -noreset the settings stay.
# Expected: a setting of a server lasts until the server ends. The commands of a start-up script can be run one after the other,
#   and the exit code 0 says that the server has the setting.
# Output seen:
#   without -noreset: xrdb -query prints nothing, auto repeat is on
#   with -noreset: xrdb -query prints "demo.size: 12", auto repeat is off
#   As described: only -noreset keeps the settings
# Exit code: 0 while only -noreset keeps the settings, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

debian_root trixie xvfb x11-xserver-utils
print_versions xvfb x11-xserver-utils

# settings_after OPTION...: what a server with these options has of its settings after the commands that set them.
settings_after() {
  start_xvfb "$@"
  in_root xrdb -merge - <<<"demo.size: 12"
  in_root xset r off
  # The server resets within milliseconds; the next client would wait for it anyway.
  sleep 1
  resources=$(in_root xrdb -query | tr -s '\t' ' ')
  repeat=$(in_root xset q | sed -n 's/.*auto repeat: *\([a-z]*\).*/\1/p')
  stop_process "$xvfb_pid"
}

settings_after
printf 'without -noreset: xrdb -query prints %s, auto repeat is %s\n' "${resources:+\"}${resources:-nothing}${resources:+\"}" "$repeat"
without="$resources/$repeat"
settings_after -noreset
printf 'with -noreset: xrdb -query prints "%s", auto repeat is %s\n' "$resources" "$repeat"

[[ "$resources/$repeat" == "demo.size: 12/off" ]] || changed "-noreset no longer keeps the settings"
[[ $without == "/on" ]] || changed "a server without -noreset keeps the settings"
confirmed "only -noreset keeps the settings"
