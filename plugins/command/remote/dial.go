package remote

import (
	"context"
	"errors"
	"fmt"
	"net"

	"golang.org/x/crypto/ssh"
)

// dialer opens a network connection: from here, or from a jump host.
type dialer func(ctx context.Context, address string) (net.Conn, error)

// client is a connection to a machine and to the jump host in front of it.
type client struct {
	*ssh.Client
	proxy *ssh.Client
}

// Close ends both connections.
func (c *client) Close() error {
	err := c.Client.Close()
	if c.proxy != nil {
		err = errors.Join(err, c.proxy.Close())
	}
	return err
}

// dial logs in to the machine. The caller closes the client.
func (c *Connection) dial(ctx context.Context) (*client, error) {
	if c == nil {
		return nil, errors.New("connection is missing")
	}
	direct := func(ctx context.Context, address string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	if c.Proxy == nil {
		machine, err := logIn(ctx, &c.Endpoint, "Dial", direct)
		if err != nil {
			return nil, err
		}
		return &client{Client: machine}, nil
	}

	proxy, err := logIn(ctx, &c.Proxy.Endpoint, "Dial proxy", direct)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	machine, err := logIn(ctx, &c.Endpoint, "Dial from proxy", func(ctx context.Context, address string) (net.Conn, error) {
		return proxy.DialContext(ctx, "tcp", address)
	})
	if err != nil {
		_ = proxy.Close()
		return nil, fmt.Errorf("through the proxy: %w", err)
	}
	return &client{Client: machine, proxy: proxy}, nil
}

func logIn(ctx context.Context, e *Endpoint, what string, open dialer) (*ssh.Client, error) {
	with, err := newLogin(ctx, e)
	if err != nil {
		return nil, err
	}
	defer with.close()
	limit := orDefault(e.DialErrorLimit, defaultDialErrorLimit)
	return repeat(ctx, what, limit, func() (*ssh.Client, error) {
		return attempt(ctx, e, with, open)
	})
}

// attempt connects and shakes hands once. The time limit holds for both: a server that accepts and then says nothing
// would otherwise be waited for for ever.
func attempt(ctx context.Context, e *Endpoint, with *login, open dialer) (*ssh.Client, error) {
	if limit := e.attemptTimeout(); limit > 0 {
		late := fmt.Errorf("no SSH login at %s within %s (perDialTimeout)", e.address(), limit)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, late)
		defer cancel()
	}
	conn, err := open(ctx, e.address())
	if err != nil {
		return nil, causeOr(ctx, err)
	}
	// The connection through a jump host knows no deadlines, so it is closed instead.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	sshConn, channels, requests, err := ssh.NewClientConn(conn, e.address(), &with.ClientConfig)
	if !stop() && err == nil {
		_ = sshConn.Close()
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, causeOr(ctx, fmt.Errorf("SSH login as %s at %s: %w", with.User, e.address(), err))
	}
	return ssh.NewClient(sshConn, channels, requests), nil
}

// causeOr prefers why the context ended to what broke because it ended.
func causeOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
