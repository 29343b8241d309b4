# shellcheck shell=bash
# The Terraform provider for Docker, from its public Go module, which @pulumi/docker is built on as well.

: "${work:?source finding.sh first}"

# build_with_provider: builds $work/provider/main.go, which may import the provider's internal packages, as $work/program.
build_with_provider() {
  require go
  # The module's name is that of its former home, and its internal packages can be imported from below it only.
  cat >"$work/provider/go.mod" <<'MODULE'
module github.com/terraform-providers/terraform-provider-docker/finding

go 1.25.11

require (
	github.com/hashicorp/terraform-plugin-sdk/v2 v2.40.1
	github.com/terraform-providers/terraform-provider-docker v0.0.0
)

replace github.com/terraform-providers/terraform-provider-docker => github.com/kreuzwerker/terraform-provider-docker v0.0.0-20260916201441-96d331c98ff4
MODULE
  CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=mod quietly go-build.log go -C "$work/provider" build -trimpath -buildvcs=false \
    -tags no_compose -o "$work/program" .
}
