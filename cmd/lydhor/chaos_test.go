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
	a, out, words := ordealApp(t)
	data := ordealFolder(t)
	status := a.run(t.Context(), []string{"chaos", "--data", data, "--faults", "18", "--json", demoRecording})
	var got ordealResult
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || status != 0 || len(got.Violations) > 0 {
		log, _ := os.ReadFile(filepath.Join(data, "chaos.log"))
		t.Fatalf("got status %d, %s, %v\n%s\n%s", status, out.String(), err, words.String(), log)
	}
	sum := 0
	for _, n := range got.Faults {
		sum += n
	}
	if sum != 18 || got.Recordings < 5 || got.Decisions == 0 {
		t.Errorf("got %d faults, %d recordings, %d decisions: want 18, 6 and some", sum, got.Recordings, got.Decisions)
	}
}

// A small simulation; `make simulate` is the whole one.
func TestSimulationLosesNothing(t *testing.T) {
	a, out, words := ordealApp(t)
	status := a.run(t.Context(), []string{"simulate", "--data", ordealFolder(t), "--recordings", "20", "--workers", "2", "--every", "8s", "--length", "3s", "--json", demoRecording})
	var got simulation
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || status != 0 || len(got.Violations) > 0 {
		t.Fatalf("got status %d, %s, %v\n%s", status, out.String(), err, words.String())
	}
	if got.Killed == 0 || len(got.Projects) != 6 || got.PerMinute <= 0 {
		t.Errorf("got %+v, want workers killed, six projects and a rate", got)
	}
}

// ordealApp is an app whose processes are this test's program, or skips the test where a part
// of the service is not built.
func ordealApp(t *testing.T) (a *app, out, words *bytes.Buffer) {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	if _, err := beside("versitygw"); err != nil {
		t.Skip("no S3 server: `make test` puts versitygw on the path")
	}
	model, err := transcribe.Open(transcribe.Options{})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("built without whisper.cpp")
	}
	if err != nil {
		t.Fatal(err)
	}
	model.Close()
	t.Setenv("LYDHOR_TEST_BINARY", "1")
	out, words = &bytes.Buffer{}, &bytes.Buffer{}
	return &app{getenv: os.Getenv, stdout: out, stderr: words}, out, words
}

// ordealFolder is one that Postgres, which runs as another user, may enter.
func ordealFolder(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	if err := os.Chmod(filepath.Dir(data), 0o755); err != nil {
		t.Fatal(err)
	}
	return data
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
		if name == diskFull || name == clockSet || name == versionPut {
			t.Errorf("%s: where there is nothing to do that to", name)
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
