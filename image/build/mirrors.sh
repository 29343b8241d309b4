# shellcheck shell=bash
# shellcheck disable=SC2154 # distribution, release, option and scratch are variables of apt-sources
# The mirrors that have a name, and checks of what a mirror has.

readonly mirror_names='tuna, aliyun, ustc, 163, cn'
declare -A answered=()

check_mirror_name() {
  case $1 in
    tuna | aliyun | ustc | 163 | cn) ;;
    http://*@* | https://*@*)
      err "the mirror set by $option contains credentials, which would end up in files and process lists
  Fix: use a mirror that requires no credentials"
      ;;
    http://?* | https://?*) ;;
    *)
      err "unknown mirror '$1'
  Fix: set $option to one of $mirror_names, or to a URL such as https://mirror.example/$distribution"
      ;;
  esac
}

# address_of MIRROR URI: prints the mirror's URL for the archive at URI.
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
      # Debian, and Ubuntu for other processors, have no official host in China; this mirror comes closest.
      host=mirrors.ustc.edu.cn
      ;;
    tuna) host=mirrors.tuna.tsinghua.edu.cn ;;
    aliyun) host=mirrors.aliyun.com ;;
    ustc) host=mirrors.ustc.edu.cn ;;
    163) host=mirrors.163.com ;;
  esac
  # A minimal base has no certificate authorities. apt verifies signatures in any case.
  if [[ -s /etc/ssl/certs/ca-certificates.crt ]]; then echo "https://$host/$archive"; else echo "http://$host/$archive"; fi
}

# mirror_has ADDRESS MIRROR SUITE...: whether the mirror has all suites. Exits with an error if it lacks the release itself.
mirror_has() {
  local address=$1 mirror=$2 suite
  for suite in "${@:3}"; do
    if answers "$address" "$suite"; then continue; fi
    if [[ $suite == "$release" ]]; then
      err "the mirror $mirror has no $distribution $release at $address: ${answered["$address $suite"]}
  Fix: set $option to another mirror ($mirror_names, or a URL), or remove it"
    fi
    warn "the mirror $mirror has no $suite at $address; its source was not changed"
    return 1
  done
}

# answers ADDRESS SUITE: whether the suite is there; asks once. apt's own helper uses apt's proxies and certificate authorities.
answers() {
  local about="$1 $2" output
  if [[ -z ${answered[$about]:-} ]]; then
    # apt waits this long twice for a server that does not answer.
    if output=$(/usr/lib/apt/apt-helper -o Acquire::Retries=0 -o Acquire::http::Timeout=5 -o Acquire::https::Timeout=5 \
      download-file "$1/dists/$2/InRelease" "$scratch/answer" 2>&1); then
      answered[$about]=yes
    else
      answered[$about]=$(grep -m 1 -A 1 -E '^(Err|E|W):' <<<"$output" | grep -v '^Err' || printf %s "$output" | tail -n 1)
    fi
  fi
  [[ ${answered[$about]} == yes ]]
}
