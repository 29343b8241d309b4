# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables of with-network and network-proxies.sh
# Additional certificate authorities for a build step. The box gets its own when it starts (image/box/configure).

# Sets authorities.
count_authorities() {
  local given
  authorities=0
  read_secret given ca_certificates
  if [[ -n $given ]]; then
    authorities=$(grep -c -e '-----BEGIN CERTIFICATE-----' <<<"$given") ||
      stop "ca_certificates contains no PEM certificate: expected a file that begins with -----BEGIN CERTIFICATE-----"
  fi
}

# describe_authorities COUNT
describe_authorities() {
  case $1 in
    0) ;;
    1) printf ' and 1 more certificate authority' ;;
    *) printf ' and %s more certificate authorities' "$1" ;;
  esac
}

# Creates a bundle of the distribution's authorities and the additional ones, and points every program's own variable at it. Most
# programs read it instead of their own list; if the distribution has no authorities yet, the bundle has the additional ones only.
# npm and bun read NODE_EXTRA_CA_CERTS besides their own list; uv, pixi and openssl read SSL_CERT_FILE; wget reads only a
# configuration file.
trust_authorities() {
  local distribution=/etc/ssl/certs/ca-certificates.crt bundle=$scratch/authorities.pem name
  if [[ -r $distribution ]]; then cat "$distribution" >"$bundle"; fi
  local given
  read_secret given ca_certificates
  printf '%s\n' "$given" >>"$bundle"
  for name in SSL_CERT_FILE CURL_CA_BUNDLE GIT_SSL_CAINFO PIP_CERT REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS CARGO_HTTP_CAINFO; do
    export "$name=$bundle"
  done
  printf 'ca_certificate = %s\n' "$bundle" >"$scratch/wgetrc"
  export WGETRC=$scratch/wgetrc
}
