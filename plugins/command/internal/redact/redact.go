// Package redact takes known secrets out of text that goes into an error.
package redact

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Mark stands where a secret was.
const Mark = "[redacted]"

// shortest is the length from which a value is replaced inside words, too. Below it "1" or "no" would eat half the text.
const shortest = 4

// Secrets replaces the values it was given.
type Secrets struct {
	values []string
}

// Add takes in a value as it is, each of its lines, and what follows a "=" in a line: an interpreter that traces or
// complains repeats one line of its input, or one assignment, seldom the whole.
func (s *Secrets) Add(values ...string) {
	for _, value := range values {
		s.add(value)
		for line := range strings.Lines(value) {
			s.add(line)
			if _, assigned, ok := strings.Cut(line, "="); ok {
				s.add(strings.Trim(strings.TrimSpace(assigned), `"'`))
			}
		}
	}
}

// AddPointers is Add for optional values.
func (s *Secrets) AddPointers(values ...*string) {
	for _, value := range values {
		if value != nil {
			s.Add(*value)
		}
	}
}

func (s *Secrets) add(value string) {
	if value = strings.TrimSpace(value); value != "" {
		s.values = append(s.values, value)
	}
}

// Clean returns the text without the secrets.
func (s *Secrets) Clean(text string) string {
	// Longest first: a short secret inside a long one would otherwise leave the rest of the long one standing.
	values := slices.SortedFunc(slices.Values(s.values), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, value := range slices.Compact(values) {
		if len(value) >= shortest {
			text = strings.ReplaceAll(text, value, Mark)
			continue
		}
		word := regexp.MustCompile(`(^|[^\pL\pN_])` + regexp.QuoteMeta(value) + `($|[^\pL\pN_])`)
		// Twice, because two neighbours share the character between them.
		for range 2 {
			text = word.ReplaceAllString(text, "${1}"+Mark+"${2}")
		}
	}
	return text
}
