package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"slices"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// unservedJSON lists the resources that @pulumi/command has and this provider does not.
//
//go:embed unserved.json
var unservedJSON []byte

func unserved() (tokens []string) {
	if err := json.Unmarshal(unservedJSON, &tokens); err != nil {
		panic(err)
	}
	return tokens
}

// refuseUnserved answers for what is not served with how to get the provider that serves it. The Pulumi engine's first call
// for a resource is Check when a program declares it, Read when it is refreshed or imported, Delete when only the state
// still has it.
func refuseUnserved(provider p.Provider) p.Provider {
	tokens := unserved()
	refuse := func(urn resource.URN) error {
		token := urn.Type().String()
		if !slices.Contains(tokens, token) {
			return nil
		}
		return status.Errorf(codes.Unimplemented, "%s is not served by this build of the command provider\n"+
			"  Fix: install the official provider, where Pulumi's releases are reachable: "+
			"bin/pulumi plugin rm --yes resource command %s; BENCHBOX_OFFICIAL=auto npm run setup", token, version)
	}
	check, read, del := provider.Check, provider.Read, provider.Delete
	provider.Check = func(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
		if err := refuse(req.Urn); err != nil {
			return p.CheckResponse{}, err
		}
		return check(ctx, req)
	}
	provider.Read = func(ctx context.Context, req p.ReadRequest) (p.ReadResponse, error) {
		if err := refuse(req.Urn); err != nil {
			return p.ReadResponse{}, err
		}
		return read(ctx, req)
	}
	provider.Delete = func(ctx context.Context, req p.DeleteRequest) error {
		if err := refuse(req.Urn); err != nil {
			return err
		}
		return del(ctx, req)
	}
	return provider
}
