# shellcheck shell=bash
# Runs in the box, as root: prints an archive of the tools that are installed in the homes, with their owners as numbers, since the
# users are the same wherever the image is. It holds no log and nothing of the user's own.
set -euo pipefail
shopt -s nullglob

main() {
  cd /
  list_files | tar --create --numeric-owner --no-recursion --null --files-from=-
}

list_files() {
  local home folder
  for home in home/*; do
    if [[ ! -d $home/.local/share/benchbox ]]; then continue; fi
    # The folders on the way, for their owners.
    for folder in .local .local/bin .local/share .local/state .local/state/benchbox; do
      if [[ -d $home/$folder ]]; then printf '%s\0' "$home/$folder"; fi
    done
    find "$home"/.local/bin/ \( -lname "*/.local/share/benchbox/*" -o -lname "/soft/app/clash/*" \) -print0
    find "$home/.local/share/benchbox" "$home"/.local/state/benchbox/steps "$home"/.bun* "$home"/.pixi* -print0
  done
  if [[ -f soft/app/clash/clash-rs ]]; then printf '%s\0' soft/app/clash soft/app/clash/clash-rs; fi
}

main "$@"
