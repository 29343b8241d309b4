# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # scratch and lists_are_new are those of the scripts that read this file
# What the build's scripts that use apt have in common. Needs $scratch, a folder that goes when the script ends.

say() { printf 'benchbox: %s\n' "$*"; }
warn() { printf 'benchbox: warning: %s\n' "$*" >&2; }
err() {
  printf 'benchbox: %s\n' "$*" >&2
  exit 1
}

readonly lists=/var/lib/apt/lists
# Its age and content say whether the lists can be used. apt's own update removes it, and then they cannot.
readonly lists_stamp=$lists/benchbox-sources

# use_build_settings: from here on apt reads the image's settings and, before them, those of with-network, but changes
# nothing in /etc/apt: the build's own stand in $scratch.
use_build_settings() {
  local part parts=$scratch/apt.conf.d
  export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
  mkdir "$parts"
  for part in /etc/apt/apt.conf.d/*; do
    # The first deletes what apt downloads, and the cache mount is there to keep it; the other prepares questions for a person.
    case ${part##*/} in docker-clean | 70debconf) ;; *) cp "$part" "$parts" ;; esac
  done
  cat >"$parts/zz-benchbox" <<'SETTINGS'
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
// A source that cannot be reached must not pass as one without packages.
APT::Update::Error-Mode "any";
Acquire::Languages "none";
// Both per address and attempt: an unreachable mirror must cost seconds.
Acquire::Retries "1";
Acquire::http::Timeout "10";
Acquire::https::Timeout "10";
DPkg::Use-Pty "false";
// No crash survives a build step: its layer is thrown away. So nothing needs to be synced file by file.
DPkg::Options { "--force-unsafe-io"; "--force-confdef"; "--force-confold"; };
SETTINGS
  {
    if [[ -r ${APT_CONFIG:-} ]]; then printf '#include "%s";\n' "$APT_CONFIG"; fi
    printf 'Dir::Etc::Parts "%s";\n' "$parts"
  } >"$scratch/apt.conf"
  export APT_CONFIG=$scratch/apt.conf
}

# sources_identity: one line that is another one when the lists would be others.
sources_identity() {
  {
    find /etc/apt -path '*/sources.list*' -type f -print0 | sort -z | xargs -0 --no-run-if-empty cat
    cat /etc/os-release
    dpkg --print-architecture
    dpkg --print-foreign-architectures
  } | sha256sum | cut -d ' ' -f 1
}

# refresh_lists: gets the lists of packages unless those of the cache are less than an hour old and of the same sources.
refresh_lists() {
  if [[ -n $(find "$lists_stamp" -mmin -60 2>/dev/null) && $(<"$lists_stamp") == "$(sources_identity)" ]]; then return; fi
  get_lists
}

# get_lists: gets them whatever there is.
get_lists() {
  rm -f "$lists_stamp"
  if ! apt-get update && ! { leave_out_dead_sources && apt-get update; }; then
    err "the lists of packages could not be got; apt's lines above say from where and why"
  fi
  sources_identity >"$lists_stamp"
  lists_are_new=yes
}

# leave_out_dead_sources: files of sources that a base image has besides the distribution's, and that cannot be reached or are not
# signed, are left out until the step ends. Fails when there is none, or the stack requires all (REQUIRE_APT_SOURCES).
leave_out_dead_sources() {
  local file parts=$scratch/sources.list.d dead=0
  if [[ ${REQUIRE_APT_SOURCES:-} == yes ]]; then return 1; fi
  mkdir -p "$parts"
  for file in /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    if [[ ! -e $file ]]; then continue; fi
    if is_of_others "$file" && ! can_be_read "$file"; then
      warn "the packages of $(hosts_of "$file") are not available: ${reason#[EW]: }. $file is left out (build.require_apt_sources: true insists)"
      ((dead += 1))
    else
      cp "$file" "$parts"
    fi
  done
  ((dead > 0)) || return 1
  printf 'Dir::Etc::SourceParts "%s";\n' "$parts" >>"$APT_CONFIG"
}

is_of_others() { ! grep -q -E 'https?://[^/[:space:]]+/(debian|debian-security|ubuntu|ubuntu-ports)/?([[:space:]]|$)' "$1"; }

hosts_of() { grep -o -E '^[^#]*https?://[^/[:space:]]+' "$1" | sed -E 's#.*//([^@]*@)?##' | sort -u | paste -s -d ' '; }

# can_be_read FILE: sets $reason when its packages cannot be listed.
can_be_read() {
  local one=$scratch/one output
  rm -rf "$one"
  mkdir -p "$one/parts" "$one/lists/partial"
  cp "$1" "$one/parts"
  output=$(apt-get update -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$one/parts" -o "Dir::State::Lists=$one/lists" 2>&1) && return
  reason=$(grep -E -m 1 '^[EW]: ' <<<"$output" || tail -n 1 <<<"$output")
  return 1
}
