package output

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func same(text string) string { return text }

func TestEachModeShowsItsStreams(t *testing.T) {
	want := map[string][]string{
		"": {"o", "e"}, Stdout: {"o"}, Stderr: {"e"}, StdoutAndStderr: {"o", "e"}, None: nil,
	}
	for mode, lines := range want {
		var shown []string
		capture := NewCapture(mode, func(line string) { shown = append(shown, line) })
		fmt.Fprintln(&capture.Out, "o")
		fmt.Fprintln(&capture.Err, "e")
		if !slices.Equal(shown, lines) {
			t.Errorf("mode %q showed %q, want %q", mode, shown, lines)
		}
		if capture.Out.Value() != "o" || capture.Err.Value() != "e" {
			t.Errorf("mode %q kept %q and %q", mode, capture.Out.Value(), capture.Err.Value())
		}
	}
}

func TestLinesAreShownWholeAndTheLastOneAtTheEnd(t *testing.T) {
	var shown []string
	capture := NewCapture("", func(line string) { shown = append(shown, line) })
	for _, part := range []string{"on", "e\r\ntwo\nth", "ree"} {
		fmt.Fprint(&capture.Out, part)
	}
	capture.Flush()
	if want := []string{"one", "two", "three"}; !slices.Equal(shown, want) {
		t.Errorf("showed %q, want %q", shown, want)
	}
}

func TestALineWithoutEndIsShownInParts(t *testing.T) {
	parts := 0
	capture := NewCapture("", func(string) { parts++ })
	for range 5 {
		fmt.Fprint(&capture.Out, strings.Repeat("x", longestLine))
	}
	if parts == 0 {
		t.Error("nothing was shown")
	}
}

func TestOnlyOneNewlineIsCutFromAValue(t *testing.T) {
	capture := NewCapture(None, nil)
	fmt.Fprint(&capture.Out, "a\n\n")
	if got := capture.Out.Value(); got != "a\n" {
		t.Errorf("got %q", got)
	}
}

func TestATailIsShortAndCleanedBeforeItIsCut(t *testing.T) {
	capture := NewCapture(None, nil)
	secret := strings.Repeat("s", tailBytes+10)
	fmt.Fprint(&capture.Err, "start ", secret)
	clean := func(text string) string { return strings.ReplaceAll(text, secret, "-") }
	if got := capture.Err.Tail(clean); got != "start -" {
		t.Errorf("got %q", got)
	}
	fmt.Fprint(&capture.Err, strings.Repeat("\nline", 1000))
	if got := capture.Err.Tail(same); strings.Count(got, "\n") != tailLines || !strings.HasPrefix(got, "[...]\n") {
		t.Errorf("tail has %d lines and starts with %.10q", strings.Count(got, "\n"), got)
	}
}

func TestAFailureGivesItsCauseOn(t *testing.T) {
	cause := errors.New("exit status 3")
	err := error(&Failure{Did: "local create command", Cause: cause})
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v", err)
	}
}
