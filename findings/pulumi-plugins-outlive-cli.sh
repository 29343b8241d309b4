#!/usr/bin/env bash
# The plugins of `pulumi ... | grep --max-count=1 LINE` go on running for minutes after all programs of the pipeline have ended.
#
# Versions: Pulumi CLI and Go SDK 3.276.0. Date: 2026-11-30.
# Behavior: when the reader of its output exits early (head, less, or grep that has found its line), the CLI dies of SIGPIPE (141) at
#   its next line and does not stop the plugins that it started. A provider of the Go SDK checks every five minutes whether its engine
#   still runs, so each provider stays for up to five minutes, with its memory and connections. When the output is read to the end, the
#   CLI stops its plugins.
# Expected: the CLI stops its plugins however it exits, or a plugin notices at once that its connection to the engine is
#   closed.
# Output seen:
#   pulumi refresh --preview-only | cat: exit code 0, plugins after 20 s: 0
#   pulumi refresh --preview-only | grep --max-count=1 thing: exit code 141, plugins after 20 s: 1
#   As described: the plugin outlives a CLI that died of SIGPIPE
# Exit code: 0 while it is so, 1 when it is different, 2 when something is missing here.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/finding.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib/pulumi.sh"

require go pgrep
install_pulumi

# A provider that only reads, and takes 3 s to do so.
mkdir --parents "$work/slow" "$work/bin"
cat >"$work/slow/go.mod" <<MODULE
module slow

go 1.26.6

require github.com/pulumi/pulumi/sdk/v3 v$pulumi_version
MODULE
cat >"$work/slow/main.go" <<'GO'
package main

import (
	"context"
	"os"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

type slow struct {
	rpc.UnimplementedResourceProviderServer
}

func (slow) CheckConfig(_ context.Context, request *rpc.CheckRequest) (*rpc.CheckResponse, error) {
	return &rpc.CheckResponse{Inputs: request.News}, nil
}

func (slow) DiffConfig(context.Context, *rpc.DiffRequest) (*rpc.DiffResponse, error) {
	return &rpc.DiffResponse{}, nil
}

func (slow) Configure(context.Context, *rpc.ConfigureRequest) (*rpc.ConfigureResponse, error) {
	return &rpc.ConfigureResponse{}, nil
}

func (slow) Read(_ context.Context, request *rpc.ReadRequest) (*rpc.ReadResponse, error) {
	time.Sleep(3 * time.Second)
	return &rpc.ReadResponse{Id: request.Id, Properties: request.Properties, Inputs: request.Inputs}, nil
}

func (slow) Diff(context.Context, *rpc.DiffRequest) (*rpc.DiffResponse, error) {
	return &rpc.DiffResponse{}, nil
}

func (slow) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (slow) GetPluginInfo(context.Context, *emptypb.Empty) (*rpc.PluginInfo, error) {
	return &rpc.PluginInfo{Version: "1.0.0"}, nil
}

func main() {
	create := func(*provider.HostClient) (rpc.ResourceProviderServer, error) { return slow{}, nil }
	if provider.Main("slow", create) != nil {
		os.Exit(1)
	}
}
GO
plugin=$work/bin/pulumi-resource-slow
CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=mod quietly go-build.log go -C "$work/slow" build -trimpath -buildvcs=false -o "$plugin" .
PATH=$work/bin:$PATH

cd "$work"
printf 'name: demo\nruntime: nodejs\n' >Pulumi.yaml
quietly init.log pulumi stack init dev
cat >deployment.json <<'JSON'
{
  "version": 3,
  "deployment": {
    "manifest": { "time": "2026-11-30T00:00:00Z", "magic": "", "version": "" },
    "resources": [
      { "urn": "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev", "custom": false, "type": "pulumi:pulumi:Stack" },
      { "urn": "urn:pulumi:dev::demo::pulumi:providers:slow::default", "custom": true, "type": "pulumi:providers:slow", "id": "1" },
      {
        "urn": "urn:pulumi:dev::demo::slow:index:Thing::thing", "custom": true, "type": "slow:index:Thing", "id": "thing",
        "parent": "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev",
        "provider": "urn:pulumi:dev::demo::pulumi:providers:slow::default::1"
      }
    ]
  }
}
JSON
quietly import.log pulumi stack import --file deployment.json

# shellcheck disable=SC2329 # at_exit runs it
end_plugins() {
  local pid
  for pid in $(pgrep --full "^$plugin "); do kill "$pid"; done
}
at_exit end_plugins

# refresh_into READER...: sets $code, of the CLI, and $plugins.
refresh_into() {
  code=0
  # Only the CLI's own exit code counts.
  { pulumi refresh --preview-only --non-interactive 2>&1 || echo $? >code; } | "$@" >output
  code=$(cat code 2>/dev/null || echo 0)
  sleep 20
  plugins=$(pgrep --full --count "^$plugin " || true)
  printf 'pulumi refresh --preview-only | %s: exit code %s, plugins after 20 s: %s\n' "$*" "$code" "$plugins"
}

refresh_into cat
[[ $code/$plugins == 0/0 ]] || changed "a CLI whose output is read leaves plugins, or fails: $(tail -n 3 output)"
refresh_into grep --max-count=1 thing
[[ $code/$plugins == 141/1 ]] || changed "the CLI or its plugin ends in another way"
confirmed "the plugin outlives a CLI that died of SIGPIPE"
