package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
)

var update = flag.Bool("update", false, "write schema.json instead of comparing it")

// The generator is needed here only: linked into the plugin, it would make that a third larger.
func TestSchemaIsWhatTheBridgeMakesOfProviderInfo(t *testing.T) {
	result, err := tfgen.GenerateSchemaWithOptions(tfgen.GenerateSchemaOptions{
		ProviderInfo:  providerInfo(),
		XInMemoryDocs: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	result.PackageSpec.Version = "" // the build's, not the file's
	generated := withoutProse(t, result.PackageSpec)
	if *update {
		if err := os.WriteFile("schema.json", generated, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(compact(t, generated), compact(t, schemaJSON)) {
		t.Error("schema.json is out of date; renew it as provider.go says")
	}
}

// compact leaves a formatter's choices out of the comparison.
func compact(t *testing.T, text []byte) []byte {
	t.Helper()
	var compacted bytes.Buffer
	if err := json.Compact(&compacted, text); err != nil {
		t.Fatal(err)
	}
	return compacted.Bytes()
}

// withoutProse is the spec as JSON less all that does not bear on how resources behave: two thirds of it.
func withoutProse(t *testing.T, spec any) []byte {
	t.Helper()
	text, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	delete(tree, "language")
	delete(tree, "attribution")
	prune(tree)
	text, err = json.MarshalIndent(tree, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

// prune removes every description, but no property that happens to be called so.
func prune(tree any) {
	switch node := tree.(type) {
	case map[string]any:
		for key, value := range node {
			if _, isText := value.(string); isText && key == "description" {
				delete(node, key)
				continue
			}
			prune(value)
		}
	case []any:
		for _, value := range node {
			prune(value)
		}
	}
}
