package review

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
)

// Who was named in one recording is proposed in another of a project that recognises voices,
// and only proposed, until somebody says yes or gives another name.
func TestVoicesAreProposedAgain(t *testing.T) {
	db := pgtest.New(t)
	project, err := store.Project(t.Context(), db, "CUBB")
	if err != nil {
		t.Fatal(err)
	}
	in := func(f func(pgx.Tx) error) {
		t.Helper()
		if err := pgx.BeginFunc(t.Context(), db, f); err != nil {
			t.Fatal(err)
		}
	}
	recognise := func(on bool) {
		in(func(tx pgx.Tx) error { _, err := store.RecogniseVoices(t.Context(), tx, project, on); return err })
	}
	recognise(true)
	record := func(sha string, first, second float32) string {
		id, _, err := store.AddRecording(t.Context(), db, store.Recording{ID: uuid.NewString(), Project: project, Kind: pipeline.Conversation, SHA256: sha, Profile: "demo"})
		if err != nil {
			t.Fatal(err)
		}
		in(func(tx pgx.Tx) error {
			if err := store.SaveTranscript(t.Context(), tx, id, talk()); err != nil {
				return err
			}
			if err := store.SaveVoiceprints(t.Context(), tx, id, []pipeline.Voiceprint{
				{Speaker: "S1", Kind: "k", Vector: []float32{1, first}, Least: 0.7}, {Speaker: "S2", Kind: "k", Vector: []float32{1, second}, Least: 0.7},
			}); err != nil {
				return err
			}
			return store.SetDone(t.Context(), tx, id)
		})
		return "/recordings/" + id
	}
	known, later := record("aa", 0, -9), record("bb", -9, 0.75) // S2 later is 1/√(1+0.75²) = 0.8 like S1 before
	stored := Stored{DB: db, Project: project}
	s := testServer(t, Config{Library: stored, Audio: &shelf{}, Decisions: stored, Corrections: stored, Voices: stored, Sheets: stored})
	keys := 0
	correct := func(address string, fields url.Values) {
		t.Helper()
		keys++
		fields.Set("key", strings.Repeat(string(rune('a'+keys)), 16))
		if resp, err := http.PostForm(s.URL+address+"/corrections", fields); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("got %v, %v", resp, err)
		}
	}
	voices := func(address string) string {
		t.Helper()
		_, body := get(t, s.URL+address)
		said := ""
		for _, p := range all(page(t, body), "p.voice") {
			said += text(p)
		}
		return said
	}
	if got := voices(later); got != "" {
		t.Errorf("nobody is named yet: got %q", got)
	}
	correct(known, url.Values{"do": {"role"}, "label": {"S1"}, "to": {"citizen"}})
	if got := voices(later); !strings.Contains(got, "lyder som Borger") || !strings.Contains(got, "80") {
		t.Errorf("a role is confirmed: got %q, want it proposed at 80 %%", got)
	}
	correct(known, url.Values{"do": {"label"}, "label": {"S1"}, "to": {"Henrik"}})
	if got := voices(later); !strings.Contains(got, "lyder som Henrik") {
		t.Errorf("named: got %q, want the name proposed", got)
	}
	if got := voices(known); got != "" {
		t.Errorf("in the recording itself: got %q", got)
	}
	correct(later, url.Values{"do": {"label"}, "label": {"S2"}, "to": {"Henrik"}})
	if got := voices(later); !strings.Contains(got, "lyder som Borger") { // the role is left to confirm
		t.Errorf("the name was used: got %q, want the role", got)
	}
	correct(later, url.Values{"do": {"label"}, "label": {"Henrik"}, "to": {"Ole"}})
	if got := voices(later); got != "" {
		t.Errorf("named otherwise: got %q", got)
	}
	_, body := get(t, s.URL+later)
	if !strings.Contains(body, "Projektet genkender stemmer") {
		t.Error("the page does not say that voices are recognised")
	}
	recognise(false)
	if _, body := get(t, s.URL+later); !strings.Contains(body, "genkender ikke stemmer") {
		t.Error("the page does not say that voices are no longer recognised")
	}
	if got := voices(later); got != "" {
		t.Errorf("switched off: got %q", got)
	}
}
