package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"

	"benchbox/plugins/command/internal/output"
	"benchbox/plugins/command/internal/redact"
)

// job is one command to run.
type job struct {
	did      string
	command  string
	previous *Results
}

// run runs a job to its end and collects what it left. Results of a failed job are empty.
func run(ctx context.Context, work job, settings Settings) (Results, error) {
	capture := output.NewCapture(settings.Logging.mode(), showIn(ctx))
	cmd, err := newProcess(work, settings)
	if err != nil {
		return Results{}, err
	}
	cmd.Stdout, cmd.Stderr = &capture.Out, &capture.Err

	err = runGroup(ctx, cmd)
	capture.Flush()
	if err != nil {
		secrets := settings.secrets()
		return Results{}, &output.Failure{
			Did: work.did, Cause: cleanCause(ctx, err, &secrets), Stderr: capture.Err.Tail(secrets.Clean),
		}
	}

	results := Results{Stdout: capture.Out.Value(), Stderr: capture.Err.Value()}
	if results.Assets, err = findAssets(cmd.Dir, settings.AssetPaths); err != nil {
		return Results{}, fmt.Errorf("assetPaths: %w", err)
	}
	if results.Archive, err = findArchive(cmd.Dir, settings.ArchivePaths); err != nil {
		return Results{}, fmt.Errorf("archivePaths: %w", err)
	}
	return results, nil
}

func newProcess(work job, settings Settings) (*exec.Cmd, error) {
	args := []string{"/bin/sh", "-c"}
	if settings.Interpreter != nil && len(*settings.Interpreter) > 0 {
		args = append([]string{}, *settings.Interpreter...)
	}
	args = append(args, work.command)

	cmd := exec.Command(args[0], args[1:]...)
	var err error
	if cmd.Dir, err = workingDir(settings.Dir); err != nil {
		return nil, err
	}
	cmd.Env = environment(work.previous, settings)
	if settings.Stdin != nil && *settings.Stdin != "" {
		cmd.Stdin = strings.NewReader(*settings.Stdin)
	}
	return cmd, nil
}

func workingDir(dir *string) (string, error) {
	if dir != nil {
		return *dir, nil
	}
	return os.Getwd()
}

// environment is the plugin's own with the additions; a later entry wins.
func environment(previous *Results, settings Settings) []string {
	env := os.Environ()
	if settings.Environment != nil {
		for name, value := range *settings.Environment {
			env = append(env, name+"="+value)
		}
	}
	wanted := settings.AddPreviousOutputInEnv == nil || *settings.AddPreviousOutputInEnv
	if previous != nil && wanted {
		if previous.Stdout != "" {
			env = append(env, "PULUMI_COMMAND_STDOUT="+previous.Stdout)
		}
		if previous.Stderr != "" {
			env = append(env, "PULUMI_COMMAND_STDERR="+previous.Stderr)
		}
	}
	return env
}

func (s Settings) secrets() (secrets redact.Secrets) {
	secrets.AddPointers(s.Stdin)
	if s.Environment != nil {
		for _, value := range *s.Environment {
			secrets.Add(value)
		}
	}
	return secrets
}

// cleanCause keeps an exit status as it is; other errors may quote paths that hold a secret.
func cleanCause(ctx context.Context, err error, secrets *redact.Secrets) error {
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("cancelled: %w", context.Cause(ctx))
	case errors.As(err, &exit):
		return err
	default:
		return errors.New(secrets.Clean(err.Error()))
	}
}

// showIn outlives a cancelled context: the last lines of a command that was stopped are the ones to see.
func showIn(ctx context.Context) func(line string) {
	return p.GetLogger(context.WithoutCancel(ctx)).InfoStatus
}
