package local

import (
	"context"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// grace is the time a cancelled command has to clean up after SIGTERM; the engine waits for us meanwhile.
const grace = 3 * time.Second

// runGroup runs a command in a process group of its own and ends the whole group when the context ends: the shell
// alone would leave its children running.
func runGroup(ctx context.Context, cmd *exec.Cmd) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// The kernel takes the death of the thread that started a child for the death of the parent.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	cmd.SysProcAttr = ownGroup()
	if err := cmd.Start(); err != nil {
		return err
	}
	group := -cmd.Process.Pid

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}

	_ = syscall.Kill(group, syscall.SIGTERM)
	select {
	case err := <-ended:
		ended <- err
	case <-time.After(grace):
	}
	// Also after a shell that went at once: what it started may have stayed. Errors mean nobody is left.
	_ = syscall.Kill(group, syscall.SIGKILL)
	select {
	case <-ended:
	case <-time.After(time.Second):
		// Something that left the group holds on to the pipes. It is not ours any more.
	}
	return ctx.Err()
}
