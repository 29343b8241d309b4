# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # scratch and authorities are with-network's, the proxies are those of network-proxies.sh
# The certificate authorities that the build trusts in addition. For this command only: the box is given its own elsewhere.

# Sets authorities.
count_authorities() {
  local given
  authorities=0
  read_secret given ca_certificates
  if [[ -n $given ]]; then
    authorities=$(grep -c -e '-----BEGIN CERTIFICATE-----' <<<"$given") ||
      stop "ca_certificates holds no certificate in PEM form: a file that begins with -----BEGIN CERTIFICATE----- is needed"
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

# Makes a bundle of the distribution's authorities and the given ones and names it to every program by its own variable. Most
# read it instead of their own list; a distribution that has none yet is left with the given ones. npm and bun read
# NODE_EXTRA_CA_CERTS in addition to theirs; uv, pixi and openssl read SSL_CERT_FILE; wget only a configuration file.
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
