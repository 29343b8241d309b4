# shellcheck shell=bash
# Whether files are as they were when they were installed. A record has a line for each:
#   file=PATH <tab> LINK or - <tab> MODE:SIZE:MTIME:CTIME:INODE <tab> SHA256
# A file whose status is as recorded is not read: any write changes its ctime. One that was copied, for example by a restored
# backup, is.

describe_file() {
  printf 'file=%s\t%s\t%s\t%s\n' "$1" "$(readlink "$1" || echo -)" "$(file_status "$1")" "$(file_sum "$1")"
}

file_status() { stat -L -c %a:%s:%Y:%Z:%i "$@" 2>/dev/null; }
file_sum() { sha256sum <"$1" | cut -d ' ' -f 1; }

# changed_file RECORD: prints the first file that is not as recorded, and what is wrong with it. Exit code 1 when all are.
# Asks for all of them at once: each preview asks.
changed_file() {
  local name link status sum index
  local -a paths=() links=() statuses=() sums=() now
  while IFS=$'\t' read -r name link status sum; do
    if [[ $name != file=* ]]; then continue; fi
    paths+=("${name#file=}") links+=("$link") statuses+=("$status") sums+=("$sum")
  done <"$1"
  if ((${#paths[@]} == 0)); then return 1; fi
  mapfile -t now < <(file_status "${paths[@]}")
  if [[ ${now[*]} == "${statuses[*]}" ]]; then return 1; fi
  for index in "${!paths[@]}"; do
    if changed_one "${paths[index]}" "${links[index]}" "${statuses[index]}" "${sums[index]}"; then return; fi
  done
  return 1
}

changed_one() {
  local path=$1 link=$2 status=$3 sum=$4 now
  now=$(file_status "$path") || {
    echo "$path is gone"
    return
  }
  if [[ ! -f $path || ! -r $path || $(readlink "$path" || echo -) != "$link" ]]; then echo "$path is another one" && return; fi
  if [[ $now == "$status" ]]; then return 1; fi
  if [[ ${now%%:*} != "${status%%:*}" ]]; then echo "$path has the mode ${now%%:*}, not ${status%%:*}" && return; fi
  if [[ $(file_sum "$path") != "$sum" ]]; then echo "$path was altered" && return; fi
  return 1
}

# renew_record RECORD: files that are the same and were copied, by a restored backup or a bundle, get the status that they have now, so
# that they need not be read each time.
renew_record() {
  local record=$1 line path status
  if ! sed -n 's/^file=//p' "$record" | while IFS=$'\t' read -r path _ status _; do
    [[ $(file_status "$path") == "$status" ]] || exit 1
  done; then
    while IFS= read -r line; do
      path=${line#file=}
      if [[ $line == file=* ]]; then describe_file "${path%%$'\t'*}"; else printf '%s\n' "$line"; fi
    done <"$record" >"$record.new"
    mv "$record.new" "$record"
  fi
}
