#!/usr/bin/env bash
# odd-files make|list FOLDER: creates files of every kind that a backup must keep, or prints all their attributes and contents.
set -euo pipefail

main() {
  case $1 in
    make) make "$2" ;;
    list) list "$2" ;;
  esac
}

make() {
  local long
  mkdir -p "$1" && cd "$1"
  printf x >$'new\nline'
  printf x >./--option
  printf x >$'not utf-8 \xff\xfe'
  # shellcheck disable=SC2016
  printf x >'glob * ? [a] $HOME'
  ln -s /nowhere dangling
  ln ./--option hard
  mkdir 'empty folder' && chown 12345:54321 'empty folder' && chmod 1777 'empty folder'
  printf x >setuid && chown 3100:54321 setuid && chmod 6711 setuid
  truncate --size=1G sparse
  mkfifo fifo
  touch --date=2001-02-03 old
  long=$(printf 'a%.0s' {1..200})
  mkdir -p "$long/$long" && printf x >"$long/$long/$long"
  python3 -c 'import os; os.setxattr("old", "user.key", b"value")'
}

list() {
  cd "$1"
  find . -printf '%p|%y|%U:%G|%m|%s|%n|%l|%TY-%Tm-%Td\n' | LC_ALL=C sort | od -An -c
  find . -type f ! -name sparse -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  test "$(stat --format=%b sparse)" -lt 100 && echo 'sparse'
  python3 -c 'import os; print(os.getxattr("old", "user.key"))'
}

main "$@"
