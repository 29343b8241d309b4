package local

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/gobwas/glob"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// rule takes files in or, with a "!" in front, out again.
type rule struct {
	pattern glob.Glob
	out     bool
}

// findFiles lists the files below dir that the rules leave in, relative to dir. The last rule that matches decides.
func findFiles(dir string, patterns []string) ([]string, error) {
	rules := make([]rule, len(patterns))
	for i, text := range patterns {
		text, out := strings.CutPrefix(text, "!")
		pattern, err := glob.Compile(text, '/')
		if err != nil {
			return nil, fmt.Errorf("glob %q: %w", text, err)
		}
		rules[i] = rule{pattern: pattern, out: out}
	}

	var found []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		in := false
		for _, r := range rules {
			if r.pattern.Match(name) {
				in = !r.out
			}
		}
		if in {
			found = append(found, name)
		}
		return nil
	})
	return found, err
}

// findAssets makes an asset of each file. No patterns, no map.
func findAssets(dir string, patterns *[]string) (*map[string]*types.AssetOrArchive, error) {
	if patterns == nil {
		return nil, nil
	}
	names, err := findFiles(dir, *patterns)
	if err != nil {
		return nil, err
	}
	assets := make(map[string]*types.AssetOrArchive, len(names))
	for _, name := range names {
		asset, err := resource.NewPathAsset(path.Join(dir, name))
		if err != nil {
			return nil, err
		}
		assets[name] = &types.AssetOrArchive{Asset: asset}
	}
	return &assets, nil
}

// findArchive makes one archive of the files. No patterns, no archive.
func findArchive(dir string, patterns *[]string) (*resource.Archive, error) {
	if patterns == nil {
		return nil, nil
	}
	names, err := findFiles(dir, *patterns)
	if err != nil {
		return nil, err
	}
	members := make(map[string]any, len(names))
	for _, name := range names {
		if members[name], err = resource.NewPathAsset(path.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return resource.NewAssetArchive(members)
}
