package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lydhor/transcribe"
)

// A small ordeal; `make chaos` is the whole one.
func TestChaosLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	if _, err := beside("versitygw"); err != nil {
		t.Skip("no S3 server: `make test` puts versitygw on the path")
	}
	if model, err := transcribe.Open(transcribe.Options{}); errors.Is(err, errors.ErrUnsupported) {
		t.Skip("built without whisper.cpp")
	} else if err != nil {
		t.Fatal(err)
	} else {
		model.Close()
	}
	data := t.TempDir()
	if err := os.Chmod(filepath.Dir(data), 0o755); err != nil { // Postgres runs as another user
		t.Fatal(err)
	}
	t.Setenv("LYDHOR_TEST_BINARY", "1")
	var out, words bytes.Buffer
	a := &app{getenv: os.Getenv, stdout: &out, stderr: &words}
	status := a.run(t.Context(), []string{"chaos", "--data", data, "--faults", "17", "--json", demoRecording})
	var got ordealResult
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || status != 0 || len(got.Violations) > 0 {
		log, _ := os.ReadFile(filepath.Join(data, "chaos.log"))
		t.Fatalf("got status %d, %s, %v\n%s\n%s", status, out.String(), err, words.String(), log)
	}
	sum := 0
	for _, n := range got.Faults {
		sum += n
	}
	if sum != 17 || got.Recordings < 5 || got.Decisions == 0 {
		t.Errorf("got %d faults, %d recordings, %d decisions: want 17, 6 and some", sum, got.Recordings, got.Decisions)
	}
}

func TestDeckIsTheSeeds(t *testing.T) {
	names := func(seed uint64) []string {
		var list []string
		for _, f := range (&ordeal{random: seeded(seed)}).deck(40) {
			list = append(list, f.name)
		}
		return list
	}
	if diff := cmp.Diff(names(1), names(1)); diff != "" {
		t.Errorf("the same seed gives other faults:\n%s", diff)
	}
	if cmp.Equal(names(1), names(2)) {
		t.Error("two seeds give the same faults")
	}
	for _, name := range names(1) {
		if name == diskFull {
			t.Error("the disk is filled where there is none to fill")
		}
	}
}

func TestObjectWire(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "0123456789")
	}))
	defer server.Close()
	w, err := newObjectWire(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer w.server.Close()
	for _, test := range []struct {
		name string
		mood int32
		want string // body, or what the error says
	}{
		{"fine", wireFine, "200 0123456789"},
		{"slow", wireSlow, "200 0123456789"},
		{"500", wire500, "500 "},
		{"503", wire503, "503 "},
		{"cut in the middle", wireCut, "200 01234"},
		{"gone", wireGone, "EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w.now.Store(test.mood)
			got := ""
			answer, err := http.Get(w.server.URL)
			if err != nil {
				got = err.Error()
			} else {
				body, _ := io.ReadAll(answer.Body)
				answer.Body.Close()
				got = answer.Status[:4] + string(body)
			}
			if !strings.HasSuffix(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
