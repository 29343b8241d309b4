#!/usr/bin/env bash
# Docker 29 asks a machine without NVIDIA's programs for AMD's specification, whatever GPUs it has.
#
# Versions: moby v2.0.0-beta.24 (Docker Engine 29) built from Go modules, with containerd, runc and client of Debian sid. Date: 2026-11-30.
# Behavior: `--gpus` is served by the driver that the engine finds when it starts: NVIDIA's, if nvidia-cdi-hook or nvidia-container-runtime-hook is
#   on its PATH, else AMD's. So on a machine with NVIDIA GPUs on which the NVIDIA Container Toolkit was installed after the engine started,
#   or has put its programs elsewhere, `docker run --gpus all` reports that no vendor is known, and, with NVIDIA's CDI specification in place, that
#   AMD's is not found. Engines up to 28 report `could not select device driver "" with capabilities: [[gpu]]`. A request for the CDI
#   device by name works.
# Expected: a message that names NVIDIA's specification, which is there, or that says which program was looked for.
# Output seen:
#   without a specification: failed to discover GPU vendor from CDI: no known GPU vendor found
#   with NVIDIA's specification: AMD CDI spec not found
#   by --device nvidia.com/gpu=all: started
#   As described: with NVIDIA's specification, Docker 29 misses AMD's
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/engine.sh"

readonly moby=github.com/moby/moby/v2 moby_version=v2.0.0-beta.24

require go
debian_root sid docker.io docker-cli iptables
print_versions docker-cli containerd runc
mkdir "$work/build"
cd "$work/build"
printf 'module finding\n\ngo 1.26\n' >go.mod
quietly go-get.log go get "$moby/cmd/dockerd@$moby_version"
export CGO_ENABLED=0 GOWORK=off
quietly go-build.log go build -mod=mod -trimpath -tags 'no_btrfs no_devmapper' -ldflags "-s -w -X $moby/dockerversion.Version=29.0.0-beta.24" \
  -o "$root/usr/sbin/dockerd" "$moby/cmd/dockerd"
cd "$work"

start_engine --log-level warn
import_programs demo /usr/bin/true
# on_gpus OPTION...: what `docker run` says, or "started".
on_gpus() {
  local said
  if said=$(docker run --rm "$@" demo /usr/bin/true 2>&1); then echo started; else printf '%s\n' "$said"; fi
}
message() { grep --only-matching --extended-regexp 'failed to discover GPU vendor.*|AMD CDI spec not found|started' <<<"$1" || printf '%s\n' "$1"; }

none=$(message "$(on_gpus --gpus all)")
printf 'without a specification: %s\n' "$none"
mkdir --parents "$root/etc/cdi"
printf '%s\n' 'cdiVersion: 0.6.0' 'kind: nvidia.com/gpu' 'devices: [{ name: all, containerEdits: { env: [GPU=all] } }]' >"$root/etc/cdi/nvidia.yaml"
sleep 1 # the engine watches the folder
nvidia=$(message "$(on_gpus --gpus all)")
printf "with NVIDIA's specification: %s\n" "$nvidia"
named=$(on_gpus --device nvidia.com/gpu=all)
printf 'by --device nvidia.com/gpu=all: %s\n' "$named"

[[ $none == 'failed to discover GPU vendor'* ]] || changed "without a specification it reports something else"
[[ $nvidia == 'AMD CDI spec not found' ]] || changed "with NVIDIA's specification it reports something else"
[[ $named == started ]] || changed "the device cannot be requested by name"
confirmed "with NVIDIA's specification, Docker 29 misses AMD's"
