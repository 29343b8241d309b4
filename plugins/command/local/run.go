package local

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// Run is the function command:local:run.
type Run struct{}

// Annotate describes the function.
func (r *Run) Annotate(a infer.Annotator) {
	a.Describe(&r, "Runs a command of this machine each time the program runs, in previews as well.")
}

// RunInputs are the arguments of Run.
type RunInputs struct {
	Settings

	Command string `pulumi:"command"`
}

// Annotate describes the arguments.
func (r *RunInputs) Annotate(a infer.Annotator) {
	a.Describe(&r.Command, "The command.")
}

// RunOutputs are the arguments and the results.
type RunOutputs struct {
	RunInputs
	Results
}

// Invoke runs the command.
func (*Run) Invoke(
	ctx context.Context, req infer.FunctionRequest[RunInputs],
) (infer.FunctionResponse[RunOutputs], error) {
	results, err := run(ctx, job{did: "local run command", command: req.Input.Command}, req.Input.Settings)
	return infer.FunctionResponse[RunOutputs]{Output: RunOutputs{RunInputs: req.Input, Results: results}}, err
}
