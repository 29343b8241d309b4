package remote

import (
	"context"
	"errors"
	"fmt"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"
)

// The pauses between attempts grow by half each time. Programs count on them: a dialErrorLimit of 10 waits for about
// 11 seconds in all, 20 for about a minute.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

func pauseAfter(failures int) time.Duration {
	pause := firstPause
	for range failures - 1 {
		if pause = pause * 3 / 2; pause >= longestPause {
			return longestPause
		}
	}
	return pause
}

// repeat tries until it works, for a machine that is still starting up. The limit is the number of failures that are
// forgiven; below zero there is none.
func repeat[T any](ctx context.Context, what string, limit int, try func() (T, error)) (T, error) {
	var nothing T
	for failures := 1; ; failures++ {
		result, err := try()
		switch {
		case err == nil:
			return result, nil
		case ctx.Err() != nil:
			return nothing, context.Cause(ctx)
		case isFinal(err):
			return nothing, err
		case limit >= 0 && failures > limit:
			return nothing, fmt.Errorf("after %d failed attempts: %w", failures, err)
		}

		of := "any number"
		if limit >= 0 {
			of = fmt.Sprint(limit)
		}
		p.GetLogger(ctx).InfoStatusf("%s: failure %d of %s, trying again: %v", what, failures, of, err)
		select {
		case <-time.After(pauseAfter(failures)):
		case <-ctx.Done():
			return nothing, context.Cause(ctx)
		}
	}
}

// isFinal tells what time does not heal. A refused login is not in it: the account may still be in the making.
func isFinal(err error) bool {
	var wrongMachine *hostKeyError
	var noCommonWay *ssh.AlgorithmNegotiationError
	return errors.As(err, &wrongMachine) || errors.As(err, &noCommonWay)
}
