# shellcheck shell=bash
# Runs in the box as root (bash -s START_MARKER AGENT_MARKER USER...), after scripts/lib/files.sh, and changes nothing. Prints,
# tab-separated:
#   started TRIGGER              when the box was handed its keys
#   gpu lost|driver MESSAGE      when something is wrong with its GPUs; see image/box/gpu-trouble
#   agent-key LINE               for each key that came from an SSH agent
#   fingerprint JSON             what the box was told of its machine
#   user NAME UID:GID            for each user that was handed keys
#   changed WHAT NAME            for what is not as it was made or handed over: host-key, sshd-config, packages, and, of the user
#                                NAME, authorized-keys or password
#   step ID BROKEN LINE...       for each step that left a marker: what is wrong with what it installed, or -, and the marker
shopt -s nullglob
start_marker=$1
agent_marker=$2
shift 2

if [[ -r $start_marker ]]; then
  printf 'started\t%s\n' "$(head -n 1 "$start_marker")"
fi

if [[ -r $agent_marker ]]; then
  sed 's/^/agent-key\t/' "$agent_marker"
fi

if trouble=$(/usr/local/lib/benchbox/gpu-trouble 2>/dev/null); then
  printf 'gpu\t%s\t%s\n' "${trouble%% *}" "${trouble#* }"
fi

handed=/var/lib/benchbox/handed
changed() { printf 'changed\t%s\t%s\n' "$1" "$2"; }

same_host_key() { [[ $(sha256sum </etc/ssh/benchbox/host_key) == "$(<"$handed/host-key")" ]]; }
if [[ -r $handed/host-key ]] && ! same_host_key 2>/dev/null; then changed host-key -; fi
made=/usr/local/lib/benchbox/sshd_config
if [[ -r $made ]] && ! cmp -s "$made" /etc/ssh/sshd_config; then changed sshd-config -; fi

# Reading what is installed takes longer than all the rest, and nothing is installed or removed without this file.
list=/usr/local/share/benchbox/packages.tsv
if [[ -r $list && /var/lib/dpkg/status -nt $list ]]; then
  missing=$(
    comm -23 <(sed 1d "$list" | cut -f1 | grep -v ^/ | LC_ALL=C sort -u) \
      <(dpkg-query --show --showformat='${db:Status-Abbrev}\t${Package}\n' | sed -n 's/^.i [[:space:]]*//p' | LC_ALL=C sort -u)
  )
  if [[ -n $missing ]]; then changed packages "$(paste -sd ' ' <<<"$missing")"; fi
fi

# The stack's own lines are marked; those that the user has put there do not count.
lacks_keys() {
  local line
  while read -r line; do
    grep -qsxF "$line [benchbox]" "$2/.ssh/authorized_keys" || return 0
  done <"$1"
  return 1
}

for file in "$handed"/authorized-keys.*; do
  user=${file#"$handed"/authorized-keys.}
  if ! home=$(getent passwd "$user" | cut -d: -f6) || [[ -z $home ]]; then continue; fi
  printf 'user\t%s\t%s:%s\n' "$user" "$(id -u "$user")" "$(id -g "$user")"
  if lacks_keys "$file" "$home"; then changed authorized-keys "$user"; fi
  if [[ $(getent shadow "$user" | cut -d: -f2 | sha256sum) != "$(<"$handed/password.$user")" ]]; then changed password "$user"; fi
done

if [[ -r /etc/benchbox/fingerprint.json ]]; then
  printf 'fingerprint\t%s\n' "$(tr -d '\n\t' </etc/benchbox/fingerprint.json)"
fi

# broken MARKER USER: prints what is wrong. Exit code 1 when nothing is.
broken() {
  local record probe
  record=$(sed -n 's/^record=//p' "$1")
  if [[ -n $record ]]; then
    if [[ ! -r $record ]]; then echo "$record is gone" && return; fi
    if changed_file "$record"; then return; fi
  fi
  probe=$(sed -n 's/^probe=//p' "$1")
  if [[ -n $probe ]] && ! timeout 10 runuser -l "$2" -c "$probe" </dev/null >/dev/null 2>&1; then
    echo "its probe fails: $probe"
    return
  fi
  return 1
}

for user in "$@"; do
  home=$(getent passwd "$user" | cut -d: -f6)
  for marker in "$home"/.local/state/benchbox/steps/*; do
    wrong=$(broken "$marker" "$user") || wrong=-
    printf 'step\t%s\t%s\t%s\n' "${marker##*/}" "$wrong" "$(paste -sd '\t' "$marker")"
  done
done
