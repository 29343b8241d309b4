package remote

import (
	"context"
	"os"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// CopyFile is the deprecated resource command:remote:CopyFile. It has no update: each change replaces it.
type CopyFile struct{}

// Annotate describes the resource.
func (c *CopyFile) Annotate(a infer.Annotator) {
	a.Describe(&c, "A file of this machine, copied to another one.")
	a.Deprecate(&c, "Use CopyToRemote.")
}

// CopyFileInputs are the inputs of CopyFile.
type CopyFileInputs struct {
	Connection *Connection `pulumi:"connection" provider:"secret"`
	Triggers   *[]any      `pulumi:"triggers,optional"`
	LocalPath  string      `pulumi:"localPath"`
	RemotePath string      `pulumi:"remotePath"`
}

// Annotate describes the inputs.
func (c *CopyFileInputs) Annotate(a infer.Annotator) {
	a.Describe(&c.Connection, "How to reach the machine.")
	a.Describe(&c.Triggers, "Values of any kind; the resource is replaced when one changes.")
	a.Describe(&c.LocalPath, "The file to copy.")
	a.Describe(&c.RemotePath, "The file to write. Its folder has to exist.")
}

// CopyFileOutputs are the outputs of CopyFile.
type CopyFileOutputs struct {
	CopyFileInputs
}

// Create copies.
func (*CopyFile) Create(
	ctx context.Context, req infer.CreateRequest[CopyFileInputs],
) (infer.CreateResponse[CopyFileOutputs], error) {
	done := infer.CreateResponse[CopyFileOutputs]{Output: CopyFileOutputs{req.Inputs}}
	if req.DryRun {
		return done, nil
	}
	// Before the connection is made: a missing file is known without one.
	source, err := os.Open(req.Inputs.LocalPath)
	if err != nil {
		return done, err
	}
	defer source.Close()
	err = withUpload(ctx, req.Inputs.Connection, func(to *upload) error {
		return to.write(source, req.Inputs.RemotePath)
	})
	if err == nil {
		done.ID, err = resource.NewUniqueHex("", 8, 0)
	}
	return done, err
}
