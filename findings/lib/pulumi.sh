# shellcheck shell=bash
# The Pulumi CLI, with a home and a state of its own.

: "${work:?source finding.sh first}"

readonly pulumi_version=3.276.0

# install_pulumi: puts pulumi on PATH: the one that is there when it has this version, else one that Go builds from its public module
# (3 minutes the first time). Its state is in $work/state.
install_pulumi() {
  # What a user or a project sets must not change the result.
  unset "${!PULUMI_@}"
  export PULUMI_HOME=$work/home PULUMI_BACKEND_URL=file://$work/state PULUMI_CONFIG_PASSPHRASE=demo PULUMI_SKIP_UPDATE_CHECK=true
  mkdir --parents "$work/state"
  if [[ $(pulumi version 2>/dev/null) == "v$pulumi_version" ]]; then return; fi
  require go
  mkdir --parents "$work/cli" "$work/bin"
  cat >"$work/cli/go.mod" <<MODULE
module cli

go 1.26.6

require (
	github.com/pulumi/pulumi/pkg/v3 v$pulumi_version
	github.com/pulumi/pulumi/sdk/v3 v$pulumi_version
)

replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e
MODULE
  CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=mod quietly go-build.log go -C "$work/cli" build -trimpath -buildvcs=false \
    -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$pulumi_version" \
    -o "$work/bin/pulumi" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
  PATH=$work/bin:$PATH
}
