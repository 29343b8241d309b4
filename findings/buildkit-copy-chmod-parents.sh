#!/usr/bin/env bash
# `COPY --chmod=0644 FILE /new/folder/` makes folders that only root can enter.
#
# Versions: Docker Engine and client 28.5.2 (28.5.2+dfsg4-5), buildx 0.29.1, Debian sid. Date: 2026-11-30.
# Behavior: the folders that COPY creates on the way to its target get the mode of --chmod as well, 0644 here, without the x that
#   entering a folder needs. In the image the file is readable for all and can be reached by nobody but root. The build says nothing.
#   WORKDIR before the COPY makes the same folders with 0755. Docker 28.0 and older made them with 0755 in any case; reported as
#   moby/moby#49851 and moby/buildkit#5943.
# Expected: --chmod is the mode of what is copied; a folder on the way has 0755, as with WORKDIR and `mkdir -p`.
# Output seen:
#   by COPY:    drw-r--r-- new/folder/  -rw-r--r-- new/folder/file
#   by WORKDIR: drwxr-xr-x new/folder/  -rw-r--r-- new/folder/file
#   As described: the folder has the file's mode
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/engine.sh"

debian_root sid docker.io docker-cli docker-buildx iptables
print_versions docker.io docker-buildx
start_engine --log-level warn
mkdir "$root/srv/context"
echo text >"$root/srv/context/file"

# modes_by LINE: builds an image with this line before the COPY and sets $modes.
modes_by() {
  local container
  printf '%s\n' "FROM scratch" "$1" "COPY --chmod=0644 file /new/folder/file" >"$root/srv/context/Dockerfile"
  quietly build.log docker build --tag demo /srv/context
  container=$(docker create demo /none)
  modes=$(docker export "$container" | tar --list --verbose | awk '$6 ~ "^new/folder/" { printf "%s%s %s", separator, $1, $6; separator = "  " }')
  docker rm "$container" >/dev/null
}

modes_by "WORKDIR /new/folder"
printf 'by WORKDIR: %s\n' "$modes"
[[ $modes == "drwxr-xr-x new/folder/  -rw-r--r-- new/folder/file" ]] || changed "WORKDIR makes another mode"
modes_by ""
printf 'by COPY:    %s\n' "$modes"
[[ $modes == "drw-r--r-- new/folder/  -rw-r--r-- new/folder/file" ]] || changed "COPY makes another mode"
confirmed "the folder has the file's mode"
