# Runs in the box (bash -s START_MARKER MARKER_FOLDER AGENT_MARKER) and changes nothing. Prints, tab-separated:
#   started TRIGGER              when the box was handed its keys
#   gpu lost|driver MESSAGE      when something is wrong with its GPUs; see image/box/gpu-trouble
#   agent-key LINE               for each key that came from an SSH agent
#   step ID TRIGGER healthy|broken [VERSION PATH]    for each step that left a marker, with the tool that it installed
# A marker's lines: the trigger; then, when the step installed a tool, its version and its path.
start_marker=$1
marker_folder=$2
agent_marker=$3

if [[ -r $start_marker ]]; then
  printf 'started\t%s\n' "$(head -n 1 "$start_marker")"
fi

if [[ -r $agent_marker ]]; then
  sed 's/^/agent-key\t/' "$agent_marker"
fi

if trouble=$(/usr/local/lib/benchbox/gpu-trouble 2>/dev/null); then
  printf 'gpu\t%s\t%s\n' "${trouble%% *}" "${trouble#* }"
fi

shopt -s nullglob
for marker in "$marker_folder"/*; do
  { read -r trigger; read -r version; read -r path; } <"$marker"
  health=healthy
  if [[ -n $path ]] && [[ $(timeout 10 "$path" --version 2>/dev/null </dev/null) != *"$version"* ]]; then
    health=broken
  fi
  printf 'step\t%s\t%s\t%s\t%s\t%s\n' "${marker##*/}" "$trigger" "$health" "$version" "$path"
done
