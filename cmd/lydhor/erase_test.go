package main

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
	"lydhor/pipeline/audit"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/store"
)

// dumped is everything that the database holds, as pg_dump writes it.
func dumped(t *testing.T, url string) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
	if len(found) == 0 {
		t.Skip("no pg_dump is installed")
	}
	slices.Sort(found)
	var words bytes.Buffer
	cmd := exec.Command(found[len(found)-1], "--inserts", url)
	cmd.Stderr = &words
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pg_dump: %v: %s", err, words.String())
	}
	return string(out)
}

// Of an erased recording nothing is left but the proof; of its neighbour everything is.
func TestEraseLeavesNothing(t *testing.T) {
	s := newSite(t)
	id, other := s.ids[0], s.ids[1]
	const noted = "stenbrosmuren" // by people, of the recording alone
	if err := errors.Join(
		store.Decide(t.Context(), s.db, id, pipeline.Decision{Key: "0123456789abcdef", Coder: "analyst", Note: noted}),
		store.Correct(t.Context(), s.db, id, pipeline.Correction{Key: "0123456789abcdef", Coder: "analyst", To: noted}),
		store.Plan(t.Context(), s.db, id, pipeline.Transcribe, store.Mixed(pipeline.Span{End: time.Second})),
		consent.Put(t.Context(), s.db, id, consent.Consent{Version: "1", Scope: "research"}),
		consent.Hold(t.Context(), s.db, id, "case 17"),
		pgx.BeginFunc(t.Context(), s.db, func(tx pgx.Tx) error {
			_, err := store.RecogniseVoices(t.Context(), tx, s.projects[0], true)
			return errors.Join(err, store.SaveVoiceprints(t.Context(), tx, id, []pipeline.Voiceprint{{Speaker: "S1", Kind: noted, Vector: []float32{1}}}))
		}),
	); err != nil {
		t.Fatal(err)
	}
	if _, err := consent.Erase(t.Context(), s.db, s.blobs, id, operator, "withdrawn"); !errors.Is(err, consent.ErrHeld) {
		t.Fatalf("while it is held: got %v, want %v", err, consent.ErrHeld)
	}
	url := s.db.Config().ConnString()
	before := dumped(t, url)
	for _, word := range []string{planted, noted, plantedName, id} {
		if !strings.Contains(before, word) {
			t.Fatalf("%q is not in the database before it is erased: the test would show nothing", word)
		}
	}
	if err := consent.Hold(t.Context(), s.db, id, ""); err != nil {
		t.Fatal(err)
	}
	proof, err := consent.Erase(t.Context(), s.db, s.blobs, id, operator, "withdrawn")
	if err != nil {
		t.Fatal(err)
	}
	if proof.Rows["turn"] != 2 || proof.Rows["recording"] != 1 || proof.Rows["river_job"] != 1 || proof.Rows["voiceprint"] != 1 || proof.Objects != 2 || len(proof.SHA256) != 64 {
		t.Errorf("got proof %+v, want 2 turns, 1 recording, 1 job, 1 voice, 2 objects and a hash", proof)
	}
	after := dumped(t, url)
	if strings.Contains(after, noted) {
		t.Errorf("%q is still in the database", noted)
	}
	for _, word := range []string{planted, plantedName} {
		if got, want := strings.Count(after, word), strings.Count(before, word)/2; got != want {
			t.Errorf("%q: got it %d times, want the neighbour's %d", word, got, want)
		}
	}
	for line := range strings.Lines(after) {
		if strings.Contains(line, id) && !strings.Contains(line, "public.erasure") && !strings.Contains(line, "public.audit_event") {
			t.Errorf("left in the database: %s", line)
		}
	}
	for prefix, want := range map[string]int{id: 0, other: 2} {
		if keys, err := s.blobs.Keys(t.Context(), prefix, time.Now().Add(time.Hour)); err != nil || len(keys) != want {
			t.Errorf("got objects %v, %v, want %d", keys, err, want)
		}
	}
	if _, _, err := audit.Verify(t.Context(), s.db); err != nil {
		t.Error(err)
	}
}

// An erasure that was cut off before the objects were gone ends when it is called again.
func TestEraseGoesOn(t *testing.T) {
	s := newSite(t)
	first, err := consent.Erase(t.Context(), s.db, &blob.Memory{}, s.ids[0], operator, "withdrawn") // reaches no objects
	if err != nil {
		t.Fatal(err)
	}
	second, err := consent.Erase(t.Context(), s.db, s.blobs, s.ids[0], operator, "withdrawn")
	if err != nil || !second.At.Equal(first.At) {
		t.Errorf("got %+v, %v, want the first proof", second, err)
	}
	if keys, _ := s.blobs.Keys(t.Context(), s.ids[0], time.Now().Add(time.Hour)); len(keys) != 0 {
		t.Errorf("left: %v", keys)
	}
	if _, err := consent.Erase(t.Context(), s.db, s.blobs, "00000000-0000-4000-8000-000000000000", operator, ""); !errors.Is(err, consent.ErrGone) {
		t.Errorf("never there: got %v, want %v", err, consent.ErrGone)
	}
}

func TestExpired(t *testing.T) {
	s := newSite(t)
	day := func(text string) *time.Time {
		d, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return &d
	}
	if err := errors.Join(
		consent.Put(t.Context(), s.db, s.ids[0], consent.Consent{Version: "1", Until: day("2026-01-31")}),
		consent.Put(t.Context(), s.db, s.ids[1], consent.Consent{Version: "1", Until: day("2026-01-31")}),
		consent.Hold(t.Context(), s.db, s.ids[1], "case 17"),
	); err != nil {
		t.Fatal(err)
	}
	if err := store.Protect(t.Context(), s.db, s.projects[1], store.Protection{Keep: 24 * time.Hour}); err != nil { // which the hold outdoes
		t.Fatal(err)
	}
	for then, want := range map[string]int{"2026-01-31": 0, "2026-02-01": 1} {
		if got, err := consent.Expired(t.Context(), s.db, *day(then)); err != nil || len(got) != want {
			t.Errorf("%s: got %v, %v, want %d", then, got, err, want)
		}
	}
}

// A recording whose consent says no day goes when its project's time is over.
func TestExpiredByTheProject(t *testing.T) {
	s := newSite(t)
	if err := store.Protect(t.Context(), s.db, s.projects[0], store.Protection{Keep: 10 * 24 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	for days, want := range map[int]int{9: 0, 12: 1} {
		if got, err := consent.Expired(t.Context(), s.db, time.Now().Add(time.Duration(days)*24*time.Hour)); err != nil || len(got) != want {
			t.Errorf("after %d days: got %v, %v, want %d", days, got, err, want)
		}
	}
	if err := consent.Put(t.Context(), s.db, s.ids[0], consent.Consent{Version: "1", Until: ptr(time.Now().Add(1000 * 24 * time.Hour))}); err != nil {
		t.Fatal(err)
	}
	if got, err := consent.Expired(t.Context(), s.db, time.Now().Add(12*24*time.Hour)); err != nil || len(got) != 0 {
		t.Errorf("with a later day of its own: got %v, %v, want none", got, err)
	}
}

func ptr[T any](v T) *T { return &v }
