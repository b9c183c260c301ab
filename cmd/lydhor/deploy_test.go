package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
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
		Template       pod
		JobTemplate    struct{ Spec struct{ Template pod } } `yaml:"jobTemplate"`
	}
	Services map[string]struct{ Command []string }
}

// A pod is the containers that a manifest has run.
type pod struct {
	Spec struct {
		Containers []struct{ Args []string }
	}
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
		for _, c := range append(m.Spec.Template.Spec.Containers, m.Spec.JobTemplate.Spec.Template.Spec.Containers...) {
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
		if status := a.run(t.Context(), args); status != 1 || !strings.Contains(words.String(), "configured") {
			t.Errorf("%q: got status %d, %q, want it to ask for its servers", args, status, words.String())
		}
	}
	if ran != 7 {
		t.Errorf("got %d commands, want serve and work of compose, three deployments and two cron jobs", ran)
	}
}

// systemd understands the units, with this program in the place of the installed one, and the
// commands that they run are called as they should be.
func TestUnits(t *testing.T) {
	files, err := filepath.Glob("../../deploy/systemd/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files, error %v", len(files), err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const installed = "/usr/local/bin/lydhor"
	verify := []string{"verify"}
	ran := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		unit := filepath.Join(t.TempDir(), filepath.Base(file))
		if err := os.WriteFile(unit, []byte(strings.ReplaceAll(string(text), installed, self)), 0o644); err != nil {
			t.Fatal(err)
		}
		verify = append(verify, unit)
		for line := range strings.Lines(string(text)) {
			_, args, runs := strings.Cut(line, installed+" ")
			if !strings.HasPrefix(line, "ExecStart=") || !runs {
				continue
			}
			ran++
			args = strings.ReplaceAll(args, "$WORK", "--profiles draft --grace 5m")
			a := &app{getenv: func(string) string { return "" }, stdout: io.Discard, stderr: io.Discard}
			if status := a.run(t.Context(), strings.Fields(args)); status != 1 {
				t.Errorf("%s: %s: got status %d, want 1 for want of servers", file, args, status)
			}
		}
	}
	if ran != 4 {
		t.Errorf("got %d commands, want serve, work, mirror and backup", ran)
	}
	if out, err := exec.Command("systemd-analyze", verify...).CombinedOutput(); errors.Is(err, exec.ErrNotFound) {
		t.Skip("systemd-analyze is not installed")
	} else if err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}
