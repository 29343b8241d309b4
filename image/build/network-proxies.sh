# shellcheck shell=bash
# Reads the proxies of the build. The rules are curl's: lower case takes precedence over upper case, HTTP_PROXY is for http only,
# and ALL_PROXY is for whatever the other two leave open. The default port depends on the scheme, see split_proxy.

# The addresses in a normal form that every program understands; empty for none.
http='' https='' all='' exempt=''
# The variables that set them. Messages name these, never the addresses.
http_by=HTTP_PROXY https_by=HTTPS_PROXY
# The addresses as given, for the filter.
given_proxies=()

read_proxies() {
  local scheme variable value
  for scheme in http https all; do
    variable=${scheme^^}_PROXY
    read_secret_of_either_case value "$variable"
    if [[ -z $value ]]; then continue; fi
    split_proxy "$variable" "$value"
    if [[ $value != "${given_proxies[*]: -1}" ]]; then given_proxies+=("$value"); fi
    printf -v "$scheme" '%s://%s%s:%s' "$proxy_scheme" "${proxy_login:+$(encode_login "$proxy_login")@}" "$proxy_host" "$proxy_port"
  done
  if [[ -z $http ]]; then http=$all http_by=ALL_PROXY; fi
  if [[ -z $https ]]; then https=$all https_by=ALL_PROXY; fi
  read_secret_of_either_case exempt NO_PROXY
  write_ranges
  if [[ ,$exempt, != *,localhost,127.0.0.1,::1,* ]]; then exempt=${exempt:+$exempt,}localhost,127.0.0.1,::1; fi
}

# Adds 10.1.0.0/16 if NO_PROXY has 10.1.*, which browsers understand, but no program here does.
write_ranges() {
  local entry zeros=.0.0.0 parts
  local -a entries
  IFS=$', \t\n' read -r -d '' -a entries <<<"$exempt" || true
  for entry in "${entries[@]}"; do
    if ! [[ $entry =~ ^[0-9]{1,3}(\.[0-9]{1,3}){0,2}\.\*$ ]]; then continue; fi
    entry=${entry%.\*} parts=${entry//[0-9]/}
    entry+=${zeros:2*${#parts}}/$((8 * (${#parts} + 1)))
    if [[ ,$exempt, != *",$entry,"* ]]; then exempt+=,$entry; fi
  done
}

export_proxies() {
  local name value
  for name in http https all no; do
    case $name in http) value=$http ;; https) value=$https ;; all) value=$all ;; no) value=$exempt ;; esac
    if [[ -n $value ]]; then export "${name}_proxy=$value" "${name^^}_PROXY=$value"; fi
  done
}

# describe_proxies: prints the route to the network, without addresses.
describe_proxies() {
  if [[ -z $http$https ]]; then
    printf 'direct'
  elif [[ $http == "$https" ]]; then
    local by=$http_by
    if [[ $https_by != "$http_by" ]]; then by+=", $https_by"; fi
    describe_route "$http" "$by"
  else
    printf '%s for http, %s for https' "$(describe_route "$http" "$http_by")" "$(describe_route "$https" "$https_by")"
  fi
}

# describe_route ADDRESS VARIABLES
describe_route() {
  if [[ -z $1 ]]; then
    printf 'direct'
    return
  fi
  split_proxy proxy "$1"
  printf "through the host's %s proxy (%s" "$proxy_scheme" "$2"
  if is_loopback "$proxy_host"; then printf '; on its loopback address, which the build shares'; fi
  printf ')'
}

is_loopback() { [[ $1 == localhost || $1 == 127.* || $1 == '[::1]' ]]; }

# split_proxy NAME ADDRESS: sets proxy_scheme, proxy_login (as given, or empty), proxy_host and proxy_port. Ends the step if ADDRESS
# is not a proxy address. It is never printed, since it may contain a password.
split_proxy() {
  local name=$1 rest=$2
  proxy_scheme=http proxy_login=''
  if [[ $rest == *://* ]]; then proxy_scheme=${rest%%://*} rest=${rest#*://}; fi
  proxy_scheme=${proxy_scheme,,}
  case $proxy_scheme in
    http | https | socks4 | socks4a | socks5 | socks5h) ;;
    *) stop "$name is not a proxy address: write SCHEME://HOST:PORT with http, https, socks4, socks4a, socks5 or socks5h" ;;
  esac
  if [[ $rest == *@* ]]; then proxy_login=${rest%@*} rest=${rest##*@}; fi
  # RFC 7617 allows none in a login, and a shell variable cannot hold all of them.
  if [[ $proxy_login =~ [[:cntrl:]]|%[01][0-9A-Fa-f]|%7[Ff] ]]; then stop "$name has a control character in its login: remove it"; fi
  proxy_host='' proxy_port=''
  if [[ ${rest%/} =~ ^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:([0-9]{1,5}))?$ ]]; then
    proxy_host=${BASH_REMATCH[1]} proxy_port=${BASH_REMATCH[3]}
  fi
  if ! is_host "$proxy_host" || ((10#0$proxy_port > 65535)); then
    stop "$name has no valid HOST:PORT after its scheme; write special characters in a password as %XX: @ is %40, / is %2F"
  fi
  if [[ -z $proxy_port ]]; then
    case $proxy_scheme in # the same defaults as in the first run; curl's default for http is 1080
      https) proxy_port=443 ;;
      http) proxy_port=80 ;;
      *) proxy_port=1080 ;;
    esac
  fi
}

# is_host NAME or ADDRESS: whether it is a valid host in a URL. Node throws an error at any other one, including a name whose last part is
# a number, unless the name is an IPv4 address.
is_host() {
  local octet='(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])' group='[0-9A-Fa-f]{1,4}' text=${1%.} groups
  if [[ $1 == \[* ]]; then
    text=${1//[][]/}
    if [[ $text =~ ^(.*:)$octet(\.$octet){3}$ ]]; then text=${BASH_REMATCH[1]}0:0; fi
    IFS=: read -ra groups <<<"${text/::/:}"
    [[ $text =~ ^($group:){7}$group$ ]] || { [[ $text =~ ^($group(:$group)*)?::($group(:$group)*)?$ ]] && ((${#groups[@]} <= 8)); }
  elif [[ ${text##*.} =~ ^([0-9]+|0[xX][0-9A-Fa-f]*)$ ]]; then
    [[ $text =~ ^($octet\.){0,3}$octet$ ]]
  else
    [[ $text =~ ^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$ ]]
  fi
}

# read_secret_of_either_case VARIABLE NAME
read_secret_of_either_case() {
  read_secret "$1" "${2,,}"
  if [[ -z ${!1} ]]; then read_secret "$1" "$2"; fi
}

# encode_login USER[:PASSWORD]: encodes everything but letters, digits and ._~- as %XX; programs disagree about other characters.
encode_login() {
  printf %s "$(encode "$(decode "${1%%:*}")")"
  if [[ $1 == *:* ]]; then printf ':%s' "$(encode "$(decode "${1#*:}")")"; fi
}

encode() {
  local LC_ALL=C text=$1 index character
  for ((index = 0; index < ${#text}; index++)); do
    character=${text:index:1}
    case $character in
      [a-zA-Z0-9._~-]) printf %s "$character" ;;
      *) printf '%%%02X' "'$character" ;;
    esac
  done
}

decode() {
  local LC_ALL=C text=$1 index
  for ((index = 0; index < ${#text}; index++)); do
    if [[ ${text:index:3} =~ ^%[0-9A-Fa-f]{2}$ ]]; then
      printf %b "\x${text:index+1:2}"
      index=$((index + 2))
    else
      printf %s "${text:index:1}"
    fi
  done
}
