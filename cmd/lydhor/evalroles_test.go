package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// A companion who says little is left for a person to name: 2 of 3 right.
func TestEvalRoles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "talk.json")
	talk := `{"id": "t", "kind": "conversation", "language": "da", "turns": [
	 {"n": 1, "speaker": "S1", "role": "professional", "start": 0, "end": 2, "text": "Hvordan går det med jobplanen?", "codes": []},
	 {"n": 2, "speaker": "S2", "role": "citizen", "start": 2, "end": 6, "text": "Jeg drømmer om at arbejde med dyr igen, det har jeg altid gjort.", "codes": []},
	 {"n": 3, "speaker": "S3", "role": "relative", "start": 6, "end": 7, "text": "Ja, det gør du.", "codes": []},
	 {"n": 4, "speaker": "S1", "role": "professional", "start": 7, "end": 9, "text": "Reglerne siger praktik i uge 12. Kan du det?", "codes": []}]}`
	if err := os.WriteFile(file, []byte(talk), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	a := &app{stdout: &out, stderr: os.Stderr, getenv: os.Getenv}
	if err := a.evalRoles(context.Background(), []string{"--json", file}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Accuracy float64
		Speakers int
		Counts   map[string]map[string]int
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Speakers != 3 || got.Accuracy != 2.0/3 || got.Counts["relative"]["unknown"] != 1 {
		t.Errorf("got %+v, want 2 of 3 right and the relative unknown", got)
	}
}

// Left out, the talk in which alone a companion says what she is does not tell that word; with another
// such talk beside it does.
func TestEvalRolesLeaveOneOut(t *testing.T) {
	dir := t.TempDir()
	file := func(id, said string) string {
		talk := `{"id": "` + id + `", "kind": "conversation", "language": "da", "turns": [
		 {"n": 1, "speaker": "S1", "role": "professional", "start": 0, "end": 2, "text": "Hvordan går det med jobplanen?", "codes": []},
		 {"n": 2, "speaker": "S2", "role": "citizen", "start": 2, "end": 6, "text": "Jeg drømmer om at arbejde med dyr igen, det har jeg altid gjort.", "codes": []},
		 {"n": 3, "speaker": "S3", "role": "relative", "start": 6, "end": 7, "text": "` + said + `", "codes": []}]}`
		name := filepath.Join(dir, id+".json")
		if err := os.WriteFile(name, []byte(talk), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	one, other, silent := file("a", "Jeg er bisidder."), file("b", "Jeg er hendes bisidder."), file("c", "Ja, det gør hun.")
	for _, test := range []struct {
		name  string
		args  []string
		right int // of the relatives
	}{
		{"all words", []string{one, silent}, 1},
		{"the word of this talk alone", []string{"--leave-one-out", one, silent}, 0},
		{"the word of another talk", []string{"--leave-one-out", one, other}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			a := &app{stdout: &out, stderr: os.Stderr, getenv: os.Getenv}
			if err := a.evalRoles(context.Background(), append([]string{"--json"}, test.args...)); err != nil {
				t.Fatal(err)
			}
			var got struct{ Counts map[string]map[string]int }
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if n := got.Counts["relative"]["relative"]; n != test.right {
				t.Errorf("got %d relatives right, want %d: %v", n, test.right, got.Counts)
			}
		})
	}
}
