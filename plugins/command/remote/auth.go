package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	p "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// login is a client configuration with what has to be closed once it has been used.
type login struct {
	ssh.ClientConfig
	agent net.Conn
}

func (l *login) close() {
	if l.agent != nil {
		_ = l.agent.Close()
	}
}

// newLogin prepares all that can be wrong without a network.
func newLogin(ctx context.Context, e *Endpoint) (*login, error) {
	if orDefault(e.Host, "") == "" {
		return nil, errors.New("connection: host is missing")
	}
	l := &login{ClientConfig: ssh.ClientConfig{User: orDefault(e.User, defaultUser)}}
	if err := l.expectHostKey(e.HostKey); err != nil {
		return nil, err
	}

	var own []ssh.Signer
	if e.PrivateKey != nil {
		signer, err := parseKey(*e.PrivateKey, e.PrivateKeyPassword)
		if err != nil {
			return nil, err
		}
		own = append(own, signer)
	}
	if err := l.openAgent(ctx, e); err != nil {
		return nil, err
	}
	if len(own) > 0 || l.agent != nil {
		l.Auth = append(l.Auth, ssh.PublicKeysCallback(l.signers(own)))
	}
	if e.Password != nil {
		l.Auth = append(l.Auth, ssh.Password(*e.Password), ssh.KeyboardInteractive(answerAll(*e.Password)))
	}
	return l, nil
}

func parseKey(text string, password *string) (ssh.Signer, error) {
	var signer ssh.Signer
	var err error
	if password != nil {
		signer, err = ssh.ParsePrivateKeyWithPassphrase([]byte(text), []byte(*password))
	} else {
		signer, err = ssh.ParsePrivateKey([]byte(text))
	}
	if err != nil {
		return nil, fmt.Errorf("connection: privateKey cannot be used: %w", err)
	}
	return signer, nil
}

// openAgent asks the agent of the environment only where no key is given: a session's leftover agent must not get in
// the way of a connection that says how to log in.
func (l *login) openAgent(ctx context.Context, e *Endpoint) error {
	socket, explicit := orDefault(e.AgentSocketPath, ""), e.AgentSocketPath != nil
	if !explicit && e.PrivateKey == nil {
		socket = os.Getenv("SSH_AUTH_SOCK")
	}
	if socket == "" {
		return nil
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil && !explicit && e.Password != nil {
		p.GetLogger(ctx).Debugf("going on without the SSH agent of SSH_AUTH_SOCK: %v", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("connection: the SSH agent does not answer: %w", err)
	}
	l.agent = conn
	return nil
}

// signers puts the given key in front of the agent's. They are one method to the SSH client, which tries each method
// once.
func (l *login) signers(own []ssh.Signer) func() ([]ssh.Signer, error) {
	return func() ([]ssh.Signer, error) {
		if l.agent == nil {
			return own, nil
		}
		more, err := agent.NewClient(l.agent).Signers()
		if err != nil {
			return nil, fmt.Errorf("the SSH agent lists no keys: %w", err)
		}
		return append(own, more...), nil
	}
}

func answerAll(password string) ssh.KeyboardInteractiveChallenge {
	return func(_, _ string, questions []string, _ []bool) ([]string, error) {
		answers := make([]string, len(questions))
		for i := range answers {
			answers[i] = password
		}
		return answers, nil
	}
}
