package main

import (
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/middleware/schema"

	"benchbox/plugins/command/local"
)

// newProvider puts the resources and the function together. Their tokens come from the package and type names.
func newProvider() p.Provider {
	return refuseUnserved(local.RestoreFiles(infer.Provider(infer.Options{
		Metadata: schema.Metadata{
			DisplayName: "Command",
			Description: "Runs commands on this host.",
		},
		Resources: []infer.InferredResource{
			infer.Resource(&local.Command{}),
		},
		Functions: []infer.InferredFunction{
			infer.Function(&local.Run{}),
		},
	})))
}
