// Package shim hands out the upstream provider, which lives under internal/.
package shim

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// NewProvider returns the upstream provider; once configured, DOCKER_HOST of this process is the engine that it was
// configured with. Upstream manages containers there, but its image builds follow the environment alone: without
// this an image would silently be built on another engine than the one that is to run it.
func NewProvider(version string) *schema.Provider {
	p := provider.New(version)()
	configure := p.ConfigureContextFunc
	p.ConfigureContextFunc = func(ctx context.Context, data *schema.ResourceData) (any, diag.Diagnostics) {
		meta, diags := configure(ctx, data)
		if diags.HasError() {
			return meta, diags
		}
		config, ok := meta.(*provider.ProviderConfig)
		if !ok {
			return nil, append(diags, diag.FromErr(fmt.Errorf("the upstream provider's configuration is a %T now", meta))...)
		}
		// Not `host`: a docker context, when named, has the last word, and upstream has looked it up.
		if host := config.DefaultConfig.Host; host != "" {
			if err := os.Setenv("DOCKER_HOST", host); err != nil {
				return nil, append(diags, diag.FromErr(err)...)
			}
		}
		return meta, diags
	}
	return p
}
