package main

import (
	"context"
	_ "embed"
	"runtime"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	bridgetokens "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

const (
	name   = "docker"
	module = "index"
)

// schemaJSON is what the bridge makes of providerInfo. Renew it in this folder by
//
//	go test -tags no_compose -run Schema . -update && npx biome format --write schema.json
//
//go:embed schema.json
var schemaJSON []byte

// providerInfo maps the upstream provider to what @pulumi/docker says of it. Only what the bridge's own rules would get
// wrong stands here; tests/plugins holds the result to the SDK.
func providerInfo() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:       shimv2.NewProvider(shim.NewProvider(version)),
		Name:    name,
		Version: version,
		Config: map[string]*tfbridge.SchemaInfo{
			"host":          {Default: &tfbridge.DefaultInfo{EnvVars: []string{"DOCKER_HOST"}, ComputeDefault: localEngine}},
			"registry_auth": unchanged("registryAuth"),
		},
		Resources: map[string]*tfbridge.ResourceInfo{
			"docker_config": {Tok: tokens.Type(token("ServiceConfig"))},
			"docker_container": {
				// The name and the published ports of a container can be had once only.
				DeleteBeforeReplace: true,
				Fields: map[string]*tfbridge.SchemaInfo{
					"command":           unchanged("command"),
					"networks_advanced": unchanged("networksAdvanced"),
				},
			},
			"docker_image": {
				Tok: tokens.Type(token("RemoteImage")),
				// Named, so that it is not an automatic name: it is the image to pull.
				Fields: map[string]*tfbridge.SchemaInfo{"name": unchanged("name")},
			},
		},
		DataSources: map[string]*tfbridge.DataSourceInfo{
			"docker_image": {Tok: tokens.ModuleMember(token("getRemoteImage"))},
		},
	}
	info.MustComputeTokens(bridgetokens.SingleModule("docker_", module, bridgetokens.MakeStandard(name)))
	info.SetAutonaming(255, "-")
	return info
}

// token is the full name of a resource or function, "docker:index/remoteImage:RemoteImage".
func token(member string) string {
	t, err := bridgetokens.MakeStandard(name)(module, member)
	if err != nil {
		panic(err)
	}
	return t
}

// unchanged keeps a property's name in the singular, where the bridge would put a list's into the plural.
func unchanged(property string) *tfbridge.SchemaInfo {
	return &tfbridge.SchemaInfo{Name: property}
}

// localEngine is where Docker listens when nothing says otherwise.
func localEngine(context.Context, tfbridge.ComputeDefaultOptions) (any, error) {
	if runtime.GOOS == "windows" {
		return "npipe:////./pipe/docker_engine", nil
	}
	return "unix:///var/run/docker.sock", nil
}
