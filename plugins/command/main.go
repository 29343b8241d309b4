// Command pulumi-resource-command is a Pulumi resource plugin that runs commands on this host.
// It serves local.Command and local.run of the command provider 1.2.1 for hosts that cannot download that one.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// version is what the engine is told; a build may set another with -ldflags "-X main.version=...".
var version = "1.2.1"

func main() {
	plain := strings.TrimPrefix(version, "v")
	if slices.Contains(os.Args[1:], "--version") || slices.Contains(os.Args[1:], "-version") {
		fmt.Println(plain)
		return
	}
	provider := newProvider()

	// A command runs in a process group of its own, so a signal to the plugin does not reach it: pass it on.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { _ = provider.Cancel(context.Background()) })

	if err := provider.Run(ctx, "command", plain); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-command:", err)
		os.Exit(1)
	}
}
