#!/usr/bin/env bash
# An archive of `docker save` has blobs that nothing in it names.
#
# Versions: Docker Engine 26.1.5 (26.1.5+dfsg1-9+deb13u1), Debian trixie; images in the engine's own store (overlay2). Date: 2026-11-30.
# Behavior: since Docker 25 the archive is an OCI image layout, and still has, for engines before 1.10, a document for each layer with the
#   settings of the container that made it. These lie among the blobs under their digests, and neither index.json nor a manifest
#   names them. A tool that reads every blob finds settings of the image once more than one that follows the index, as skopeo and crane do.
# Expected: each blob of an OCI layout that was written anew is named from its index.json.
# Output seen:
#   blobs: 4
#   named by index.json, the manifest or manifest.json: 3
#   the one that is not named begins with: {"id":"
#   As described: docker save writes blobs that nothing names
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/engine.sh"

debian_root trixie docker.io docker-cli iptables
print_versions docker-cli docker.io
start_engine --log-level warn --storage-driver "${storage_driver:-overlay2}"
import_programs demo /usr/bin/true
docker save --output /srv/demo.tar demo
mkdir "$work/demo"
tar --extract --file "$root/srv/demo.tar" --directory "$work/demo"

cd "$work/demo"
unnamed=()
for blob in blobs/sha256/*; do
  # A blob that names itself does not exist: each file that holds its digest is another one.
  if ! grep --quiet --recursive --fixed-strings "${blob##*/}" .; then unnamed+=("$blob"); fi
done
blobs=(blobs/sha256/*)
printf 'blobs: %s\n' "${#blobs[@]}"
printf 'named by index.json, the manifest or manifest.json: %s\n' "$((${#blobs[@]} - ${#unnamed[@]}))"
((${#unnamed[@]} > 0)) || changed "each blob is named"
printf 'the one that is not named begins with: %s\n' "$(head --bytes=7 "${unnamed[0]}")"
[[ $(head --bytes=7 "${unnamed[0]}") == '{"id":"' ]] || changed "what is not named is no document of a layer"
confirmed "docker save writes blobs that nothing names"
