package main

import (
	"context"
	"os"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/terraform-providers/terraform-provider-docker/shim"

	"github.com/hashicorp/terraform-plugin-sdk/v2/terraform"
)

// answering is a bridged provider that has an answer to everything.
type answering struct {
	pulumirpc.UnimplementedResourceProviderServer
}

func (answering) Check(context.Context, *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{}, nil
}

func TestADockerImageIsRefusedWithWhatToUseInstead(t *testing.T) {
	s, err := newServer(answering{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, urn := context.Background(), "urn:pulumi:stack::project::docker:index/image:Image::mine"
	_, checked := s.Check(ctx, &pulumirpc.CheckRequest{Urn: urn})
	_, read := s.Read(ctx, &pulumirpc.ReadRequest{Urn: urn})
	_, deleted := s.Delete(ctx, &pulumirpc.DeleteRequest{Urn: urn})
	for call, err := range map[string]error{"Check": checked, "Read": read, "Delete": deleted} {
		if err == nil || !strings.Contains(err.Error(), "docker.RemoteImage") {
			t.Errorf("%s of a docker.Image: %v", call, err)
		}
	}
}

func TestEveryOtherResourceIsLeftToTheBridge(t *testing.T) {
	s, err := newServer(answering{})
	if err != nil {
		t.Fatal(err)
	}
	urn := "urn:pulumi:stack::project::docker:index/container:Container::mine"
	if _, err := s.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn}); err != nil {
		t.Error(err)
	}
}

func TestDockerHostBecomesTheEngineThatWasConfigured(t *testing.T) {
	for _, host := range []string{"unix:///run/other.sock", "tcp://192.0.2.1:2375", "ssh://user@192.0.2.1"} {
		t.Run(host, func(t *testing.T) {
			t.Setenv("DOCKER_HOST", "unix:///run/from-the-environment.sock")
			t.Setenv("DOCKER_CONTEXT", "")
			diags := shim.NewProvider(version).Configure(context.Background(),
				terraform.NewResourceConfigRaw(map[string]any{"host": host}))
			if diags.HasError() {
				t.Fatal(diags)
			}
			if found := os.Getenv("DOCKER_HOST"); found != host {
				t.Errorf("DOCKER_HOST is %q, not %q", found, host)
			}
		})
	}
}
