package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// A manifest is what these tests read of one Kubernetes object or compose file.
type manifest struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		ScaleTargetRef struct{ Name string } `yaml:"scaleTargetRef"`
		Triggers       []struct{ Metadata map[string]string }
		Template       struct {
			Spec struct {
				Containers []struct{ Args []string }
			}
		}
	}
	Services map[string]struct{ Command []string }
}

func manifests(t *testing.T, pattern string) (list []manifest) {
	t.Helper()
	files, err := filepath.Glob("../../deploy/" + pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files, error %v", len(files), err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for d := yaml.NewDecoder(f); ; {
			var m manifest
			if err := d.Decode(&m); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			list = append(list, m)
		}
	}
	return list
}

// The queries that KEDA scales on, run on the schema as it is, of a database in which half of
// ten minutes waits for the profile draft.
func TestScalersCountWaitingSound(t *testing.T) {
	all := manifests(t, "kubernetes/*.yaml")
	var deployments []string
	for _, m := range all {
		if m.Kind == "Deployment" {
			deployments = append(deployments, m.Metadata.Name)
		}
	}
	s := observed(t)
	got := map[string]int64{}
	for _, m := range all {
		if m.Kind != "ScaledObject" {
			continue
		}
		if !slices.Contains(deployments, m.Spec.ScaleTargetRef.Name) {
			t.Errorf("%s scales %q, which is not there", m.Metadata.Name, m.Spec.ScaleTargetRef.Name)
		}
		var waiting int64
		if err := s.pool.QueryRow(t.Context(), m.Spec.Triggers[0].Metadata["query"]).Scan(&waiting); err != nil {
			t.Errorf("%s: %v", m.Metadata.Name, err)
		}
		got[m.Metadata.Name] = waiting
	}
	if got["lydhor-draft"] != 300 || got["lydhor-accurate"] != 0 {
		t.Errorf("got %v seconds waiting, want 300 for draft and 0 for accurate", got)
	}
}

// What containers are told to run is there, with the flags they give it: with no service
// configured, it gets as far as saying so.
func TestDeployedCommandsExist(t *testing.T) {
	var commands [][]string
	for _, m := range append(manifests(t, "kubernetes/*.yaml"), manifests(t, "compose.yaml")...) {
		for _, c := range m.Spec.Template.Spec.Containers {
			commands = append(commands, c.Args)
		}
		commands = append(commands, m.Services["serve"].Command, m.Services["work"].Command)
	}
	ran := 0
	for _, args := range commands {
		if len(args) == 0 {
			continue
		}
		ran++
		var words strings.Builder
		a := &app{getenv: func(string) string { return "" }, stdout: io.Discard, stderr: &words}
		if status := a.run(t.Context(), args); status != 1 || !strings.Contains(words.String(), "no Postgres and S3 server are configured") {
			t.Errorf("%q: got status %d, %q, want it to ask for Postgres", args, status, words.String())
		}
	}
	if ran != 5 {
		t.Errorf("got %d commands, want serve and work of compose, and three deployments", ran)
	}
}
