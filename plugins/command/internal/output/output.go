// Package output keeps what a command writes, shows it while it runs, and says how it failed.
package output

import (
	"bytes"
	"strings"
	"sync"
)

// Where the lines of a running command are shown.
const (
	Stdout          = "stdout"
	Stderr          = "stderr"
	StdoutAndStderr = "stdoutAndStderr"
	None            = "none"
)

// longestLine is how much of a line without an end is kept back before it is shown in parts.
const longestLine = 16 << 10

// tailBytes and tailLines bound the part of stderr that goes into an error.
const (
	tailBytes = 4 << 10
	tailLines = 30
)

// Capture is the pair of streams of one command.
type Capture struct {
	Out, Err Stream
}

// NewCapture shows whole lines of the streams that mode names; no mode means both.
func NewCapture(mode string, show func(line string)) *Capture {
	capture := &Capture{}
	if mode == "" || mode == Stdout || mode == StdoutAndStderr {
		capture.Out.show = show
	}
	if mode == "" || mode == Stderr || mode == StdoutAndStderr {
		capture.Err.show = show
	}
	return capture
}

// Flush shows last lines that have no newline at their end.
func (c *Capture) Flush() {
	c.Out.flush()
	c.Err.flush()
}

// Stream is an io.Writer that keeps all it is given. A command that was cancelled may still write while it is read.
type Stream struct {
	mu   sync.Mutex
	kept bytes.Buffer
	line []byte
	show func(line string)
}

// Write never fails.
func (s *Stream) Write(data []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept.Write(data)
	if s.show == nil {
		return len(data), nil
	}
	s.line = append(s.line, data...)
	for {
		end := bytes.IndexByte(s.line, '\n')
		if end < 0 {
			break
		}
		s.show(strings.TrimSuffix(string(s.line[:end]), "\r"))
		s.line = s.line[end+1:]
	}
	if len(s.line) > longestLine {
		s.showRest()
	}
	return len(data), nil
}

func (s *Stream) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.showRest()
}

func (s *Stream) showRest() {
	if s.show != nil && len(s.line) > 0 {
		s.show(string(s.line))
	}
	s.line = nil
}

// Value is the text as a property: all of it, but for one newline at the end.
func (s *Stream) Value() string {
	return strings.TrimSuffix(s.all(), "\n")
}

// Tail is the end of the text, cut after clean has seen the whole of it: half a secret is a leak as well.
func (s *Stream) Tail(clean func(string) string) string {
	text := strings.TrimSpace(strings.ToValidUTF8(clean(s.all()), "?"))
	cut := false
	if len(text) > tailBytes {
		text, cut = strings.ToValidUTF8(text[len(text)-tailBytes:], ""), true
	}
	if lines := strings.Split(text, "\n"); len(lines) > tailLines {
		text, cut = strings.Join(lines[len(lines)-tailLines:], "\n"), true
	}
	if cut {
		return "[...]\n" + text
	}
	return text
}

func (s *Stream) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept.String()
}
