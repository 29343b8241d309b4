// Package remote runs commands on other machines and copies files to them, over SSH.
package remote

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Command is the resource command:remote:Command.
type Command struct{}

// Annotate describes the resource.
func (c *Command) Annotate(a infer.Annotator) {
	a.Describe(&c, "A command of another machine, run over SSH as the resource is created, updated and deleted.")
}

// CommandInputs are the inputs of Command.
type CommandInputs struct {
	Connection             *Connection       `pulumi:"connection" provider:"secret"`
	Triggers               *[]any            `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Create                 *string           `pulumi:"create,optional"`
	Update                 *string           `pulumi:"update,optional"`
	Delete                 *string           `pulumi:"delete,optional"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	Logging                *Logging          `pulumi:"logging,optional"`
	Environment            map[string]string `pulumi:"environment,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
}

// Annotate describes the inputs.
func (c *CommandInputs) Annotate(a infer.Annotator) {
	a.Describe(&c.Connection, "How to reach the machine.")
	a.Describe(&c.Triggers, "Values of any kind; the resource is replaced when one changes.")
	a.Describe(&c.Create, "The command to create the resource, and to update it when there is no `update`.")
	a.Describe(&c.Update, "The command to run when an input changed.")
	a.Describe(&c.Delete, "The command to delete the resource.")
	a.Describe(&c.Stdin, "Text for the standard input.")
	a.Describe(&c.Logging, "The streams to show while the command runs; both when unset. The outputs hold both in any case.")
	a.Describe(&c.Environment, "Variables to set. The SSH server has to allow their names with AcceptEnv.")
	a.Describe(&c.AddPreviousOutputInEnv, "Whether PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR hold what the last "+
		"create or update wrote, if the SSH server allows these names. True when unset.")
}

// Results is what a command leaves.
type Results struct {
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// Annotate describes the outputs.
func (r *Results) Annotate(a infer.Annotator) {
	a.Describe(&r.Stdout, "What the command wrote to stdout, without the last newline.")
	a.Describe(&r.Stderr, "What the command wrote to stderr, without the last newline.")
}

// CommandOutputs are the outputs of Command.
type CommandOutputs struct {
	CommandInputs
	Results
}

// Create runs the create command, if there is one.
func (*Command) Create(
	ctx context.Context, req infer.CreateRequest[CommandInputs],
) (infer.CreateResponse[CommandOutputs], error) {
	state := CommandOutputs{CommandInputs: req.Inputs}
	id, err := resource.NewUniqueHex(req.Name, 8, 0)
	if err == nil && !req.DryRun && req.Inputs.Create != nil {
		state.Results, err = run(ctx, job{did: "remote create command", command: *req.Inputs.Create}, req.Inputs)
	}
	return infer.CreateResponse[CommandOutputs]{ID: id, Output: state}, err
}

// Update runs the update command, else the create command again.
func (*Command) Update(
	ctx context.Context, req infer.UpdateRequest[CommandInputs, CommandOutputs],
) (infer.UpdateResponse[CommandOutputs], error) {
	state := CommandOutputs{CommandInputs: req.Inputs, Results: req.State.Results}
	next := job{did: "remote update command", previous: req.State.Results}
	switch {
	case req.DryRun:
		return infer.UpdateResponse[CommandOutputs]{Output: state}, nil
	case req.Inputs.Update != nil:
		next.command = *req.Inputs.Update
	case req.Inputs.Create != nil:
		next.command, next.did = *req.Inputs.Create, "remote create command (as update)"
	default:
		return infer.UpdateResponse[CommandOutputs]{Output: state}, nil
	}
	var err error
	state.Results, err = run(ctx, next, req.Inputs)
	return infer.UpdateResponse[CommandOutputs]{Output: state}, err
}

// Delete runs the delete command, if there is one.
func (*Command) Delete(ctx context.Context, req infer.DeleteRequest[CommandOutputs]) (infer.DeleteResponse, error) {
	if req.State.Delete == nil {
		return infer.DeleteResponse{}, nil
	}
	last := job{did: "remote delete command", command: *req.State.Delete, previous: req.State.Results}
	_, err := run(ctx, last, req.State.CommandInputs)
	return infer.DeleteResponse{}, err
}
