package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCookiesTravelByHTTPSBeyondThisMachine(t *testing.T) {
	for _, test := range []struct {
		listen, url string
		want        bool
	}{
		{"127.0.0.1:8080", "", false},
		{"localhost:8080", "", false},
		{"[::1]:8080", "", false},
		{":8080", "", true},
		{"0.0.0.0:8080", "", true},
		{"127.0.0.1:8080", "https://lydhor.example", true}, // a proxy in front
		{"0.0.0.0:8080", "http://127.0.0.1:8080", false},   // a container whose port is published here
		{"127.0.0.1:8080", "http://lydhor.example", true},
	} {
		c := &config{Listen: test.listen, URL: test.url}
		if got := c.secure(); got != test.want {
			t.Errorf("%s, %q: got %t, want %t", test.listen, test.url, got, test.want)
		}
	}
}

// Commands on the machine of `lydhor up` find its servers, unless the environment names others.
func TestServersOfAFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) error { return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600) }
	if err := errors.Join(write("postgres.port", "5433"), write("s3.port", "7071"), write("s3.secret", "hemmelig")); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	a := &app{getenv: func(name string) string { return env[name] }}
	c := a.over(dir).config()
	if err := c.service(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(c.DatabaseURL, ":5433/") || c.S3.Endpoint != "http://127.0.0.1:7071" || c.S3.SecretKey != "hemmelig" || c.MasterKey.File != filepath.Join(dir, "master.key") {
		t.Errorf("got %s, %+v, %s, not what the folder says", c.DatabaseURL, c.S3, c.MasterKey.File)
	}
	if err := a.over(t.TempDir()).config().service(); err == nil {
		t.Error("a folder without servers: got no error")
	}
	env["LYDHOR_DATABASE_URL"] = "postgres://db.example/lydhor"
	if c := a.over(dir).config(); c.DatabaseURL != env["LYDHOR_DATABASE_URL"] || c.S3.Endpoint != "" {
		t.Errorf("with a database configured: got %s, %s, want it and nothing of the folder", c.DatabaseURL, c.S3.Endpoint)
	}
}
