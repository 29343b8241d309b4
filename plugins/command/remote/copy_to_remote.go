package remote

import (
	"context"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// CopyToRemote is the resource command:remote:CopyToRemote. What it copied stays when it is deleted.
type CopyToRemote struct{}

// Annotate describes the resource.
func (c *CopyToRemote) Annotate(a infer.Annotator) {
	a.Describe(&c, "A file, a folder or an archive of this machine, copied to another one.")
}

// CopyToRemoteInputs are the inputs of CopyToRemote.
type CopyToRemoteInputs struct {
	Connection *Connection          `pulumi:"connection" provider:"secret"`
	Triggers   *[]any               `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Source     types.AssetOrArchive `pulumi:"source"`
	RemotePath string               `pulumi:"remotePath"`
}

// Annotate describes the inputs.
func (c *CopyToRemoteInputs) Annotate(a infer.Annotator) {
	a.Describe(&c.Connection, "How to reach the machine.")
	a.Describe(&c.Triggers, "Values of any kind; the resource is replaced when one changes.")
	a.Describe(&c.Source, "An asset or an archive. Archives are copied as they are, not unpacked.")
	a.Describe(&c.RemotePath, "Where to copy to. Folders on the way are made. A folder that is there takes the source in; "+
		"a file that is there is overwritten, but not by a folder.")
}

// CopyToRemoteOutputs are the outputs of CopyToRemote.
type CopyToRemoteOutputs struct {
	CopyToRemoteInputs
}

// Check wants exactly one of asset and archive, once the source is known.
func (*CopyToRemote) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[CopyToRemoteInputs], error) {
	inputs, failures, err := infer.DefaultCheck[CopyToRemoteInputs](ctx, req.NewInputs)
	if err == nil && !req.NewInputs.Get("source").IsComputed() {
		hasAsset, hasArchive := inputs.Source.Asset != nil, inputs.Source.Archive != nil
		if hasAsset == hasArchive {
			failures = append(failures, p.CheckFailure{
				Property: "source", Reason: "has to be an asset or an archive, and not both",
			})
		}
	}
	return infer.CheckResponse[CopyToRemoteInputs]{Inputs: inputs, Failures: failures}, err
}

// Create copies.
func (*CopyToRemote) Create(
	ctx context.Context, req infer.CreateRequest[CopyToRemoteInputs],
) (infer.CreateResponse[CopyToRemoteOutputs], error) {
	done := infer.CreateResponse[CopyToRemoteOutputs]{Output: CopyToRemoteOutputs{req.Inputs}}
	if req.DryRun {
		return done, nil
	}
	err := req.Inputs.copy(ctx)
	if err == nil {
		done.ID, err = resource.NewUniqueHex("", 8, 0)
	}
	return done, err
}

// Update copies again when content or place changed. Another way to the same machine is no reason.
func (*CopyToRemote) Update(
	ctx context.Context, req infer.UpdateRequest[CopyToRemoteInputs, CopyToRemoteOutputs],
) (infer.UpdateResponse[CopyToRemoteOutputs], error) {
	var err error
	old := req.State.CopyToRemoteInputs
	if !req.DryRun && (req.Inputs.hash() != old.hash() || req.Inputs.RemotePath != old.RemotePath) {
		err = req.Inputs.copy(ctx)
	}
	return infer.UpdateResponse[CopyToRemoteOutputs]{Output: CopyToRemoteOutputs{req.Inputs}}, err
}

func (c *CopyToRemoteInputs) hash() string {
	switch {
	case c.Source.Archive != nil:
		return c.Source.Archive.Hash
	case c.Source.Asset != nil:
		return c.Source.Asset.Hash
	default:
		return ""
	}
}

func (c *CopyToRemoteInputs) copy(ctx context.Context) error {
	return withUpload(ctx, c.Connection, func(to *upload) error {
		if c.Source.Archive != nil {
			return to.archive(c.Source.Archive, c.RemotePath)
		}
		return to.asset(c.Source.Asset, c.RemotePath)
	})
}
