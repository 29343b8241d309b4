# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of with-network and network-proxies.sh
# Keeps addresses and credentials of proxies out of a command's output.

# run_redacted COMMAND...: runs COMMAND with both output streams merged and filtered, line by line. Returns its exit code.
run_redacted() {
  local code=0 filter output
  # sed, because a shell reads a pipe byte by byte, and mawk reads nothing before its buffer is full.
  exec {output}> >(LC_ALL=C exec stdbuf -oL sed -f <(printf '%s\n' "$filter_rules"))
  filter=$!
  (exec "$@") >&"$output" 2>&1 {output}>&- || code=$?
  exec {output}>&-
  # A process that COMMAND left running may keep its output open for ever.
  if ! timeout 5 tail --pid="$filter" --sleep-interval=0.05 -f /dev/null; then
    kill "$filter"
    echo 'network: the command has ended, but a process that it started is still running; its output is not shown' >&2
  fi
  return "$code"
}

# Sets filter_rules, the longest form first: a shorter form that is part of a longer one would leave the rest of it.
write_filter() {
  local form
  filter_rules=$(forms_of_proxies | while IFS= read -r form; do printf '%d %s\n' "${#form}" "$form"; done |
    LC_ALL=C sort -rn | uniq | cut -d ' ' -f 2- | LC_ALL=C sed 's/[[\.*^$/]/\\&/g; s/.*/s\/&\/***\/g/')
}

# Prints every form in which the addresses and credentials of the proxies can appear, one per line.
forms_of_proxies() {
  local given form
  for given in "${given_proxies[@]}"; do
    split_proxy proxy "$given"
    local login=$proxy_login end=$proxy_host:$proxy_port
    spellings_of "$given" "$proxy_scheme://$end"
    # As apt and curl print an address that they cannot reach.
    printf '%s\n' "$end" "$proxy_host port $proxy_port"
    if [[ -z $login ]]; then continue; fi
    for form in "$login" "$(encode_login "$login")" "$(decode "$login")"; do
      printf '%s@\n' "$form"
      spellings_of "$proxy_scheme://$form@$end"
      # Shorter ones would match ordinary text.
      if ((${#form} > 5)); then spellings_of "$form"; fi
      form=${form#*:}
      if ((${#form} > 3)); then spellings_of "$form"; fi
    done
  done
}

# spellings_of TEXT...: prints each TEXT as it is, quoted as in shells and JSON, and in base64, with and without echo's final newline.
spellings_of() {
  local text escaped
  for text in "$@"; do
    escaped=${text//\\/\\\\} escaped=${escaped//\"/\\\"}
    printf '%s\n' "$text" "${text//\'/"'\\''"}" "$(printf %q "$text")" "$escaped" "${escaped//\$/"\\$"}"
    printf %s "$text" | base64 -w 0 && echo
    printf '%s\n' "$text" | base64 -w 0 && echo
  done
}
