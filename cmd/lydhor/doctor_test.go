package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
)

// examined runs doctor in an environment and gives its findings by check.
func examined(t *testing.T, env map[string]string, args ...string) (map[string]finding, int) {
	t.Helper()
	var out, words bytes.Buffer
	a := &app{getenv: func(name string) string { return env[name] }, stdout: &out, stderr: &words}
	status := a.run(context.Background(), append([]string{"doctor", "--json"}, args...))
	var list []finding
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		t.Fatalf("doctor printed %q, %q: %v", out.String(), words.String(), err)
	}
	by := map[string]finding{}
	for _, f := range list {
		by[f.Check] = f
	}
	return by, status
}

func TestDoctorFindsRealServersWell(t *testing.T) {
	if os.Getenv("TEST_S3_ENDPOINT") == "" {
		t.Skip("no S3 server: TEST_S3_ENDPOINT is not set; `make test` sets it")
	}
	env := map[string]string{"LYDHOR_DATABASE_URL": pgtest.URL(t), "LYDHOR_MASTER_KEY_FILE": masterKeyFile(t), "LYDHOR_UPLOADS": filepath.Join(t.TempDir(), "uploads")}
	for _, name := range []string{"ENDPOINT", "ACCESS_KEY", "SECRET_KEY", "BUCKET"} {
		env["LYDHOR_S3_"+name] = os.Getenv("TEST_S3_" + name)
	}
	got, _ := examined(t, env, "--profiles", "")
	for _, check := range []string{"postgres", "migrations", "clock", "s3", "master key", "ffmpeg", "confinement", "models", "speakers"} {
		if f, looked := got[check]; !looked || !f.OK || f.Mend != "" {
			t.Errorf("%s: got %+v, want it well and nothing to mend", check, f)
		}
	}
}

func TestDoctorSaysHowToMend(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no ffmpeg
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	models := t.TempDir()
	if err := os.Mkdir(filepath.Join(models, "speaker-embedding-dvector"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(models, "speaker-embedding-dvector", "bilstm-mean-all-specaug.safetensors"), []byte("cut off"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, status := examined(t, map[string]string{
		"LYDHOR_MODELS":       models,
		"LYDHOR_DATABASE_URL": "postgres://nobody@127.0.0.1:1/none?connect_timeout=1",
		"LYDHOR_S3_ENDPOINT":  "http://127.0.0.1:1",
		"LYDHOR_UPLOADS":      file,
	}, "--profiles", "draft=no-such-model")
	if status != 1 {
		t.Errorf("got exit status %d, want 1", status)
	}
	for check, mend := range map[string]string{
		"postgres": "LYDHOR_DATABASE_URL", "migrations": "mend postgres first", "clock": "mend postgres first", "s3": "LYDHOR_S3_ENDPOINT",
		"ffmpeg": "apt-get install ffmpeg", "models": "lydhor models get", "speakers": "docs/models.md", "disk": "LYDHOR_UPLOADS",
	} {
		if f := got[check]; f.OK || f.Says == "" || !strings.Contains(f.Mend, mend) {
			t.Errorf("%s: got %+v, want it bad and %q in how to mend it", check, f, mend)
		}
	}
}

func TestDoctorSeesMissingMigrations(t *testing.T) {
	url := pgtest.URL(t)
	pool, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), `delete from schema_version where version = 2`); err != nil {
		t.Fatal(err)
	}
	got, _ := examined(t, map[string]string{"LYDHOR_DATABASE_URL": url, "LYDHOR_S3_ENDPOINT": "http://127.0.0.1:1"}, "--profiles", "")
	if f := got["migrations"]; f.OK || !strings.Contains(f.Says, "1 migrations are not applied") {
		t.Errorf("got %+v, want one migration missing", f)
	}
}

// A clock that stands an hour wrong is told, as is how to set it.
func TestDoctorSeesAClockThatStandsWrong(t *testing.T) {
	if _, err := beside("versitygw"); err != nil {
		t.Skip("no S3 server: `make test` puts versitygw on the path")
	}
	s, err := startServersOn(t.Context(), ordealFolder(t), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	if s.clock == "" {
		t.Skip("faketime is not installed")
	}
	if err := os.WriteFile(s.clock, []byte("+1h\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second) // the library looks at the file once a second
	got, _ := examined(t, map[string]string{"LYDHOR_DATABASE_URL": s.databaseURL, "LYDHOR_S3_ENDPOINT": "http://127.0.0.1:1"}, "--profiles", "")
	if f := got["clock"]; f.OK || !strings.Contains(f.Says, "stands 1h") || !strings.Contains(f.Mend, "chrony") {
		t.Errorf("got %+v, want to be told of an hour", f)
	}
}

// Who has not the master key of the recordings is told, and neither serves nor works.
func TestAnotherMasterKeyIsRefused(t *testing.T) {
	p := newPlace(t, pgtest.URL(t), masterKeyFile(t))
	p.receive(p.service(), "sound")
	p.env["LYDHOR_MASTER_KEY_FILE"] = masterKeyFile(t)
	for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"work", "--profiles", ""}, {"restore"}} {
		if out, words, status := p.run(args...); status != 1 || !strings.Contains(words, "which is not configured here: bring the file") {
			t.Errorf("%v: got status %d, %s%s", args, status, out, words)
		}
	}
	if f := examinedKey(t, p.env); f.OK || !strings.Contains(f.Says, "not configured here") {
		t.Errorf("doctor: got %+v", f)
	}
	p.env["LYDHOR_MASTER_KEY_FILE"] = ""
	if f := examinedKey(t, p.env); f.OK || !strings.Contains(f.Says, "none is configured") || !strings.Contains(f.Mend, "lydhor keys new") {
		t.Errorf("doctor without one: got %+v", f)
	}
}

func examinedKey(t *testing.T, env map[string]string) finding {
	t.Helper()
	got, _ := examined(t, env, "--profiles", "")
	return got["master key"]
}
