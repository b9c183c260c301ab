package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func TestModels(t *testing.T) {
	wrong := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("too little")) }))
	defer wrong.Close()
	dir := t.TempDir()
	env := map[string]string{"LYDHOR_MODELS": dir, "LYDHOR_MODELS_URL": wrong.URL}
	for _, test := range []struct {
		args           string
		status         int
		stdout, stderr string // in what is written there
	}{
		{"models list", 0, "edda-v0.2", ""},
		{"models path large-v3-turbo", 0, filepath.Join(dir, "ggml-large-v3-turbo.bin"), ""},
		{"models path nothing", 1, "", "models list"},
		{"models get nothing", 1, "", "models list"},
		{"models get tiny", 1, "", "after 10 of 77691713 bytes: run the command again"},
		{"models random huge " + filepath.Join(dir, "random.bin"), 1, "", "no shape"},
		{"models", 2, "", "list, get NAME, path NAME or random SHAPE FILE"},
		{"transcribe --model tiny x.wav", 1, "", "lydhor models get"},
	} {
		t.Run(test.args, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			a := &app{getenv: func(name string) string { return env[name] }, stdout: &stdout, stderr: &stderr}
			if got := a.run(context.Background(), strings.Fields(test.args)); got != test.status {
				t.Errorf("got status %d, want %d: %s", got, test.status, &stderr)
			}
			if !strings.Contains(stdout.String(), test.stdout) || !strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("got %q and %q, want %q and %q in them", &stdout, &stderr, test.stdout, test.stderr)
			}
		})
	}
}
