package local

import (
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Settings is how a command is run: what the resource and the function have in common.
type Settings struct {
	Stdin                  *string            `pulumi:"stdin,optional"`
	Logging                *Logging           `pulumi:"logging,optional"`
	Interpreter            *[]string          `pulumi:"interpreter,optional"`
	Dir                    *string            `pulumi:"dir,optional"`
	Environment            *map[string]string `pulumi:"environment,optional"`
	AssetPaths             *[]string          `pulumi:"assetPaths,optional"`
	ArchivePaths           *[]string          `pulumi:"archivePaths,optional"`
	AddPreviousOutputInEnv *bool              `pulumi:"addPreviousOutputInEnv,optional"`
}

// Annotate describes the inputs.
func (s *Settings) Annotate(a infer.Annotator) {
	a.Describe(&s.Stdin, "Text for the standard input.")
	a.Describe(&s.Logging, "The streams to show while the command runs; both when unset. The outputs hold both in any case.")
	a.Describe(&s.Interpreter, "Program and arguments that get the command as their last argument. `/bin/sh -c` when unset.")
	a.Describe(&s.Dir, "Working directory. It has to exist. The one of the program when unset.")
	a.Describe(&s.Environment, "Variables to add to the inherited environment.")
	a.Describe(&s.AssetPaths, "Globs of files to return as `assets`, relative to `dir`. `!` in front takes files out again; "+
		"`*` stays within a folder, `**` does not.")
	a.Describe(&s.ArchivePaths, "Globs of files to return as one `archive`. The rules of `assetPaths` apply.")
	a.Describe(&s.AddPreviousOutputInEnv, "Whether PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR hold what the last "+
		"create or update wrote. True when unset.")
}

// Results is what a command leaves.
type Results struct {
	Stdout  string                            `pulumi:"stdout"`
	Stderr  string                            `pulumi:"stderr"`
	Assets  *map[string]*types.AssetOrArchive `pulumi:"assets,optional"`
	Archive *resource.Archive                 `pulumi:"archive,optional"`
}

// Annotate describes the outputs.
func (r *Results) Annotate(a infer.Annotator) {
	a.Describe(&r.Stdout, "What the command wrote to stdout, without the last newline.")
	a.Describe(&r.Stderr, "What the command wrote to stderr, without the last newline.")
	a.Describe(&r.Assets, "The files that `assetPaths` found, by path relative to the working directory.")
	a.Describe(&r.Archive, "The files that `archivePaths` found.")
}
