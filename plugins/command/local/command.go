// Package local runs commands on the machine of the plugin.
package local

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Command is the resource command:local:Command.
type Command struct{}

// Annotate describes the resource.
func (c *Command) Annotate(a infer.Annotator) {
	a.Describe(&c, "A command of this machine, run as the resource is created, updated and deleted.")
}

// CommandInputs are the inputs of Command.
type CommandInputs struct {
	Settings

	Triggers *[]any  `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Create   *string `pulumi:"create,optional"`
	Update   *string `pulumi:"update,optional"`
	Delete   *string `pulumi:"delete,optional"`
}

// Annotate describes the inputs.
func (c *CommandInputs) Annotate(a infer.Annotator) {
	a.Describe(&c.Triggers, "Values of any kind; the resource is replaced when one changes.")
	a.Describe(&c.Create, "The command to create the resource, and to update it when there is no `update`.")
	a.Describe(&c.Update, "The command to run when an input changed.")
	a.Describe(&c.Delete, "The command to delete the resource.")
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
		state.Results, err = run(ctx, job{did: "local create command", command: *req.Inputs.Create}, req.Inputs.Settings)
	}
	return infer.CreateResponse[CommandOutputs]{ID: id, Output: state}, err
}

// Update runs the update command, else the create command again.
func (*Command) Update(
	ctx context.Context, req infer.UpdateRequest[CommandInputs, CommandOutputs],
) (infer.UpdateResponse[CommandOutputs], error) {
	state := CommandOutputs{CommandInputs: req.Inputs, Results: req.State.Results}
	next := job{did: "local update command", previous: &req.State.Results}
	switch {
	case req.DryRun:
		return infer.UpdateResponse[CommandOutputs]{Output: state}, nil
	case req.Inputs.Update != nil:
		next.command = *req.Inputs.Update
	case req.Inputs.Create != nil:
		next.command, next.did = *req.Inputs.Create, "local create command (as update)"
	default:
		return infer.UpdateResponse[CommandOutputs]{Output: state}, nil
	}
	var err error
	state.Results, err = run(ctx, next, req.Inputs.Settings)
	return infer.UpdateResponse[CommandOutputs]{Output: state}, err
}

// Delete runs the delete command, if there is one.
func (*Command) Delete(ctx context.Context, req infer.DeleteRequest[CommandOutputs]) (infer.DeleteResponse, error) {
	if req.State.Delete == nil {
		return infer.DeleteResponse{}, nil
	}
	last := job{did: "local delete command", command: *req.State.Delete, previous: &req.State.Results}
	settings := req.State.Settings
	// Nobody gets to see the files of a delete, and globs that match too much must not stop it.
	settings.AssetPaths, settings.ArchivePaths = nil, nil
	_, err := run(ctx, last, settings)
	return infer.DeleteResponse{}, err
}
