package main

import (
	"errors"
	"strings"
	"testing"

	"lydhor/pipeline/access"
)

// A token is listed without its secret, and is good for nothing once it is revoked.
func TestTokensAreListedAndRevoked(t *testing.T) {
	d := newDesk(t)
	if _, err := access.NewAccount(t.Context(), d.db, "karen"); err != nil {
		t.Fatal(err)
	}
	var secrets []string
	for range 2 {
		status, out, words := d.run("tokens", "karen", "--scopes", "upload,watch", "--project", "P")
		if status != 0 {
			t.Fatalf("got %d and %q", status, words)
		}
		secrets = append(secrets, strings.TrimSpace(out))
	}
	_, list, _ := d.run("tokens", "--list")
	id, rest, _ := strings.Cut(list, "  ")
	if strings.Count(list, "\n") != 2 || !strings.HasPrefix(rest, "karen  P  upload,watch  made ") || strings.Contains(list, secrets[0]) {
		t.Fatalf("got list %q, want two tokens of karen's, without secrets", list)
	}
	if status, out, words := d.run("tokens", "--revoke", id); status != 0 || strings.Contains(out, id) || strings.Count(out, "\n") != 1 {
		t.Errorf("revoke: got %d, %q and %q, want the other left", status, out, words)
	}
	for i, want := range []error{access.ErrDenied, nil} {
		if _, err := access.Token(t.Context(), d.db, secrets[i]); !errors.Is(err, want) {
			t.Errorf("token %d: got %v, want %v", i, err, want)
		}
	}
	if status, _, words := d.run("tokens", "--revoke", id); status != 1 || !strings.Contains(words, "--list") {
		t.Errorf("again: got %d and %q", status, words)
	}
}

// Who mistypes a project or a recording is told so, and none is made.
func TestMistyped(t *testing.T) {
	d := newDesk(t)
	for _, args := range [][]string{
		{"audit", "export", "--project", "Q"}, {"tokens", "karen", "--project", "Q"}, {"codebook", "list", "--project", "Q"},
		{"consent", "nope", "--version", "1"}, {"consent", "8dd3c605-12ed-4349-9d37-213f32dc7625", "--participants", "B-1"},
	} {
		if status, _, words := d.run(args...); status != 1 || !strings.Contains(words, "there is no ") && !strings.Contains(words, "no account") || strings.Contains(words, "SQLSTATE") {
			t.Errorf("%v: got %d and %q", args, status, words)
		}
	}
	var projects int
	if err := d.db.QueryRow(t.Context(), `select count(*) from project where name = 'Q'`).Scan(&projects); err != nil || projects != 0 {
		t.Errorf("got %d projects Q, %v, want none", projects, err)
	}
}
