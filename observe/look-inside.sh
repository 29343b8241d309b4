# shellcheck shell=bash
# Runs in the box as root (bash -s START_MARKER AGENT_MARKER USER...), after scripts/lib/files.sh, and changes nothing. Prints,
# tab-separated:
#   started TRIGGER              when the box was handed its keys
#   gpu lost|driver MESSAGE      when something is wrong with its GPUs; see image/box/gpu-trouble
#   agent-key LINE               for each key that came from an SSH agent
#   step ID BROKEN LINE...       for each step that left a marker: what is wrong with what it installed, or -, and the marker
start_marker=$1
agent_marker=$2
shift 2

if [[ -r $start_marker ]]; then
  printf 'started\t%s\n' "$(head -n 1 "$start_marker")"
fi

if [[ -r $agent_marker ]]; then
  sed 's/^/agent-key\t/' "$agent_marker"
fi

if trouble=$(/usr/local/lib/benchbox/gpu-trouble 2>/dev/null); then
  printf 'gpu\t%s\t%s\n' "${trouble%% *}" "${trouble#* }"
fi

# broken MARKER USER: prints what is wrong. Exit code 1 when nothing is.
broken() {
  local record probe
  record=$(sed -n 's/^record=//p' "$1")
  if [[ -n $record ]]; then
    if [[ ! -r $record ]]; then echo "$record is gone" && return; fi
    if changed_file "$record"; then return; fi
  fi
  probe=$(sed -n 's/^probe=//p' "$1")
  if [[ -n $probe ]] && ! timeout 10 runuser -l "$2" -c "$probe" </dev/null >/dev/null 2>&1; then
    echo "its probe fails: $probe"
    return
  fi
  return 1
}

shopt -s nullglob
for user in "$@"; do
  home=$(getent passwd "$user" | cut -d: -f6)
  for marker in "$home"/.local/state/benchbox/steps/*; do
    wrong=$(broken "$marker" "$user") || wrong=-
    printf 'step\t%s\t%s\t%s\n' "${marker##*/}" "$wrong" "$(paste -sd '\t' "$marker")"
  done
done
