package api

type (
	Config struct {
		Clusters       map[string]*Cluster
		AuthInfos      map[string]*AuthInfo
		Contexts       map[string]*Context
		CurrentContext string
	}
	Cluster struct {
		Server, ProxyURL         string
		InsecureSkipTLSVerify    bool
		CertificateAuthorityData []byte
	}
	AuthInfo struct {
		Username, Password, Token            string
		ClientCertificateData, ClientKeyData []byte
		AuthProvider                         *AuthProviderConfig
		Exec                                 *ExecConfig
	}
	Context            struct{ Cluster, AuthInfo, Namespace string }
	AuthProviderConfig struct{}
	ExecConfig         struct{}
)

func NewConfig() *Config {
	return &Config{Clusters: map[string]*Cluster{}, AuthInfos: map[string]*AuthInfo{}, Contexts: map[string]*Context{}}
}

func NewCluster() *Cluster { return &Cluster{} }

func NewAuthInfo() *AuthInfo { return &AuthInfo{} }

func NewContext() *Context { return &Context{} }
