# shellcheck shell=bash
# shellcheck disable=SC2154 # distribution, release, option and scratch are those of apt-sources
# The mirrors that go by a name, and what a mirror has.

readonly mirror_names='tuna, aliyun, ustc, 163, cn'
declare -A answered=()

check_mirror_name() {
  case $1 in
    tuna | aliyun | ustc | 163 | cn) ;;
    http://*@* | https://*@*)
      err "the mirror of $option holds credentials, which would end up in files and process lists; use one that needs none"
      ;;
    http://?* | https://?*) ;;
    *) err "there is no mirror '$1'; set $option to one of $mirror_names, or to an address such as https://mirror.example/$distribution" ;;
  esac
}

# address_of MIRROR URI: where the mirror has the archive that URI is now.
address_of() {
  local archive=${2%/} host
  archive=${archive##*/}
  case $1 in
    http*)
      if [[ $archive == debian-security ]]; then echo "${1%/}-security"; else echo "${1%/}"; fi
      return
      ;;
    cn)
      if [[ $archive == ubuntu ]]; then
        echo http://cn.archive.ubuntu.com/ubuntu
        return
      fi
      # Debian, and Ubuntu for other processors, have no host of their own there; this is the mirror nearest to one.
      host=mirrors.ustc.edu.cn
      ;;
    tuna) host=mirrors.tuna.tsinghua.edu.cn ;;
    aliyun) host=mirrors.aliyun.com ;;
    ustc) host=mirrors.ustc.edu.cn ;;
    163) host=mirrors.163.com ;;
  esac
  # A minimal base has no certificate authorities. apt checks signatures either way.
  if [[ -s /etc/ssl/certs/ca-certificates.crt ]]; then echo "https://$host/$archive"; else echo "http://$host/$archive"; fi
}

# mirror_has ADDRESS MIRROR SUITE...: whether all suites are there. A mirror without the release itself ends the script.
mirror_has() {
  local address=$1 mirror=$2 suite
  for suite in "${@:3}"; do
    if answers "$address" "$suite"; then continue; fi
    if [[ $suite == "$release" ]]; then
      err "the mirror $mirror has no $distribution $release at $address: ${answered["$address $suite"]}
Set $option to another one ($mirror_names, or an address), or leave it out"
    fi
    warn "the mirror $mirror has no $suite at $address; this stays where it was"
    return 1
  done
}

# answers ADDRESS SUITE: asks once; apt's own program goes through the proxies and trusts the authorities that apt does.
answers() {
  local about="$1 $2" output
  if [[ -z ${answered[$about]:-} ]]; then
    # apt waits twice for a server that says nothing.
    if output=$(/usr/lib/apt/apt-helper -o Acquire::Retries=0 -o Acquire::http::Timeout=5 -o Acquire::https::Timeout=5 \
      download-file "$1/dists/$2/InRelease" "$scratch/answer" 2>&1); then
      answered[$about]=yes
    else
      answered[$about]=$(grep -m 1 -A 1 -E '^(Err|E|W):' <<<"$output" | grep -v '^Err' || printf %s "$output" | tail -n 1)
    fi
  fi
  [[ ${answered[$about]} == yes ]]
}
