# shellcheck shell=bash
# shellcheck disable=SC2154 # scratch is with-network's, the proxies are those of network-proxies.sh
# Keeps proxies' addresses and credentials out of what a command prints.

# run_redacted COMMAND...: runs it with both its streams as one through the filter, a line at a time; keeps its exit code.
run_redacted() {
  local code=0 filter output
  # sed, because a shell reads a pipe byte by byte, and mawk nothing before its buffer is full.
  exec {output}> >(LC_ALL=C exec stdbuf -oL sed -f <(printf '%s\n' "$filter_rules"))
  filter=$!
  (exec "$@") >&"$output" 2>&1 {output}>&- || code=$?
  exec {output}>&-
  # What COMMAND left running may hold its output open for ever.
  if ! timeout 5 tail --pid="$filter" --sleep-interval=0.05 -f /dev/null; then
    kill "$filter"
    echo 'network: the command is done, but something that it started still runs; what that prints is not shown' >&2
  fi
  return "$code"
}

# Sets filter_rules. The longest form first: a short one that is part of a longer one would leave the rest of it.
write_filter() {
  local form
  filter_rules=$(forms_of_proxies | while IFS= read -r form; do printf '%d %s\n' "${#form}" "$form"; done |
    LC_ALL=C sort -rn | uniq | cut -d ' ' -f 2- | LC_ALL=C sed 's/[[\.*^$/]/\\&/g; s/.*/s\/&\/***\/g/')
}

# Every form, one a line, in which the proxies' addresses and credentials can turn up.
forms_of_proxies() {
  local given form
  for given in "${given_proxies[@]}"; do
    split_proxy proxy "$given"
    local login=$proxy_login end=$proxy_host:$proxy_port
    writings_of "$given" "$proxy_scheme://$end"
    # As apt and curl tell whom they could not reach.
    printf '%s\n' "$end" "$proxy_host port $proxy_port"
    if [[ -z $login ]]; then continue; fi
    for form in "$login" "$(encode_login "$login")" "$(decode "$login")"; do
      printf '%s@\n' "$form"
      writings_of "$proxy_scheme://$form@$end"
      # Shorter ones stand everywhere by chance.
      if ((${#form} > 5)); then writings_of "$form"; fi
      form=${form#*:}
      if ((${#form} > 3)); then writings_of "$form"; fi
    done
  done
}

# writings_of TEXT...: itself, quoted as shells and JSON do, and in base64, with a line's end as echo gives it and without.
writings_of() {
  local text escaped
  for text in "$@"; do
    escaped=${text//\\/\\\\} escaped=${escaped//\"/\\\"}
    printf '%s\n' "$text" "${text//\'/"'\\''"}" "$(printf %q "$text")" "$escaped" "${escaped//\$/"\\$"}"
    printf %s "$text" | base64 -w 0 && echo
    printf '%s\n' "$text" | base64 -w 0 && echo
  done
}
