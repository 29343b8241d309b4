package remote

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"

	"benchbox/plugins/command/internal/output"
	"benchbox/plugins/command/internal/redact"
)

// grace is the time a command has to go after the SIGTERM of a cancelled update.
const grace = 2 * time.Second

// job is one command to run.
type job struct {
	did      string
	command  string
	previous Results
}

// run runs a job on the machine and collects what it wrote. Results of a failed job are empty.
func run(ctx context.Context, work job, inputs CommandInputs) (Results, error) {
	machine, err := inputs.Connection.dial(ctx)
	if err != nil {
		return Results{}, err
	}
	defer machine.Close()
	session, err := machine.NewSession()
	if err != nil {
		return Results{}, fmt.Errorf("%s: no SSH session: %w", work.did, err)
	}
	defer session.Close()
	if err := setEnvironment(ctx, session, work.previous, inputs); err != nil {
		return Results{}, err
	}

	capture := output.NewCapture(inputs.Logging.mode(), p.GetLogger(context.WithoutCancel(ctx)).InfoStatus)
	session.Stdout, session.Stderr = &capture.Out, &capture.Err
	if inputs.Stdin != nil && *inputs.Stdin != "" {
		session.Stdin = strings.NewReader(*inputs.Stdin)
	}
	err = runSession(ctx, machine, session, work.command)
	capture.Flush()
	if err != nil {
		secrets := inputs.secrets()
		return Results{}, &output.Failure{
			Did: work.did, Cause: cleanCause(err, &secrets), Stderr: capture.Err.Tail(secrets.Clean),
		}
	}
	return Results{Stdout: capture.Out.Value(), Stderr: capture.Err.Value()}, nil
}

// runSession ends the connection when the context ends, after a request to end the command: without one it would go on
// alone on its machine. OpenSSH ignores the request in sessions of root.
func runSession(ctx context.Context, machine *client, session *ssh.Session, command string) error {
	ended := make(chan error, 1)
	go func() { ended <- session.Run(command) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	_ = session.Signal(ssh.SIGTERM)
	select {
	case <-ended:
	case <-time.After(grace):
		_ = machine.Close()
		<-ended
	}
	return fmt.Errorf("cancelled: %w", context.Cause(ctx))
}

func setEnvironment(ctx context.Context, session *ssh.Session, previous Results, inputs CommandInputs) error {
	for _, name := range slices.Sorted(maps.Keys(inputs.Environment)) {
		if err := session.Setenv(name, inputs.Environment[name]); err != nil {
			return fmt.Errorf("environment variable %q was refused by the SSH server (%w): allow it with AcceptEnv in its "+
				"sshd_config, or pass the value through stdin", name, err)
		}
	}
	if !orDefault(inputs.AddPreviousOutputInEnv, true) {
		return nil
	}
	for name, value := range map[string]string{
		"PULUMI_COMMAND_STDOUT": previous.Stdout, "PULUMI_COMMAND_STDERR": previous.Stderr,
	} {
		if value == "" {
			continue
		}
		if err := session.Setenv(name, value); err != nil {
			p.GetLogger(ctx).Warningf("%s was refused by the SSH server, so the command goes without it: allow it with "+
				"AcceptEnv in its sshd_config, or set addPreviousOutputInEnv to false", name)
		}
	}
	return nil
}

func (c CommandInputs) secrets() redact.Secrets {
	secrets := c.Connection.secrets()
	secrets.AddPointers(c.Stdin)
	for _, value := range c.Environment {
		secrets.Add(value)
	}
	return secrets
}

// cleanCause keeps an exit status as it is, in the words of a shell.
func cleanCause(err error, secrets *redact.Secrets) error {
	var exit *ssh.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("%s", secrets.Clean(err.Error()))
	}
	if exit.Signal() != "" {
		return fmt.Errorf("signal %s", exit.Signal())
	}
	return fmt.Errorf("exit status %d", exit.ExitStatus())
}
