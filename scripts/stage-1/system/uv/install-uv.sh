#!/usr/bin/env bash
# install-uv.sh --user NAME [--version X.Y.Z]: installs uv and uvx into NAME's ~/.local/bin.
#
# The version is the lock file's unless --version says otherwise. First source: uv's wheel from the Python package index,
# by pip, whose checksum the lock file has. Second: the release on GitHub with the checksum published beside it.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/../../../lib/common.sh"

usage() { err "usage: install-uv.sh --user NAME [--version X.Y.Z]"; }

main() {
  local user='' version='' script=$0 given=("$@")
  while (($# > 0)); do
    case $1 in
      --user) user=${2:?--user needs a name} && shift 2 ;;
      --version) version=${2:?--version needs a version} && shift 2 ;;
      *) usage ;;
    esac
  done
  [[ -n $user ]] || usage
  version=${version:-$(locked version)}
  [[ -n $version ]] || err "no version to install: there is no lock file entry for uv, and no --version"
  become_user "$user" "$script" "${given[@]}"

  local bin=$HOME/.local/bin
  if works "$bin" "$version"; then
    say "uv $version is already there"
  else
    make_staging
    say "installing uv $version"
    from_package_index "$version" || from_github "$version" || err "no source could deliver uv $version; see above"
    works "$staging" "$version" || err "the downloaded uv does not run or is not $version"
    place "$staging/uvx" "$bin/uvx"
    place "$staging/uv" "$bin/uv"
    works "$bin" "$version" || err "uv does not run from $bin"
  fi
  report "$version" "$bin/uv"
}

# works FOLDER VERSION: both programs are there, run, and are of this version.
works() {
  local program
  for program in uv uvx; do
    [[ -x $1/$program ]] || return 1
    [[ $("$1/$program" --version 2>/dev/null) == "$program $2"* ]] || return 1
  done
}

from_package_index() {
  local version=$1 checksum
  checksum=$(locked "wheel.$(uname -m)")
  if [[ -z $checksum || $version != "$(locked version)" ]]; then
    warn "the lock file has no checksum of uv $version for $(uname -m); trying the publisher's own"
    return 1
  fi
  need_cmd pip
  printf 'uv==%s --hash=sha256:%s\n' "$version" "$checksum" >"$staging/requirements.txt"
  say "source: the Python package index"
  pip download --quiet --no-deps --only-binary :all: --require-hashes --disable-pip-version-check \
    --dest "$staging" --requirement "$staging/requirements.txt" || return 1
  unzip -q -j "$staging"/uv-*.whl "uv-$version.data/scripts/*" -d "$staging" && chmod 0755 "$staging/uv" "$staging/uvx"
}

from_github() {
  local version=$1 name
  name=uv-$(uname -m)-unknown-linux-gnu.tar.gz
  local url=https://github.com/astral-sh/uv/releases/download/$version/$name
  say "source: $url"
  fetch "$url" "$staging/$name" && fetch "$url.sha256" "$staging/$name.sha256" || return 1
  verify "$staging/$name" "$(cut -d ' ' -f 1 "$staging/$name.sha256")" || return 1
  tar --extract --gzip --file "$staging/$name" --directory "$staging" --strip-components=1
}

main "$@"
