# shellcheck shell=bash
# What the commands share that open the box: where it is, and which of the user's keys open it.

# read_box: sets $host, $port, $user, $host_key and $jump (- for none) from the outputs of $stack. Ends with 1 when the stack is not up.
# shellcheck disable=SC2034,SC2154
read_box() {
  local outputs
  outputs=$("$root/bin/pulumi" stack output --stack "$stack" --json) || exit
  IFS=$'\t' read -r host port user jump host_key < <(
    node -p 'const { ssh } = JSON.parse(process.argv[1]); ssh ? [ssh.host, ssh.port, ssh.user, ssh.jump ?? "-", ssh.hostKey].join("\t") : ""' "$outputs"
  )
  [[ -n ${host_key:-} ]]
}

# own_keys: prints the private keys beside ~/.ssh/id_*.pub, a line each, where ssh would not look for them by itself: in a HOME
# that is not the user database's, or under other names than the usual ones.
own_keys() {
  local key name unusual=no keys=()
  for key in "$HOME"/.ssh/id_*.pub; do
    key=${key%.pub}
    if [[ ! -f $key ]]; then continue; fi
    keys+=("$key")
    name=${key##*/}
    case $name in
      id_rsa | id_ecdsa | id_ecdsa_sk | id_ed25519 | id_ed25519_sk) ;;
      *) unusual=yes ;;
    esac
  done
  if [[ ! $HOME -ef $(getent passwd "$(id -u)" | cut -d: -f6) ]]; then unusual=yes; fi
  if [[ $unusual == yes && ${#keys[@]} -gt 0 ]]; then printf '%s\n' "${keys[@]}"; fi
}

# ssh_word TEXT: as one word of an ssh option or a line of ssh_config, which are split at blanks.
ssh_word() { if [[ $1 == *\ * ]]; then printf '"%s"' "$1"; else printf '%s' "$1"; fi; }
