# shellcheck shell=bash
# Detects installed files that have changed since. A record has one line per file:
#   file=PATH <tab> LINK or - <tab> MODE:SIZE:MTIME:CTIME:INODE <tab> SHA256
# A file whose status matches the record is not read, since any write changes its ctime. Other files, for example those of a
# restored backup, are read and compared by checksum.

describe_file() {
  printf 'file=%s\t%s\t%s\t%s\n' "$1" "$(readlink "$1" || echo -)" "$(file_status "$1")" "$(file_sum "$1")"
}

file_status() { stat -L -c %a:%s:%Y:%Z:%i "$@" 2>/dev/null; }
file_sum() { sha256sum <"$1" | cut -d ' ' -f 1; }

# changed_file RECORD: prints the first file that differs from the record, and how. Exit code 1 when none does.
# One `stat` for all files, since every preview runs this.
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
    if describe_change "${paths[index]}" "${links[index]}" "${statuses[index]}" "${sums[index]}"; then return; fi
  done
  return 1
}

describe_change() {
  local path=$1 link=$2 status=$3 sum=$4 now
  now=$(file_status "$path") || {
    echo "$path is gone"
    return
  }
  if [[ ! -f $path || ! -r $path || $(readlink "$path" || echo -) != "$link" ]]; then echo "$path was replaced" && return; fi
  if [[ $now == "$status" ]]; then return 1; fi
  if [[ ${now%%:*} != "${status%%:*}" ]]; then echo "$path has mode ${now%%:*} instead of ${status%%:*}" && return; fi
  if [[ $(file_sum "$path") != "$sum" ]]; then echo "$path was modified" && return; fi
  return 1
}

# renew_record RECORD: records the current status of unchanged files that were copied, by a restored backup or a bundle, so that
# they need not be read each time.
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
