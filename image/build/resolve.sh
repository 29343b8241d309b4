# shellcheck shell=bash
# Resolves entries such as `libgl1-mesa-glx|libgl1+libglx-mesa0` to packages that this distribution has.

# The kind of each name that apt knows: `real` has a candidate for installation, `virtual` is only mentioned by other packages,
# `provided` is virtual and apt can resolve it.
declare -A kind=()
# The packages to install.
chosen=()

# resolve ENTRY...: fills $chosen. Exits with an error that lists all entries that cannot be satisfied, if there are any.
resolve() {
  local entry unsatisfied=()
  learn_kinds "$@"
  for entry in "$@"; do
    choose "$entry" || unsatisfied+=("$(explain_unsatisfied "$entry")")
  done
  if ((${#unsatisfied[@]} > 0)); then
    printf 'benchbox: %s\n' "${unsatisfied[@]}" >&2
    exit 1
  fi
}

# learn_kinds ENTRY...: asks apt once about all names that the entries can contain.
learn_kinds() {
  local entry alternative name state names=()
  for entry in "$@"; do
    [[ $entry =~ ^[a-z0-9][a-z0-9.+-]*(\|[a-z0-9][a-z0-9.+-]*)*$ ]] ||
      err "invalid package entry \`$entry\`: write NAME, or alternatives A|B+C, with the characters a-z, 0-9 and .+-"
    while read -r alternative; do mapfile -t -O "${#names[@]}" names < <(possible_names "$alternative"); done <<<"${entry//|/$'\n'}"
  done
  while read -r name state; do kind[$name]=$state; done < <(
    apt-cache policy "${names[@]}" | awk '/^[^ ].*:$/ { name = substr($0, 1, length($0) - 1) }
      $1 == "Candidate:" { print name, ($2 == "(none)" ? "virtual" : "real") }'
  )
}

# possible_names TEXT: prints every name that TEXT can contain, since a `+` may join two names or belong to one (g++, libstdc++6).
possible_names() {
  local text=$1 from to
  for ((from = 0; from < ${#text}; from++)); do
    if ((from > 0)) && [[ ${text:from-1:2} != +[a-z0-9] ]]; then continue; fi
    for ((to = from + 1; to <= ${#text}; to++)); do
      if ((to == ${#text})) || [[ ${text:to:1} == + ]]; then printf '%s\n' "${text:from:to-from}"; fi
    done
  done
}

# choose ENTRY: adds the first alternative that the distribution has as real packages, or else the first one that other packages
# provide.
choose() {
  local entry=$1 accepted alternative names
  for accepted in real real+provided; do
    while read -r alternative; do
      if names=$(packages_of "$alternative" "$accepted"); then
        add_chosen "$entry" "$names"
        return
      fi
    done <<<"${entry//|/$'\n'}"
    find_provided "$entry"
  done
  return 1
}

# packages_of TEXT ACCEPTED: prints the packages in TEXT, one per line; prefers the longest names that exist.
packages_of() {
  local text=$1 accepted=$2 index rest
  if is_accepted "$text" "$accepted"; then
    printf '%s\n' "$text"
    return
  fi
  for ((index = ${#text} - 2; index > 0; index--)); do
    if [[ ${text:index:1} == + ]] && is_accepted "${text:0:index}" "$accepted" &&
      rest=$(packages_of "${text:index+1}" "$accepted"); then
      printf '%s\n%s\n' "${text:0:index}" "$rest"
      return
    fi
  done
  return 1
}

# is_accepted NAME ACCEPTED
is_accepted() { [[ -n ${kind[$1]:-} && +$2+ == *"+${kind[$1]}+"* ]]; }

# find_provided ENTRY: finds the virtual names in ENTRY that apt can resolve. It rejects a name that several packages provide.
find_provided() {
  local alternative name
  while read -r alternative; do
    while read -r name; do
      if [[ ${kind[$name]:-} == virtual ]] && apt-get install --simulate "$name" >/dev/null 2>&1; then kind[$name]=provided; fi
    done < <(possible_names "$alternative")
  done <<<"${1//|/$'\n'}"
}

# add_chosen ENTRY NAMES: adds NAMES to $chosen, and reports them if ENTRY had alternatives.
add_chosen() {
  local names
  mapfile -t names <<<"$2"
  chosen+=("${names[@]}")
  if [[ $1 == *'|'* ]]; then say "$1: ${names[*]}"; fi
}

explain_unsatisfied() {
  local name missing=''
  while read -r name; do
    if [[ ${kind[$name]:-} != real && " $missing," != *" $name,"* ]]; then missing+=${missing:+, }$name; fi
  done < <(tr '|' '\n' <<<"$1" | sed -E 's/([^+])\+([^+])/\1\n\2/g')
  local has="has none of $missing"
  if [[ $missing != *,* ]]; then has="has no $missing"; fi
  local system
  # shellcheck disable=SC1091,SC2153 # os-release sets NAME
  system=$(. /etc/os-release && echo "${NAME%% *} ${VERSION_CODENAME:-}")
  printf 'no package for: %s: this distribution (%s) %s' "$1" "$system" "$has"
}
