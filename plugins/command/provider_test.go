package main

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"google.golang.org/protobuf/types/known/structpb"
)

func serve(t *testing.T) integration.Server {
	t.Helper()
	server, err := integration.NewServer(t.Context(), "command", semver.MustParse(version), integration.WithProvider(newProvider()))
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// strip leaves of a schema what a program can depend on.
func strip(value any, inProperties bool) any {
	switch value := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, inner := range value {
			if !inProperties && slices.Contains([]string{"description", "deprecationMessage", "language"}, name) {
				continue
			}
			properties := name == "properties" || name == "inputProperties" || name == "resources" || name == "types"
			kept[name] = strip(inner, properties && !inProperties)
		}
		return kept
	case []any:
		for i := range value {
			value[i] = strip(value[i], false)
		}
	}
	return value
}

func TestTheSchemaIsTheOfficialOneWithoutWhatIsNotServed(t *testing.T) {
	response, err := serve(t).GetSchema(p.GetSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var ours, official map[string]any
	if err := json.Unmarshal([]byte(response.Schema), &ours); err != nil {
		t.Fatal(err)
	}
	readJSON(t, "testdata/official-schema.json", &official)
	for _, token := range unserved() {
		delete(official["resources"].(map[string]any), token)
	}
	maps.DeleteFunc(official["types"].(map[string]any), func(token string, _ any) bool {
		return strings.HasPrefix(token, "command:remote:")
	})
	for _, part := range []string{"name", "version", "config", "types", "resources", "functions"} {
		got, want := strip(ours[part], false), strip(official[part], false)
		if !reflect.DeepEqual(got, want) {
			gotText, _ := json.MarshalIndent(got, "", " ")
			wantText, _ := json.MarshalIndent(want, "", " ")
			t.Errorf("%s:\n%s\nwant\n%s", part, gotText, wantText)
		}
	}
}

type recorded struct {
	URN             resource.URN
	ID              string
	Inputs, Outputs map[string]any
}

func properties(t *testing.T, fields map[string]any) property.Map {
	t.Helper()
	wire, err := structpb.NewStruct(fields)
	if err != nil {
		t.Fatal(err)
	}
	values, err := plugin.UnmarshalProperties(wire, plugin.MarshalOptions{KeepSecrets: true})
	if err != nil {
		t.Fatal(err)
	}
	return resource.FromResourcePropertyValue(resource.NewProperty(values)).AsMap()
}

func TestAStateOfTheOfficialPluginIsUnchangedAndRefreshesToItself(t *testing.T) {
	var states []recorded
	readJSON(t, "testdata/official-state.json", &states)
	states = slices.DeleteFunc(states, func(state recorded) bool {
		return slices.Contains(unserved(), state.URN.Type().String())
	})
	if len(states) != 1 {
		t.Fatalf("%d states", len(states))
	}
	server := serve(t)
	for _, state := range states {
		inputs, outputs := properties(t, state.Inputs), properties(t, state.Outputs)
		checked, err := server.Check(p.CheckRequest{Urn: state.URN, State: inputs, Inputs: inputs})
		if err != nil || len(checked.Failures) > 0 {
			t.Fatalf("%s: %v %v", state.URN, err, checked.Failures)
		}
		if !checked.Inputs.Equals(inputs) {
			t.Errorf("%s is checked to\n%#v\nwant\n%#v", state.URN, checked.Inputs, inputs)
		}
		diff, err := server.Diff(p.DiffRequest{
			ID: state.ID, Urn: state.URN, State: outputs, OldInputs: inputs, Inputs: checked.Inputs,
		})
		if err != nil || diff.HasChanges {
			t.Errorf("%s: %v %+v", state.URN, err, diff)
		}
		read, err := server.Read(p.ReadRequest{ID: state.ID, Urn: state.URN, Inputs: inputs, Properties: outputs})
		if err != nil {
			t.Fatal(err)
		}
		if read.ID != state.ID || !read.Properties.Equals(outputs) || !read.Inputs.Equals(inputs) {
			t.Errorf("%s reads as %#v", state.URN, read)
		}
	}
}

func TestARemoteCommandIsRefusedWithHowToGetTheOfficialProvider(t *testing.T) {
	server := serve(t)
	for _, token := range unserved() {
		urn := resource.URN("urn:pulumi:s::p::" + token + "::it")
		_, checked := server.Check(p.CheckRequest{Urn: urn})
		_, read := server.Read(p.ReadRequest{Urn: urn})
		deleted := server.Delete(p.DeleteRequest{Urn: urn})
		for call, err := range map[string]error{"Check": checked, "Read": read, "Delete": deleted} {
			if err == nil || !strings.Contains(err.Error(), "BENCHBOX_OFFICIAL=auto npm run setup") {
				t.Errorf("%s of a %s: %v", call, token, err)
			}
		}
	}
}

const localURN = resource.URN("urn:pulumi:s::p::command:local:Command::it")

func TestAReadGivesFilesTheirPathsBack(t *testing.T) {
	dir := t.TempDir()
	list := func(texts ...string) property.Value {
		var values []property.Value
		for _, text := range texts {
			values = append(values, property.New(text))
		}
		return property.New(values)
	}
	server := serve(t)
	inputs := property.NewMap(map[string]property.Value{
		"create": property.New("echo 1 > one"), "dir": property.New(dir),
		"assetPaths": list("one"), "archivePaths": list("*"),
	})
	created, err := server.Create(p.CreateRequest{Urn: localURN, Properties: inputs})
	if err != nil {
		t.Fatal(err)
	}
	// As the engine does before it asks.
	elided, err := plugin.MarshalProperties(
		resource.ToResourcePropertyValue(property.New(created.Properties)).ObjectValue(),
		plugin.MarshalOptions{ElideAssetContents: true, KeepSecrets: true})
	if err != nil {
		t.Fatal(err)
	}
	read, err := server.Read(p.ReadRequest{
		ID: created.ID, Urn: localURN, Inputs: inputs, Properties: properties(t, elided.AsMap()),
	})
	if err != nil {
		t.Fatal(err)
	}
	asset := read.Properties.Get("assets").AsMap().Get("one").AsAsset()
	if asset.Path != dir+"/one" || asset.Hash == "" {
		t.Errorf("asset: %+v", asset)
	}
	archive := read.Properties.Get("archive").AsArchive()
	if archive.Assets["one"] == nil || archive.Hash == "" {
		t.Errorf("archive: %+v", archive)
	}
}
