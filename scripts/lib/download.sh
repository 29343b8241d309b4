# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables shared with install.sh
# Downloads a tool's archive from the first source that delivers it intact. The sources are lines of BENCHBOX_LOCK, which
# src/config/tool-lock.ts writes:
#   source=SITE <tab> CPU <tab> ADDRESS <tab> SHA256 or - <tab> CHECKSUMS or -
# SITE is a short name for messages, CPU the output of `uname -m`, and {version} stands for the version. An ADDRESS is
#   https://...                  a file; http:// is accepted if the lock file has its checksum
#   npm:NAME@VERSION [REGISTRY]  a package's archive, from REGISTRY if given, or else from BENCHBOX_NPM_REGISTRY and then
#                                BENCHBOX_NPM_FALLBACK, which is npm's own registry, since a mirror may lack a package
#   pypi:NAME==VERSION           a package's wheel, which pip finds
# CHECKSUMS is used if the lock file has no checksum for the version. It names where the publisher has one:
#   https://... ...     files that contain it: the publisher's own, then the mirror's (see published-checksum)
#   index               the registry: pip verifies the checksum of a wheel; for npm, the checksum is requested from the registry

# A source that delivers less than $slow bytes a second for $impatient seconds is abandoned for the next one. If none is
# faster, a second round allows each of them $patient seconds.
readonly slow=51200 impatient=${BENCHBOX_IMPATIENT_SECONDS:-8} patient=60

# obtain TOOL VERSION FILE: downloads the archive to FILE. Sets $source_site, $source_proof (what the archive was verified by) and
# $source_sum (its SHA-256). Exits with exit_unavailable when no source delivers.
obtain() {
  local tool=$1 version=$2 file=$3 patience site cpu address sha256 checksums tried='' tried_any=no any_slow problem
  for patience in "$impatient" "$patient"; do
    any_slow=no
    while IFS=$'\t' read -r site cpu address sha256 checksums; do
      if [[ $cpu != "$(uname -m)" ]]; then continue; fi
      if [[ $version != "$(locked version)" ]]; then sha256=-; fi
      if [[ $sha256 == - && $(locked frozen) == yes ]]; then
        tried+="; $site: the lock file has no checksum for it, and --frozen allows nothing else"
        continue
      fi
      tried_any=yes
      if try_source "${address//\{version\}/$version}" "$sha256" "${checksums//\{version\}/$version}"; then
        source_site=$site source_sum=${source_sum:-$(file_sum "$file")}
        rm -f "$HOME/.cache/benchbox/$tool".*.part # partial downloads from abandoned sources
        return
      fi
      warn "$tool from $site: $problem"
      tried+="; $site: $problem"
    done < <(sed -n 's/^source=//p' <<<"${BENCHBOX_LOCK:-}")
    if [[ $any_slow == no ]]; then break; fi
    say "$tool: all sources are slow; trying again with more time"
  done
  printf 'benchbox: no source could deliver %s %s%s\n' "$tool" "$version" "${tried:-; the lock file lists no source for $(uname -m)}" >&2
  if [[ $tried_any == no ]]; then exit 1; fi
  exit "$exit_unavailable"
}

# The functions below use the variables of obtain. They report a problem as text in $problem and exit code 1.

try_source() {
  local address=$1 sha256=$2 checksums=$3
  source_sum=''
  say "$tool: trying $site"
  case $address in
    pypi:*)
      source_proof='the lock file'
      if [[ $sha256 == - ]]; then source_proof="the index's own checksum"; fi
      fetch_wheel "${address#pypi:}" "$sha256"
      return
      ;;
    npm:*) try_npm ;;
    *) try_file "$address" "$sha256" "$checksums" ;;
  esac
}

try_npm() {
  local registry package facts=$checksums problems=''
  for registry in $(npm_registries "$address"); do
    package="${address%% *} $registry"
    if [[ $checksums == index ]]; then facts=$(npm_address "$package" facts); fi
    if try_file "$(npm_address "$package" archive)" "$sha256" "$facts"; then return; fi
    if [[ $problem == *'error: 401'* || $problem == *'error: 403'* ]]; then
      problem+=": it requires a login, and boxes have none; set tools.mirrors.npm to a registry without a login"
    fi
    problems+="${problems:+; and from the official npm registry: }$problem"
  done
  problem=$problems
  return 1
}

try_file() {
  local address=$1 sha256=$2 checksums=$3 wanted protocols='=https'
  wanted=$sha256
  source_proof='the lock file'
  if [[ $sha256 != - ]]; then
    protocols='=http,https' # the checksum in the lock file protects the content
  elif [[ $address == http://* ]]; then
    problem="its address is not https, and the lock file has no checksum for it"
    return 1
  else
    wanted=$(find_published_checksum "$address" "$checksums") || { problem=$wanted && return 1; }
    source_proof="the checksum that ${wanted#* } publishes" wanted=${wanted%% *}
  fi
  fetch "$address" || return
  say "$tool: verifying"
  if verify "$wanted"; then return; fi
  # The partial download of an earlier run may have been corrupt.
  if [[ $resumed == no ]]; then return 1; fi
  say "$tool: $problem; downloading all of it again from $site"
  fetch "$address" && verify "$wanted"
}

# npm_address npm:NAME@VERSION archive|facts: prints the URL of a package's archive, or of its metadata.
npm_address() {
  local package name version registry
  read -r package registry <<<"${1#npm:} $(npm_registries "$1")"
  name=${package%@*} version=${package##*@} registry=${registry%% *}
  registry=${registry%/}
  case $2 in
    archive) echo "$registry/$name/-/${name##*/}-$version.tgz" ;;
    facts) echo "$registry/$name/$version" ;;
  esac
}

# npm_registries ADDRESS: prints the registry in the address, or those of the environment, or the one that npm is configured with.
npm_registries() {
  if [[ $1 == *' '* ]]; then
    echo "${1#* }"
  elif [[ -n ${BENCHBOX_NPM_REGISTRY:-} ]]; then
    echo "$BENCHBOX_NPM_REGISTRY ${BENCHBOX_NPM_FALLBACK:-}"
  elif command -v npm >/dev/null; then
    npm config get registry
  else
    echo "https://no-npm-registry-is-known.invalid"
  fi
}

# find_published_checksum ADDRESS CHECKSUMS: prints ALGORITHM:HEX HOST, where HOST is the publisher; or why there is none, with exit
# code 1.
find_published_checksum() {
  local address=$1 checksums document checksum host reason='neither the lock file nor the publisher has a checksum for it'
  for checksums in $2; do
    if [[ $checksums == - ]]; then break; fi
    if ! document=$(web "$impatient" "$checksums" 2>&1); then
      reason="cannot download its checksum: $(curl_reason "$document")"
    elif checksum=$("$library/published-checksum" "$address" <<<"$document"); then
      host=${checksums#*//}
      echo "$checksum ${host%%/*}"
      return
    else
      reason="its checksum is not in $checksums"
    fi
  done
  echo "$reason"
  return 1
}

# web SECONDS ADDRESS OPTION...: requests ADDRESS with curl; https only, unless $protocols is set. The request
# ends if it is slow for SECONDS.
web() {
  local seconds=$1 address=$2
  shift 2
  curl --proto "${protocols:-=https}" --proto-redir "${protocols:-=https}" --fail --silent --show-error --location --connect-timeout 8 \
    --speed-limit "$slow" --speed-time "$seconds" "$@" "$address"
}

# curl_reason OUTPUT: prints curl's last message without the program's name and error number.
curl_reason() { tail -n 1 <<<"$1" | sed -E 's/^curl: \([0-9]+\) //'; }

# fail_to_write FILE MESSAGE: removes the partial file, which would keep the disk full, and exits with an error.
fail_to_write() {
  local problem="cannot write to ${1%/*}: $2"
  if is_full "${1%/*}"; then problem="no space left on device for its download to ${1%/*}: free some space, then try again"; fi
  rm -f "$1"
  err "$tool: $problem"
}

# is_full FOLDER: whether its file system has less than 1 MiB left.
is_full() { (($(df --output=avail --block-size=1K "$1" | tail -n 1) < 1024)); }

# fetch ADDRESS: downloads it to $file; resumes the partial download of an earlier run.
fetch() {
  local address=$1 part message code=0
  part=$HOME/.cache/benchbox/$tool.$(sha256sum <<<"$address" | cut -c 1-16).part
  mkdir -p "${part%/*}"
  resumed=no
  if [[ -s $part ]]; then resumed=yes; fi
  run_with_progress "$part" web "$patience" "$address" --continue-at - --dump-header "$part.head" --output "$part" || code=$?
  rm -f "$part.head"
  problem=$(curl_reason "$message")
  case $code in
    0) mv "$part" "$file" && return ;;
    23) fail_to_write "$part" "$problem" ;;
    28) if [[ -s $part ]]; then any_slow=yes; fi ;; # the next try resumes from the partial download
    18 | 56) ;;                                     # after these errors, too
    *)
      rm -f "$part"
      if [[ $resumed == yes ]]; then fetch "$address" && return; fi # the site cannot resume, or the file was complete
      ;;
  esac
  return 1
}

# run_with_progress PART COMMAND...: runs COMMAND and prints progress. Sets $message to COMMAND's output, and returns its exit code.
run_with_progress() {
  local part=$1 watcher code=0
  shift
  watch_progress "$part" &
  watcher=$!
  message=$("$@" 2>&1) || code=$?
  kill "$watcher"
  wait "$watcher" 2>/dev/null || true # killed above
  return "$code"
}

# watch_progress PART: prints a line every two seconds: the downloaded amount, the total size if PART.head has it, and the speed.
# PART is the file, or a folder that contains it.
watch_progress() {
  local part=$1 had before size rest never
  had=$(size_of "$part")
  before=$had
  exec {never}<> <(:)
  # Not `sleep`, which would outlive this shell.
  until read -r -t 2 -u "$never"; do
    size=$(size_of "$part")
    rest=$(sed -n 's/^content-length: *\([0-9]*\).*/\1/Ip' "$part.head" 2>/dev/null | tail -n 1)
    if [[ -n $rest ]] || ((size > before)); then
      say "$tool: $((size >> 20))${rest:+ of $(((had + rest) >> 20))} MiB, $(((size - before) >> 11)) KiB/s"
    fi
    before=$size
  done
}

# size_of FILE or FOLDER: prints its size in bytes. Files may disappear while it is measured.
size_of() {
  local size
  size=$(du --apparent-size --block-size=1 --summarize "$1" 2>/dev/null) || true
  echo "$((${size%%$'\t'*}))"
}

# fetch_wheel NAME==VERSION SHA256: downloads a wheel to $file with pip; SHA256 is - when it is not known.
fetch_wheel() {
  local requirement=$1 folder=$file.wheel options=() message
  need_cmd pip
  mkdir -p "$folder/coming"
  if [[ $2 != - ]]; then
    requirement+=" --hash=sha256:$2"
    options=(--require-hashes)
  fi
  printf '%s\n' "$requirement" >"$folder/requirements.txt"
  if ! run_with_progress "$folder/coming" env TMPDIR="$folder/coming" pip download --quiet --no-deps --no-cache-dir \
    --only-binary :all: --disable-pip-version-check --no-input --timeout "$impatient" --retries 1 "${options[@]}" \
    --dest "$folder" --requirement "$folder/requirements.txt"; then
    problem=$(sed -n '/^ERROR: Exception:$/d; /^ERROR\|DO NOT MATCH/{p;q}' <<<"$message")
    problem=${problem:-$(tail -n 1 <<<"$message")}
    return 1
  fi
  mv "$folder"/*.whl "$file"
  source_sum=${2#-}
}

# verify ALGORITHM:HEX or SHA256-HEX: whether $file has this checksum; removes the file if it does not.
verify() {
  local algorithm=sha256 wanted=$1 found
  if [[ $wanted == *:* ]]; then algorithm=${wanted%%:*} wanted=${wanted#*:}; fi
  found=$("${algorithm}sum" "$file" | cut -d ' ' -f 1)
  if [[ $found == "$wanted" ]]; then
    if [[ $algorithm == sha256 ]]; then source_sum=$found; fi
    return
  fi
  problem="checksum mismatch: the file's $algorithm is $found, expected $wanted; the file was discarded"
  rm -f "$file"
  return 1
}

# newest_version TOOL: prints the newest version according to the first source that answers.
newest_version() {
  local tool=$1 site cpu address found
  while IFS=$'\t' read -r site cpu address _; do
    if [[ $cpu != "$(uname -m)" ]]; then continue; fi
    if found=$(newest_at "$address" 2>&1) && [[ $found =~ ^[0-9][0-9A-Za-z.+-]*$ ]]; then
      echo "$found"
      return
    fi
    warn "$tool: cannot get the newest version from $site: $(curl_reason "$found")"
  done < <(sed -n 's/^source=//p' <<<"${BENCHBOX_LOCK:-}")
  printf 'benchbox: no source could name the newest version of %s\n' "$tool" >&2
  exit "$exit_unavailable"
}

# newest_at ADDRESS: prints the newest version there, within the release line (`line`) that the lock file names, if any.
newest_at() {
  local address=$1 name tag prefix line
  line=$(locked line)
  case $address in
    npm:*)
      web "$impatient" "$(npm_address "${address%@*}@latest" facts)" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["version"].split("-")[0])'
      ;;
    pypi:*)
      name=${address#pypi:}
      pip index versions --disable-pip-version-check --no-input "${name%%==*}" 2>/dev/null |
        sed -n 's/^Available versions: //p' | tr -d ' ' | tr , '\n' | grep -m 1 "^${line:+$line\.}"
      ;;
    */releases/download/*)
      tag=$(web "$impatient" "${address%%/download/*}/latest" --output /dev/null --write-out '%{url_effective}') || return
      prefix=${address#*/download/}
      tag=${tag##*/} prefix=${prefix%%\{version\}*}
      echo "${tag#"$prefix"}"
      ;;
    */v\{version\}/node-*)
      web "$impatient" "${address%%/v\{version\}*}/index.tab" | cut -f 1 | grep -m 1 "^v${line:+$line\.}" | tr -d v
      ;;
    */claude-code-releases/*) web "$impatient" "${address%%/\{version\}*}/latest" ;;
    *) echo "it has no list of versions" && return 1 ;;
  esac
}
