package rest

import (
	"errors"
	"net/http"
	"net/url"

	"k8s.io/client-go/tools/clientcmd/api"
)

// ErrNoKubernetes is the answer to everything that would need a cluster.
var ErrNoKubernetes = errors.New("this build of the docker provider has no Kubernetes client: use a builder with another driver")

func InClusterConfig() (*Config, error) { return nil, ErrNoKubernetes }

type Config struct {
	Host, Username, Password, BearerToken string
	TLSClientConfig
	AuthProvider *api.AuthProviderConfig
	ExecProvider *api.ExecConfig
	Proxy        func(*http.Request) (*url.URL, error)
}

type TLSClientConfig struct {
	Insecure                  bool
	CAFile, CertFile, KeyFile string
	CAData, CertData, KeyData []byte
}

type Interface interface{ Post() *Request }

type Request struct{}

func (r *Request) Namespace(string) *Request         { return r }
func (r *Request) Resource(string) *Request          { return r }
func (r *Request) Name(string) *Request              { return r }
func (r *Request) SubResource(...string) *Request    { return r }
func (r *Request) VersionedParams(any, any) *Request { return r }
func (r *Request) URL() *url.URL                     { return &url.URL{} }
