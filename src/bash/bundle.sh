# shellcheck shell=bash
# What `npm run bundle` and `npm run up -- STACK --bundle FILE` share.

# First line of a bundle's `about`: another form is another number.
# shellcheck disable=SC2034
readonly bundle_form="benchbox bundle 1"

# bundled_folder PATH: the part of the tool cache that is bundled with PATH, which is given below the cache.
bundled_folder() {
  case $1 in
    built/* | pulumi-home-*/*) cut -d / -f 1-2 <<<"$1" ;;
    *) cut -d / -f 1 <<<"$1" ;;
  esac
}
