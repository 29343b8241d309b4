// pulumi-resource-docker serves the resources of @pulumi/docker over the Terraform bridge.
package main

import (
	"context"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// version is set by the build: the release of @pulumi/docker that this plugin stands in for.
var version = "0.0.0-dev"

func main() {
	ctx := context.Background()
	info := providerInfo()
	info.P.InitLogging(ctx)
	err := provider.Main(name, func(host *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		return newServer(tfbridge.NewProvider(ctx, host, name, version, info.P, info, schemaJSON))
	})
	if err != nil {
		cmdutil.ExitError(err.Error())
	}
}
