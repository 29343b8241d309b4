package local

import (
	"context"
	"path"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// commandType is the token of Command as it stands in a URN.
const commandType = "command:local:Command"

// RestoreFiles repairs the assets and the archive in the state the engine sends. It sends their hashes only, and puts
// the rest back for inputs, not for outputs: whatever a read or a previewed update hands on of them ends in the state,
// or in the program, as a file without a path, and the Node SDK stops there ("Invalid asset encountered").
func RestoreFiles(provider p.Provider) p.Provider {
	read, update := provider.Read, provider.Update
	provider.Read = func(ctx context.Context, req p.ReadRequest) (p.ReadResponse, error) {
		if req.Urn.Type() == commandType {
			req.Properties = restoreFiles(req.Properties)
		}
		return read(ctx, req)
	}
	provider.Update = func(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
		if req.Urn.Type() == commandType {
			req.State = restoreFiles(req.State)
		}
		return update(ctx, req)
	}
	return provider
}

func restoreFiles(state property.Map) property.Map {
	dir := directoryOf(state)
	if assets := state.Get("assets"); assets.IsMap() {
		restored := map[string]property.Value{}
		for name, value := range assets.AsMap().All {
			if value.IsAsset() {
				value = property.WithGoValue(value, restoreAsset(value.AsAsset(), path.Join(dir, name)))
			}
			restored[name] = value
		}
		state = state.Set("assets", property.WithGoValue(assets, property.NewMap(restored)))
	}
	if whole := state.Get("archive"); whole.IsArchive() {
		restored := restoreArchive(whole.AsArchive(), dir, stringsOf(state.Get("archivePaths")))
		state = state.Set("archive", property.WithGoValue(whole, restored))
	}
	return state
}

func directoryOf(state property.Map) string {
	var dir *string
	if value := state.Get("dir"); value.IsString() {
		text := value.AsString()
		dir = &text
	}
	// Without a working directory there is no path to give back; a relative one is the best that is left.
	name, _ := workingDir(dir)
	return name
}

func stringsOf(value property.Value) (texts []string) {
	if !value.IsArray() {
		return nil
	}
	for _, item := range value.AsArray().AsSlice() {
		if item.IsString() {
			texts = append(texts, item.AsString())
		}
	}
	return texts
}

func restoreAsset(old *asset.Asset, file string) *asset.Asset {
	if old.Path != "" || old.Text != "" || old.URI != "" {
		return old
	}
	return &asset.Asset{Sig: old.Sig, Hash: old.Hash, Path: file}
}

// restoreArchive finds the members by their patterns, for their names are gone. The hash stays the old one: files that
// changed since are no news of this resource until its command runs again.
func restoreArchive(old *archive.Archive, dir string, patterns []string) *archive.Archive {
	if old.Path != "" || old.URI != "" || len(old.Assets) > 0 {
		return old
	}
	found, err := findArchive(dir, &patterns)
	if err != nil {
		return old
	}
	return &resource.Archive{Sig: old.Sig, Hash: old.Hash, Assets: found.Assets}
}
