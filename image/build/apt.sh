# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # scratch and lists_are_new are variables of the scripts that source this file
# Helpers for the build scripts that use apt. Requires $scratch, a folder that is removed when the script exits.

say() { printf 'benchbox: %s\n' "$*"; }
warn() { printf 'benchbox: warning: %s\n' "$*" >&2; }
err() {
  printf 'benchbox: %s\n' "$*" >&2
  exit 1
}

readonly lists=/var/lib/apt/lists
# The lists are current if this file is recent and matches the sources. `apt-get update` removes it.
readonly lists_stamp=$lists/benchbox-sources

# use_build_settings: makes apt read the settings of with-network, those of the image, and the build's own, which are in $scratch so
# that /etc/apt does not change.
use_build_settings() {
  local part parts=$scratch/apt.conf.d
  export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
  mkdir "$parts"
  for part in /etc/apt/apt.conf.d/*; do
    # docker-clean deletes downloads, which the cache mount is for; 70debconf prepares interactive questions.
    case ${part##*/} in docker-clean | 70debconf) ;; *) cp "$part" "$parts" ;; esac
  done
  cat >"$parts/zz-benchbox" <<'SETTINGS'
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
// An unreachable source must not count as one without packages.
APT::Update::Error-Mode "any";
Acquire::Languages "none";
// Both per address and attempt: an unreachable mirror must fail within seconds.
Acquire::Retries "1";
Acquire::http::Timeout "10";
Acquire::https::Timeout "10";
DPkg::Use-Pty "false";
// The layer of a build step that crashes is discarded, so files need not be synced one by one.
DPkg::Options { "--force-unsafe-io"; "--force-confdef"; "--force-confold"; };
SETTINGS
  {
    if [[ -r ${APT_CONFIG:-} ]]; then printf '#include "%s";\n' "$APT_CONFIG"; fi
    printf 'Dir::Etc::Parts "%s";\n' "$parts"
  } >"$scratch/apt.conf"
  export APT_CONFIG=$scratch/apt.conf
}

# sources_identity: prints a hash of everything that determines the lists.
sources_identity() {
  {
    find /etc/apt -path '*/sources.list*' -type f -print0 | sort -z | xargs -0 --no-run-if-empty cat
    cat /etc/os-release
    dpkg --print-architecture
    dpkg --print-foreign-architectures
  } | sha256sum | cut -d ' ' -f 1
}

# refresh_lists: downloads the package lists, unless those in the cache are less than an hour old and from the same sources.
refresh_lists() {
  if [[ -n $(find "$lists_stamp" -mmin -60 2>/dev/null) && $(<"$lists_stamp") == "$(sources_identity)" ]]; then return; fi
  get_lists
}

# get_lists: downloads the package lists, whatever the cache has.
get_lists() {
  rm -f "$lists_stamp"
  if ! apt-get update && ! { skip_dead_sources && apt-get update; }; then
    err "cannot download the package lists; see apt's output above"
  fi
  sources_identity >"$lists_stamp"
  lists_are_new=yes
}

# skip_dead_sources: skips the base image's third-party sources that are unreachable or not signed, for this step. Fails if there
# are none, or if the stack requires all sources (REQUIRE_APT_SOURCES).
skip_dead_sources() {
  local file parts=$scratch/sources.list.d dead=0
  if [[ ${REQUIRE_APT_SOURCES:-} == yes ]]; then return 1; fi
  mkdir -p "$parts"
  for file in /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    if [[ ! -e $file ]]; then continue; fi
    if is_third_party "$file" && ! is_readable "$file"; then
      warn "packages from $(hosts_of "$file") are not available: ${reason#[EW]: }. \
Skipped $file (to make this an error: build.require_apt_sources: true)"
      ((dead += 1))
    else
      cp "$file" "$parts"
    fi
  done
  ((dead > 0)) || return 1
  printf 'Dir::Etc::SourceParts "%s";\n' "$parts" >>"$APT_CONFIG"
}

is_third_party() { ! grep -q -E 'https?://[^/[:space:]]+/(debian|debian-security|ubuntu|ubuntu-ports)/?([[:space:]]|$)' "$1"; }

hosts_of() { grep -o -E '^[^#]*https?://[^/[:space:]]+' "$1" | sed -E 's#.*//([^@]*@)?##' | sort -u | paste -s -d ' '; }

# is_readable FILE: whether apt can list the packages of these sources. Sets $reason if not.
is_readable() {
  local one=$scratch/one output
  rm -rf "$one"
  mkdir -p "$one/parts" "$one/lists/partial"
  cp "$1" "$one/parts"
  output=$(apt-get update -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$one/parts" \
    -o "Dir::State::Lists=$one/lists" 2>&1) && return
  reason=$(grep -E -m 1 '^[EW]: ' <<<"$output" || tail -n 1 <<<"$output")
  return 1
}
