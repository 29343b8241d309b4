# shellcheck shell=bash
# Runs in the box as root (bash -s START_MARKER AGENT_MARKER USER...), after scripts/lib/files.sh, and changes nothing. Prints,
# tab-separated:
#   started TRIGGER              when the box has its keys
#   slow PART SECONDS            when a check timed out: GPUs, or a step's probe
#   gpu lost|driver MESSAGE      when its GPUs do not work; see image/box/gpu-trouble
#   no-new-privileges            when no program in it can gain privileges, as sudo must
#   agent-key LINE               for each key that came from an SSH agent
#   fingerprint JSON             the facts about its host that the box holds
#   user NAME UID:GID            for each user who has keys
#   changed WHAT NAME            for what somebody changed since the box was created and started: host-key, sshd-config, packages, and,
#                                for the user NAME, authorized-keys, password, shell, groups or sudo; or sources or secrets
#   hooks TRIGGER STATE          when it has hooks: intact or edited
#   hook ID REASON               for each script of custom.on_every_start that failed
#   step ID BROKEN LINE...       for each step that left a marker: what is wrong with its tool, or -, and the marker
#   end                          at the end, so that a truncated answer is recognised
shopt -s nullglob
start_marker=$1
agent_marker=$2
shift 2

# Third-party programs may take any time, so each has a limit, and all of them run at the same time.
readonly seconds=10
declare -A outcomes=()
# limited KEY COMMAND...: starts the command. outcome KEY: sets `output` to its output and returns its exit code, 124 for a timeout.
limited() {
  local key=$1 fd
  shift
  exec {fd}< <(
    code=0
    timeout --kill-after=1 "$seconds" "$@" </dev/null 2>/dev/null || code=$?
    if ((code == 137)); then code=124; fi
    if ((code == 124 && SECONDS < seconds)); then code=1; fi # the command's own 124
    printf '\t%s' "$code"
  )
  outcomes[$key]=$fd
}
outcome() {
  local fd=${outcomes[$1]} text
  IFS= read -r -d '' text <&"$fd"
  output=${text%$'\t'*}
  return "${text##*$'\t'}"
}
# Without GPUs the container has no nvidia-smi.
if type -P nvidia-smi >/dev/null; then limited gpu /usr/local/lib/benchbox/gpu-trouble; fi

# Each step that left a marker, with the marker's lines.
markers=()
for user in "$@"; do
  IFS=: read -r _ _ _ _ _ home _ < <(getent passwd "$user")
  for marker in "$home"/.local/state/benchbox/steps/*; do
    markers+=("$marker")
    mapfile -t lines <"$marker"
    for line in "${lines[@]}"; do
      if [[ $line == probe=?* ]]; then limited "$marker" runuser -l "$user" -c "${line#probe=} >/dev/null 2>&1"; fi
    done
  done
done

# Each started program adds one or two milliseconds to a preview, so the shell does as much as it can itself.
if [[ -r $start_marker ]]; then
  read -r line <"$start_marker"
  printf 'started\t%s\n' "$line"
fi

if [[ -r $agent_marker ]]; then
  while IFS= read -r line; do printf 'agent-key\t%s\n' "$line"; done <"$agent_marker"
fi

main=1 # the host's, if the box sees the host's processes
if [[ -r /run/benchbox.pid ]]; then read -r main </run/benchbox.pid; fi
while read -r field value; do
  if [[ $field == NoNewPrivs: && $value == 1 ]]; then echo no-new-privileges; fi
done <"/proc/$main/status"

if [[ -r /sys/devices/system/node/online ]]; then
  printf 'memory-nodes\t%s\n' "$(</sys/devices/system/node/online)"
fi
if [[ -r /var/lib/benchbox/oom-score-adj ]]; then
  printf 'oom-score-adj\t%s\n' "$(<"/proc/$main/oom_score_adj")"
fi

handed=/var/lib/benchbox/handed
changed() { printf 'changed\t%s\t%s\n' "$1" "$2"; }

same_host_key() { [[ $(sha256sum </etc/ssh/benchbox/host_key) == "$(<"$handed/host-key")" ]]; }
if [[ -r $handed/host-key ]] && ! same_host_key 2>/dev/null; then changed host-key -; fi
image_config=/usr/local/lib/benchbox/sshd_config
if [[ -r $image_config ]] && ! cmp -s "$image_config" /etc/ssh/sshd_config; then changed sshd-config -; fi

if [[ -r $handed/secrets && $(sha256sum 2>/dev/null </etc/benchbox/secrets.conf) != "$(<"$handed/secrets")" ]]; then changed secrets -; fi
sources=/var/lib/benchbox/sources
if [[ -r $sources ]] && ! sha256sum --check --status "$sources" 2>/dev/null; then changed sources -; fi

# Listing the installed packages takes longer than all the other checks, and each installation or removal changes this file.
list=/usr/local/share/benchbox/packages.tsv
if [[ -r $list && /var/lib/dpkg/status -nt $list ]]; then
  missing=$(
    comm -23 <(sed 1d "$list" | cut -f1 | grep -v ^/ | LC_ALL=C sort -u) \
      <(dpkg-query --show --showformat='${db:Status-Abbrev}\t${Package}\n' | sed -n 's/^.i [[:space:]]*//p' | LC_ALL=C sort -u)
  )
  if [[ -n $missing ]]; then changed packages "$(paste -sd ' ' <<<"$missing")"; fi
fi

# lacks_keys LINES USER_FILE: whether a line of the stack, which carries a mark, is missing. The user's own lines do not count.
lacks_keys() {
  local line key
  local -A there=()
  if [[ -r $2 ]]; then while IFS= read -r line; do there[_$line]=1; done <"$2"; fi
  while IFS= read -r line; do
    key="_$line [benchbox]"
    if [[ -z ${there[$key]:-} ]]; then return; fi
  done <"$1"
  return 1
}

# lacks_group USER FILE: whether the user is not in a group of the file.
lacks_group() {
  local name members
  if [[ ! -r $2 ]]; then return 1; fi
  while IFS=: read -r name _; do
    if [[ -z $name ]]; then continue; fi
    IFS=: read -r _ _ _ members < <(getent group "$name")
    if [[ ,$members, != *",$1,"* ]]; then return; fi
  done <"$2"
  return 1
}

# same_sudo HANDED RULE: whether the rule is the stack's, or neither exists.
same_sudo() {
  if [[ -r $1 && -r $2 ]]; then [[ $(<"$1") == "$(<"$2")" ]]; else [[ ! -r $1 && ! -r $2 ]]; fi
}

for file in "$handed"/authorized-keys.*; do
  user=${file#"$handed"/authorized-keys.}
  if ! IFS=: read -r _ _ uid gid _ home shell < <(getent passwd "$user"); then continue; fi
  printf 'user\t%s\t%s:%s\n' "$user" "$uid" "$gid"
  if lacks_keys "$file" "$home/.ssh/authorized_keys"; then changed authorized-keys "$user"; fi
  IFS=: read -r _ password _ < <(getent shadow "$user")
  if [[ $(sha256sum <<<"$password") != "$(<"$handed/password.$user")" ]]; then changed password "$user"; fi
  if [[ -r $handed/shell.$user && $shell != "$(<"$handed/shell.$user")" ]]; then changed shell "$user"; fi
  if lacks_group "$user" /var/lib/benchbox/groups/"$user"; then changed groups "$user"; fi
  if ! same_sudo "$handed/sudo.$user" "/etc/sudoers.d/benchbox-user-${user//./+}"; then changed sudo "$user"; fi
done

hooks=/var/lib/benchbox/hooks
if [[ -r $hooks/trigger ]]; then
  state=intact
  if ! (cd "$hooks" && sha256sum --check --status sums 2>/dev/null); then state=edited; fi
  printf 'hooks\t%s\t%s\n' "$(<"$hooks/trigger")" "$state"
  for file in "$hooks"/failed/*; do printf 'hook\t%s\t%s\n' "${file##*/}" "$(<"$file")"; done
fi

if [[ -r /etc/benchbox/fingerprint.json ]]; then
  printf 'fingerprint\t%s\n' "$(tr -d '\n\t' </etc/benchbox/fingerprint.json)"
fi

# broken MARKER LINE...: prints what is wrong with a step. Exit code 1 when nothing is, 124 when its probe timed out.
broken() {
  local marker=$1 line record='' probe='' code=0
  shift
  for line in "$@"; do
    case $line in
      record=*) record=${line#record=} ;;
      probe=*) probe=${line#probe=} ;;
    esac
  done
  if [[ -n $record ]]; then
    if [[ ! -r $record ]]; then echo "$record is gone" && return; fi
    if changed_file "$record"; then return; fi
  fi
  if [[ -z $probe ]]; then return 1; fi
  outcome "$marker" || code=$?
  case $code in
    0) return 1 ;;
    124) return 124 ;;
  esac
  echo "its probe fails: $probe"
}

for marker in "${markers[@]}"; do
  mapfile -t lines <"$marker"
  code=0
  wrong=$(broken "$marker" "${lines[@]}") || { code=$? && wrong=-; }
  if ((code == 124)); then printf 'slow\ttool %s\t%s\n' "${marker##*/}" "$seconds"; fi
  printf 'step\t%s\t%s' "${marker##*/}" "$wrong"
  printf '\t%s' "${lines[@]}"
  printf '\n'
done

if [[ -n ${outcomes[gpu]:-} ]]; then
  code=0
  outcome gpu || code=$?
  case $code in
    0) printf 'gpu\t%s\t%s\n' "${output%% *}" "${output#* }" ;;
    124) printf 'slow\tGPUs\t%s\n' "$seconds" ;;
  esac
fi
echo end
