package redact

import "testing"

func TestClean(t *testing.T) {
	cases := []struct{ name, secret, text, want string }{
		{"a value inside a word goes", "hunter2", "xhunter2x", "x[redacted]x"},
		{"a short value goes as a word", "ab", "pw=ab; ab ab", "pw=[redacted]; [redacted] [redacted]"},
		{"a short value stays inside a word", "ab", "cable", "cable"},
		{"one line of many goes", "first line\nsecond line\n", "sh: second line: not found", "sh: [redacted]: not found"},
		{"an assigned value goes", "TOKEN='t0ps3cret'\n", "+ echo t0ps3cret", "+ echo [redacted]"},
		{"the longer secret goes first", "pass\npass-phrase", "pass-phrase", "[redacted]"},
		{"an empty value changes nothing", "", "text", "text"},
		{"white space alone changes nothing", " \n", "a b", "a b"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var secrets Secrets
			secrets.Add(c.secret)
			if got := secrets.Clean(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
