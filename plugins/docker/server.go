package main

import (
	"context"
	_ "embed"
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// unservedJSON is the one list of what @pulumi/docker has and this plugin has not, each with what to do instead.
//
//go:embed unserved.json
var unservedJSON []byte

// server is the bridged provider, with a plain answer to what is not served. The engine's first call for a resource is
// Check when a program declares it, Read when it is refreshed or imported, Delete when only the state still has it.
type server struct {
	pulumirpc.ResourceProviderServer
	unserved map[string]string
}

func newServer(bridged pulumirpc.ResourceProviderServer) (*server, error) {
	s := &server{ResourceProviderServer: bridged}
	return s, json.Unmarshal(unservedJSON, &s.unserved)
}

func (s *server) Check(ctx context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	if err := s.refuse(request.GetUrn()); err != nil {
		return nil, err
	}
	return s.ResourceProviderServer.Check(ctx, request)
}

func (s *server) Read(ctx context.Context, request *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	if err := s.refuse(request.GetUrn()); err != nil {
		return nil, err
	}
	return s.ResourceProviderServer.Read(ctx, request)
}

func (s *server) Delete(ctx context.Context, request *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	if err := s.refuse(request.GetUrn()); err != nil {
		return nil, err
	}
	return s.ResourceProviderServer.Delete(ctx, request)
}

// refuse is the error for a resource that is not served, nil for any other.
func (s *server) refuse(urn string) error {
	token := resource.URN(urn).Type().String()
	advice, unserved := s.unserved[token]
	if !unserved {
		return nil
	}
	return status.Errorf(codes.Unimplemented, "%s is not served by this build of the docker plugin: %s", token, advice)
}
