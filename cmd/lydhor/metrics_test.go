package main

import (
	"errors"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"lydhor/pipeline"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
	"lydhor/workers"
)

// observed is a service over a real database with one piece of ten minutes waiting, half
// heard, after it has done something that each metric counts.
func observed(t *testing.T) *service {
	t.Helper()
	m := newMetrics()
	pool, err := store.OpenTraced(t.Context(), pgtest.URL(t), m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	m.registry.MustRegister(workers.NewBacklog(pool))
	project, err := store.Project(t.Context(), pool, "test")
	if err != nil {
		t.Fatal(err)
	}
	blobs := blob.Timed{Store: &blob.Memory{}, Took: m.object}
	inbox, err := workers.NewInbox(pool, blobs)
	if err != nil {
		t.Fatal(err)
	}
	id, _, err := inbox.Receive(t.Context(), store.Recording{Project: project, Name: "Anna.wav", Kind: pipeline.Conversation, Profile: "draft"}, strings.NewReader("sound"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		store.Plan(t.Context(), pool, id, pipeline.Transcribe, store.Mixed(pipeline.Span{End: 10 * time.Minute})),
		store.SetProgress(t.Context(), pool, id, pipeline.Transcribe, 0, 0.5),
	); err != nil {
		t.Fatal(err)
	}
	return &service{pool: pool, blobs: blobs, metrics: m}
}

func TestMetricsShowWhatWaits(t *testing.T) {
	s := observed(t)
	answer := httptest.NewRecorder()
	s.ops().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	got := answer.Body.String()
	for _, want := range []string{
		`lydhor_audio_seconds_waiting{profile="draft"} 300`, // 10 minutes, half of them heard
		`lydhor_audio_seconds_running{profile="draft"} 0`,
		`lydhor_recordings{state="received"} 1`,
		`lydhor_jobs{state="available"} 1`,
		`lydhor_postgres_up 1`,
		`lydhor_s3_seconds_count{call="put",end="ok"} 1`,
		`lydhor_postgres_seconds_count{end="ok"}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "Anna") {
		t.Error("the name of a file is shown")
	}
}

func TestReadyOnlyWithPostgres(t *testing.T) {
	s := observed(t)
	ready := func() int {
		answer := httptest.NewRecorder()
		s.ops().ServeHTTP(answer, httptest.NewRequest("GET", "/readyz", nil))
		io.Copy(io.Discard, answer.Body)
		return answer.Code
	}
	if got := ready(); got != 200 {
		t.Errorf("got %d with Postgres, want 200", got)
	}
	s.pool.Close()
	if got := ready(); got != 503 {
		t.Errorf("got %d without Postgres, want 503", got)
	}
}

// Dashboards and alerts ask only for metrics that there are.
func TestDeployNamesMetricsThatExist(t *testing.T) {
	known := map[string]bool{}
	name := regexp.MustCompile(`\blydhor_[a-z0-9_]+`)
	for _, file := range []string{"../../workers/metrics.go", "metrics.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllString(string(text), -1) {
			known[m] = true
		}
	}
	asked := 0
	err := filepath.WalkDir("../../deploy", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(file, "grafana") && !strings.Contains(file, "prometheus") {
			return err
		}
		text, err := os.ReadFile(file)
		for _, m := range name.FindAllString(string(text), -1) {
			asked++
			if base := strings.TrimSuffix(strings.TrimSuffix(m, "_bucket"), "_count"); !known[base] {
				t.Errorf("%s asks for %s, which nothing shows", file, m)
			}
		}
		return err
	})
	if err != nil || asked == 0 {
		t.Errorf("asked %d times, error %v", asked, err)
	}
}
