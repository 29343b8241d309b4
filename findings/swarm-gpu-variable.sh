#!/usr/bin/env bash
# A swarm task learns its GPU from a variable that /bin/sh drops.
#
# Versions: Docker Engine 28.5.2 (28.5.2+dfsg4-5), dash 0.5.12-12, bash 5.3-4, Debian sid. Date: 2026-11-30.
# Behavior: the engine is started with --node-generic-resource NVIDIA-GPU=..., the name that NVIDIA's container runtime looks for, and a
#   service asks for --generic-resource NVIDIA-GPU=1. Swarm hands the GPU to the task as DOCKER_RESOURCE_NVIDIA-GPU. dash passes on only
#   variables whose names a shell can use, and the hyphen is in none; so a service whose command is `sh -c ...`, or the shell form
#   of CMD on Debian and Ubuntu, does not know its GPU. bash passes the variable on.
# Expected: a shell that starts a program leaves the environment as it was. `env` and `sh -c env` show the same variable.
# Output seen:
#   env directly: DOCKER_RESOURCE_NVIDIA-GPU=GPU-0
#   by bash -c: DOCKER_RESOURCE_NVIDIA-GPU=GPU-0
#   by dash -c: nothing
#   As described: only dash drops the variable
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/engine.sh"

debian_root sid docker.io docker-cli iptables
print_versions docker.io dash bash
start_engine --node-generic-resource NVIDIA-GPU=GPU-0
import_programs demo /usr/bin/dash /usr/bin/bash /usr/bin/env
quietly swarm.log docker swarm init --advertise-addr 127.0.0.1

# shellcheck disable=SC2329 # wait_until runs it
is_complete() {
  [[ $(docker service ps --format '{{.CurrentState}}' demo) == Complete* ]]
}

# gpu_by COMMAND...: what a task sees that prints its environment with this command.
gpu_by() {
  quietly service.log docker service create --detach --quiet --name demo --generic-resource NVIDIA-GPU=1 \
    --restart-condition none demo "$@"
  wait_until 60 is_complete || cannot_run "no task: $(docker service ps --no-trunc demo)"
  gpu=$(docker service logs --raw demo 2>&1 | grep GPU || echo nothing)
  quietly service.log docker service rm demo
}

gpu_by /usr/bin/env
printf 'env directly: %s\n' "$gpu"
seen=$gpu
for shell in bash dash; do
  gpu_by "/usr/bin/$shell" -c /usr/bin/env
  printf 'by %s -c: %s\n' "$shell" "$gpu"
  seen+=" $gpu"
done

variable=DOCKER_RESOURCE_NVIDIA-GPU=GPU-0
[[ $seen == "$variable $variable nothing" ]] || changed "the variable arrives in other ways"
confirmed "only dash drops the variable"
