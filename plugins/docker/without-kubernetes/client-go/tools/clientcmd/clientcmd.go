package clientcmd

import (
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"
)

type (
	ClientConfig interface {
		ClientConfig() (*rest.Config, error)
		Namespace() (string, bool, error)
	}
	ConfigOverrides struct {
		CurrentContext string
		Context        api.Context
	}
	ClientConfigLoadingRules struct {
		ExplicitPath string
		Precedence   []string
	}
	noConfig struct{}
)

func (noConfig) ClientConfig() (*rest.Config, error) { return nil, rest.ErrNoKubernetes }

func (noConfig) Namespace() (string, bool, error) { return "", false, rest.ErrNoKubernetes }

func (*ClientConfigLoadingRules) Load() (*api.Config, error) { return nil, rest.ErrNoKubernetes }

func NewDefaultClientConfigLoadingRules() *ClientConfigLoadingRules {
	return &ClientConfigLoadingRules{}
}

func NewDefaultClientConfig(api.Config, *ConfigOverrides) ClientConfig { return noConfig{} }

func NewNonInteractiveDeferredLoadingClientConfig(*ClientConfigLoadingRules, *ConfigOverrides) ClientConfig {
	return noConfig{}
}
