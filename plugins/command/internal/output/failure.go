package output

import "fmt"

// Failure is a command that did not end well. Its text names what happened and the end of stderr, never the command,
// its input or its environment: those carry secrets, and an engine prints errors into logs.
type Failure struct {
	// Did says what was run, as in "local create command".
	Did string
	// Cause is the exit status or what kept the command from running.
	Cause error
	// Stderr is the tail, already clean.
	Stderr string
}

func (f *Failure) Error() string {
	if f.Stderr == "" {
		return fmt.Sprintf("%s failed: %v; it wrote nothing to stderr", f.Did, f.Cause)
	}
	return fmt.Sprintf("%s failed: %v; the end of its stderr:\n%s", f.Did, f.Cause, f.Stderr)
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Cause }
