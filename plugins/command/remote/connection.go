package remote

import (
	"net"
	"strconv"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"

	"benchbox/plugins/command/internal/redact"
)

const (
	defaultUser           = "root"
	defaultPort           = 22
	defaultDialErrorLimit = 10
	defaultPerDialTimeout = 15
)

// Endpoint is a machine to log in to.
type Endpoint struct {
	User               *string  `pulumi:"user,optional"`
	Password           *string  `pulumi:"password,optional" provider:"secret"`
	Host               *string  `pulumi:"host"`
	Port               *float64 `pulumi:"port,optional"`
	PrivateKey         *string  `pulumi:"privateKey,optional" provider:"secret"`
	PrivateKeyPassword *string  `pulumi:"privateKeyPassword,optional" provider:"secret"`
	AgentSocketPath    *string  `pulumi:"agentSocketPath,optional"`
	DialErrorLimit     *int     `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int     `pulumi:"perDialTimeout,optional"`
	HostKey            *string  `pulumi:"hostKey,optional"`
}

// Annotate describes the fields and sets the defaults.
func (e *Endpoint) Annotate(a infer.Annotator) {
	a.Describe(&e.User, "User to log in as.")
	a.SetDefault(&e.User, defaultUser)
	a.Describe(&e.Password, "Password, tried after the keys.")
	a.Describe(&e.Host, "Name or address of the machine.")
	a.Describe(&e.Port, "Port of its SSH server.")
	a.SetDefault(&e.Port, defaultPort)
	a.Describe(&e.PrivateKey, "Text of a private key.")
	a.Describe(&e.PrivateKeyPassword, "Password of the private key.")
	a.Describe(&e.AgentSocketPath, "Socket of an SSH agent. SSH_AUTH_SOCK when unset and no private key is given.")
	a.Describe(&e.DialErrorLimit, "How many attempts to connect may fail and be repeated. -1: any number.")
	a.SetDefault(&e.DialErrorLimit, defaultDialErrorLimit)
	a.Describe(&e.PerDialTimeout, "Seconds an attempt to connect may take. 0: any time.")
	a.SetDefault(&e.PerDialTimeout, defaultPerDialTimeout)
	a.Describe(&e.HostKey, "Public key the machine has to show, as in authorized_keys. Any key will do when unset.")
}

// Connection is a machine and how to reach it.
type Connection struct {
	Endpoint

	Proxy *ProxyConnection `pulumi:"proxy,optional"`
}

// Annotate describes the type.
func (c *Connection) Annotate(a infer.Annotator) {
	a.Describe(&c, "How to reach a machine over SSH.")
	a.Describe(&c.Proxy, "A jump host to go through.")
}

// ProxyConnection is a jump host.
type ProxyConnection struct {
	Endpoint
}

// Annotate describes the type.
func (c *ProxyConnection) Annotate(a infer.Annotator) {
	a.Describe(&c, "How to reach a jump host over SSH.")
}

// The defaults are filled in when inputs are checked. A state of another version may lack them all the same.

func orDefault[T any](value *T, fallback T) T {
	if value == nil {
		return fallback
	}
	return *value
}

func (e *Endpoint) address() string {
	return net.JoinHostPort(orDefault(e.Host, ""), strconv.Itoa(int(orDefault(e.Port, defaultPort))))
}

func (e *Endpoint) attemptTimeout() time.Duration {
	return time.Duration(orDefault(e.PerDialTimeout, defaultPerDialTimeout)) * time.Second
}

func (c *Connection) secrets() (secrets redact.Secrets) {
	secrets.AddPointers(c.Password, c.PrivateKey, c.PrivateKeyPassword)
	if c.Proxy != nil {
		secrets.AddPointers(c.Proxy.Password, c.Proxy.PrivateKey, c.Proxy.PrivateKeyPassword)
	}
	return secrets
}
