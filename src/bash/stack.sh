# shellcheck shell=bash
# What the commands for people share: where things are, and that their first argument is a stack.

root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
# shellcheck disable=SC2034 # used by those who source this
project=$(sed -n 's/^name: *//p' "$root/Pulumi.yaml")

say() { printf '%s\n' "$*"; }
err() {
  printf 'benchbox: %s\n' "$*" >&2
  exit 1
}

# shellcheck source=proxies.sh
. "$root/src/bash/proxies.sh"

# only_changes COMMAND...: into a pipe it leaves out the lines of resources that the Pulumi CLI refreshes or leaves as they are. Ctrl-C ends
# the CLI, which still has something to say.
only_changes() {
  if [[ -t 1 ]]; then
    "$@"
    return
  fi
  "$@" | (
    trap '' INT TERM
    exec sed --unbuffered -E '/^ [ ~]  [a-z]+:[a-zA-Z:]+ \S+ (refresh|refreshing|running|)? *$/d'
  )
}

# take_stack ARGUMENT...: sets $stack to the first argument, or sandbox when that is an option or there is none, and
# $rest to the others.
# shellcheck disable=SC2034
take_stack() {
  stack=sandbox
  rest=("$@")
  if (($# > 0)) && [[ $1 != -* ]]; then
    stack=$1
    rest=("${@:2}")
  fi
}

# no_options: ends with a sentence when there are options, of which this command has none.
no_options() {
  local word
  for word in "${rest[@]}"; do
    if [[ $word == -* ]]; then err "${BASH_SOURCE[1]##*/} has no option $word"; fi
  done
}

# known_stack: ends with a sentence when $stack is none of this project's.
known_stack() {
  if [[ ! -f $root/Pulumi.$stack.yaml ]]; then
    local files known
    files=("$root"/Pulumi.*.yaml)
    known=$(printf '%s\n' "${files[@]##*/Pulumi.}" | sed 's/\.yaml$//' | paste -sd , | sed 's/,/, /g')
    err "there is no stack $stack: Pulumi.$stack.yaml does not exist. There are: $known. For a new one: npm run new -- $stack."
  fi
}

# use_engine: sets DOCKER_HOST to the engine that $stack names, or that the docker client's context does, and what TLS
# wants for it. The client, the plugins and the build each find the engine in their own way; the environment is what all of
# them heed.
use_engine() {
  local declared certs context
  declared_engine
  if [[ -n $declared ]]; then
    export DOCKER_HOST=$declared
    if [[ -n $certs ]]; then
      use_certificates "${certs/#\~/$HOME}"
    elif [[ $declared != tcp://* ]]; then
      unset DOCKER_TLS_VERIFY DOCKER_CERT_PATH # they are for another engine
    fi
  elif [[ -z ${DOCKER_HOST:-} ]] && may_have_context; then
    context=$(docker context show 2>/dev/null) || context=default # no contexts in an old client, or no client
    if [[ $context != default ]]; then
      DOCKER_HOST=$(docker context inspect --format '{{.Endpoints.docker.Host}}' "$context")
      export DOCKER_HOST
      certs=$(docker context inspect --format '{{.Storage.TLSPath}}' "$context")/docker
      if [[ -f $certs/ca.pem ]]; then use_certificates "$certs"; fi
    fi
  fi
}

# Whether somebody chose a context of the docker client. Asking it takes longer than all else that is done here.
may_have_context() {
  [[ -n ${DOCKER_CONTEXT:-} ]] || grep -qs '"currentContext"' "${DOCKER_CONFIG:-$HOME/.docker}/config.json"
}

use_certificates() { export DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH=$1; }

# declared_engine: sets $declared and $certs to the stack's docker_host and docker_certs; empty where its file has none. Most
# files name no engine, which takes no program to see.
declared_engine() {
  declared='' certs=''
  if ! grep -qsE 'docker_(host|certs)' "$root/Pulumi.$stack.yaml"; then return; fi
  use_tools
  local values
  values=$(cd "$root" && node "$root/src/state/stack-engine.ts" "$stack") || exit
  { read -r declared && read -r certs; } <<<"$values" || true # without certificates there is no second line
}

# use_node: makes ready what a program of ours in TypeScript needs to look at the stack.
use_node() {
  use_tools
  keep_compiled
  use_engine
}

# use_tools: makes ready what set-up found or built, after set-up where there has been none. Which engine is asked is another matter.
use_tools() {
  use_proxies
  if [[ ! -f $root/.state/toolchain.sh ]]; then "$root/src/toolchain/setup" >&2; fi
  # shellcheck source=/dev/null
  . "$root/.state/toolchain.sh"
}

# use_program: what each program that Pulumi runs is given, wherever it is started from.
use_program() {
  # The engine, the program and the plugins talk to each other over loopback, and gRPC would ask the proxy for that too.
  export NO_PROXY=${NO_PROXY:-${no_proxy:-}},127.0.0.1,localhost
  export no_proxy=$NO_PROXY
  keep_compiled
}

# Node keeps what it compiled: a third of a second less for each preview.
keep_compiled() { export NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$BENCHBOX_CACHE/node-compile-cache}; }

# use_volumes COMMAND ARGUMENT...: goes on as volumes/COMMAND.ts with what it needs. A file is named from where the user is.
use_volumes() {
  local command=$1
  take_stack "${@:2}"
  known_stack
  use_node
  local from=${INIT_CWD:-$PWD}
  cd "$root" || exit
  exec node "$root/src/cli/volumes/$command.ts" "$stack" "$from" "${rest[@]}"
}
