// Package check reads what deploy holds with the types and parsers of those who run it, which
// refuse fields that they do not know. It is a module of its own, so that lydhor depends on
// none of them.
package check

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	keda "github.com/kedacore/keda/v2/apis/keda/v1alpha1"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
)

func TestKubernetesManifests(t *testing.T) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{apps.AddToScheme, batch.AddToScheme, core.AddToScheme, keda.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	strict := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	files, err := filepath.Glob("../kubernetes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	kinds := map[string]int{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for documents := yaml.NewYAMLReader(bufio.NewReader(f)); ; {
			text, err := documents.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			_, kind, err := strict.Decode(text, nil, nil)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			kinds[kind.Kind]++
		}
	}
	if kinds["Deployment"] != 3 || kinds["ScaledObject"] != 2 || kinds["CronJob"] != 2 {
		t.Errorf("got %v, want 3 Deployments, 2 ScaledObjects and 2 CronJobs", kinds)
	}
}

// A field that is no field is refused, or the tests above would show nothing.
func TestStrictRefusesUnknownFields(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := apps.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	strict := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	if _, _, err := strict.Decode([]byte("apiVersion: apps/v1\nkind: Deployment\nspec: {replicaz: 2}"), nil, nil); err == nil {
		t.Error("got no error for a field replicaz")
	}
}

func TestComposeFile(t *testing.T) {
	text, err := os.ReadFile("../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  "..",
		ConfigFiles: []types.ConfigFile{{Filename: "compose.yaml", Content: text}},
		Environment: types.Mapping{"POSTGRES_PASSWORD": "x", "S3_SECRET_KEY": "y"},
	}, func(o *loader.Options) { o.SetProjectName("lydhor", true) })
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"postgres", "s3", "serve", "work"} {
		if _, err := project.GetService(name); err != nil {
			t.Error(err)
		}
	}
}

func TestDockerfile(t *testing.T) {
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	warn := linter.New(&linter.Config{Warn: func(rule, _, _, what string, at []parser.Range) { t.Errorf("%v: %s: %s", at, rule, what) }})
	stages, _, err := instructions.Parse(file.AST, warn)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, s := range stages {
		names[s.Name] = true
	}
	for _, backend := range []string{"cpu", "cuda", "vulkan"} {
		if !names["base-"+backend] || !names["run-"+backend] {
			t.Errorf("no stages of %s", backend)
		}
	}
}

func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("../grafana/lydhor.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard.Dashboard
	if err := d.UnmarshalJSONStrict(text); err != nil && err.Error() != "" { // it gives a list of errors, which may be empty
		t.Fatal(err)
	}
	if d.Title == nil || len(d.Panels) == 0 {
		t.Error("got no title or no panels")
	}
}
