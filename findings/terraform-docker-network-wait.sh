#!/usr/bin/env bash
# The Terraform provider for Docker waits two seconds before it reads a network.
#
# Versions: kreuzwerker/terraform-provider-docker of 2026-09-16 (96d331c98ff4), terraform-plugin-sdk 2.40.1, Docker Engine 20.10.24. Date:
#   2026-11-30.
# Behavior: each read of a docker_network, thus each refresh, takes 2 s more than the engine needs, because the provider polls the
#   engine with a delay before the first question (networkReadRefreshDelay). No setting changes it. @pulumi/docker is built on this
#   provider: there `pulumi preview --refresh` of a stack with one network takes 2 s longer than without. A docker_volume is read at
#   once.
# Expected: a network that has not changed is read as fast as any other resource, by one request to the engine.
# Output seen:
#   docker network inspect: 0.03 s
#   refresh of docker_volume: 0.02 s
#   refresh of docker_network: 2.01 s
#   As described: a network's refresh waits two seconds
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/terraform-docker.sh"

require docker
docker version >"$work/version.log" 2>&1 || cannot_run "no Docker Engine answers: $(tail -n 1 "$work/version.log")"
name=finding-$$-$RANDOM
docker network create "$name" >/dev/null
at_exit docker network rm "$name"
docker volume create "$name" >/dev/null
at_exit docker volume rm "$name"

mkdir "$work/provider"
cat >"$work/provider/main.go" <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-sdk/v2/terraform"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

func main() {
	ctx := context.Background()
	docker := provider.New("finding")()
	if diags := docker.Configure(ctx, terraform.NewResourceConfigRaw(nil)); diags.HasError() {
		panic(fmt.Sprint(diags))
	}
	for _, kind := range []string{"docker_volume", "docker_network"} {
		id := map[string]string{"docker_volume": os.Args[1], "docker_network": os.Args[2]}[kind]
		state := &terraform.InstanceState{ID: id, Attributes: map[string]string{"id": id, "name": os.Args[1]}}
		start := time.Now()
		state, diags := docker.ResourcesMap[kind].RefreshWithoutUpgrade(ctx, state, docker.Meta())
		if diags.HasError() || state == nil || state.ID != id {
			panic(fmt.Sprint(kind, state, diags))
		}
		fmt.Printf("refresh of %s: %.2f s\n", kind, time.Since(start).Seconds())
	}
}
GO
build_with_provider

start=$EPOCHREALTIME
id=$(docker network inspect --format '{{.Id}}' "$name")
awk -v start="$start" -v end="$EPOCHREALTIME" 'BEGIN { printf "docker network inspect: %.2f s\n", end - start }'
times=$("$work/program" "$name" "$id" 2>"$work/provider.log") || cannot_run "the provider failed: $(tail -n 3 "$work/provider.log")"
printf '%s\n' "$times"
awk '/volume/ { volume = $4 } /network/ { network = $4 } END { exit !(volume < 1 && network >= 2) }' <<<"$times" ||
  changed "a network's refresh takes another time"
confirmed "a network's refresh waits two seconds"
