package local

import (
	"github.com/pulumi/pulumi-go-provider/infer"

	"benchbox/plugins/command/internal/output"
)

// Logging chooses the streams that are shown while a command runs.
type Logging string

// Values makes Logging an enum of the schema.
func (Logging) Values() []infer.EnumValue[Logging] {
	return []infer.EnumValue[Logging]{
		{Name: output.Stdout, Value: output.Stdout, Description: "Show stdout only."},
		{Name: output.Stderr, Value: output.Stderr, Description: "Show stderr only."},
		{Name: output.StdoutAndStderr, Value: output.StdoutAndStderr, Description: "Show both streams."},
		{Name: output.None, Value: output.None, Description: "Show nothing."},
	}
}

func (l *Logging) mode() string {
	if l == nil {
		return ""
	}
	return string(*l)
}
