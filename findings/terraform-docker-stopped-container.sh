#!/usr/bin/env bash
# The Terraform provider for Docker plans to replace a container that was only stopped.
#
# Versions: kreuzwerker/terraform-provider-docker of 2026-09-16 (96d331c98ff4), terraform-plugin-sdk 2.40.1, Docker Engine 20.10.24. Date:
#   2026-11-30.
# Behavior: the provider makes a docker_container with a published port; must_run is true, its default. After a `docker stop` its refresh
#   reads no ports, since the engine reports none for a stopped container. A change of ports replaces the container, so the plan for the
#   unchanged configuration is: replace. What is in the container outside its volumes would be lost. @pulumi/docker, which is built on
#   this provider, plans the same (mustRun).
# Expected: must_run means that a stopped container is started again, and its ports are those that it was made with: `docker start`
#   publishes them again.
# Output seen:
#   plan while it runs: nothing to do
#   plan after docker stop: replace, because of ports.#
#   plan after docker start: nothing to do
#   As described: the plan replaces a container that was only stopped
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/terraform-docker.sh"

require docker go
docker version >"$work/version.log" 2>&1 || cannot_run "no Docker Engine answers: $(tail -n 1 "$work/version.log")"
name=finding-$$-$RANDOM

# An image with one program, which does nothing.
mkdir "$work/idle" "$work/provider"
cat >"$work/idle/main.go" <<'GO'
package main

import "time"

func main() { time.Sleep(time.Hour) }
GO
CGO_ENABLED=0 quietly idle.log go build -o "$work/idle/idle" "$work/idle/main.go"
tar --create --directory "$work/idle" idle | docker import --change 'CMD ["/idle"]' - "$name" >/dev/null
at_exit docker image rm "$name"
at_exit docker rm --force "$name"

cat >"$work/provider/main.go" <<'GO'
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sort"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/terraform"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

var ctx = context.Background()

func check(diags diag.Diagnostics) {
	if diags.HasError() {
		panic(fmt.Sprint(diags))
	}
}

func freePort() int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// plan describes what is to be done for the configuration after a refresh.
func plan(resource *schema.Resource, state *terraform.InstanceState, config *terraform.ResourceConfig, meta any) string {
	state, diags := resource.RefreshWithoutUpgrade(ctx, state, meta)
	check(diags)
	diff, err := resource.SimpleDiff(ctx, state, config, meta)
	if err != nil {
		panic(err)
	}
	if diff.Empty() {
		return "nothing to do"
	}
	if !diff.RequiresNew() {
		return "update"
	}
	var reasons []string
	for name, attribute := range diff.Attributes {
		if attribute.RequiresNew && strings.HasSuffix(name, ".#") {
			reasons = append(reasons, name)
		}
	}
	sort.Strings(reasons)
	return "replace, because of " + strings.Join(reasons, ", ")
}

func main() {
	name := os.Args[1]
	docker := provider.New("finding")()
	check(docker.Configure(ctx, terraform.NewResourceConfigRaw(nil)))
	meta := docker.Meta()
	resource := docker.ResourcesMap["docker_container"]
	config := terraform.NewResourceConfigRaw(map[string]any{
		"name":         name,
		"image":        name,
		"network_mode": "bridge",
		"healthcheck":  []any{map[string]any{"test": []any{"NONE"}}},
		"ports": []any{map[string]any{
			"internal": 80, "external": freePort(), "ip": "127.0.0.1", "protocol": "tcp",
		}},
	})
	diff, err := resource.Diff(ctx, nil, config, meta)
	if err != nil {
		panic(err)
	}
	state, diags := resource.Apply(ctx, nil, diff, meta)
	check(diags)
	fmt.Println("plan while it runs:", plan(resource, state, config, meta))
	for _, word := range []string{"stop", "start"} {
		if output, err := exec.Command("docker", word, name).CombinedOutput(); err != nil {
			panic(string(output))
		}
		fmt.Printf("plan after docker %s: %s\n", word, plan(resource, state, config, meta))
	}
}
GO
build_with_provider

"$work/program" "$name" >"$work/plans" 2>"$work/provider.log" || cannot_run "the provider failed: $(tail -n 3 "$work/provider.log")"
cat "$work/plans"
diff - "$work/plans" <<'PLANS' >"$work/difference" || changed "the plans are different"
plan while it runs: nothing to do
plan after docker stop: replace, because of ports.#
plan after docker start: nothing to do
PLANS
confirmed "the plan replaces a container that was only stopped"
