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

func TestListed(t *testing.T) {
	at := func(stages ...store.StageProgress) store.Recording { return store.Recording{Stages: stages} }
	for _, test := range []struct {
		name     string
		row      store.Recording
		state    State
		stage    pipeline.Stage
		progress float64
	}{
		{"just received", at(), Waiting, pipeline.Ingest, 0},
		{"decoding", at(store.StageProgress{Stage: pipeline.Ingest, Progress: 0.5}), Working, pipeline.Ingest, 0.5},
		{"speakers are told apart, words not yet", at(store.StageProgress{Stage: pipeline.Diarise, Progress: 1}, store.StageProgress{Stage: pipeline.Ingest, Progress: 1},
			store.StageProgress{Stage: pipeline.Transcribe, Progress: 0.25}), Working, pipeline.Transcribe, 0.25},
		{"a stage that leaves no row", at(store.StageProgress{Stage: pipeline.Transcribe, Progress: 0.5}), Working, pipeline.Transcribe, 0.5},
		{"between two stages", at(store.StageProgress{Stage: pipeline.Transcribe, Progress: 1}, store.StageProgress{Stage: pipeline.Diarise, Progress: 1}), Working, pipeline.Assemble, 0},
		{"done", store.Recording{Done: true}, Done, "", 0},
		{"failed", store.Recording{FailedIn: pipeline.Ingest, Problem: "Tom fil."}, Failed, pipeline.Ingest, 0},
	} {
		if got := listed(test.row); got.State != test.state || got.Stage != test.stage || got.Progress != test.progress {
			t.Errorf("%s: got %s in %s at %v, want %s in %s at %v", test.name, got.State, got.Stage, got.Progress, test.state, test.stage, test.progress)
		}
	}
}

// The pages on a real database: what is decided and corrected is there on the next request,
// and nothing of another project is.
func TestPagesOnPostgres(t *testing.T) {
	db := pgtest.New(t)
	project, err := store.Project(t.Context(), db, "CUBB")
	if err != nil {
		t.Fatal(err)
	}
	other, err := store.Project(t.Context(), db, "another")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, in := range []string{project, other} {
		id, _, err := store.AddRecording(t.Context(), db, store.Recording{ID: uuid.NewString(), Project: in, Name: "prøve.wav", Kind: pipeline.Conversation, SHA256: "aa", Profile: "demo"})
		if err != nil {
			t.Fatal(err)
		}
		err = pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
			if err := store.SaveTranscript(t.Context(), tx, id, talk()); err != nil {
				return err
			}
			return store.SetDone(t.Context(), tx, id)
		})
		if err != nil {
			t.Fatal(err)
		}
		ids[in] = id
	}
	stored := Stored{DB: db, Project: project}
	s := testServer(t, Config{Library: stored, Coding: stored, Decisions: stored, Corrections: stored, Finder: stored, Sheets: stored, Audio: &shelf{}})
	post := func(path string, fields url.Values) int {
		t.Helper()
		fields.Set("key", "0123456789abcdef")
		resp, err := http.PostForm(s.URL+path, fields)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	mine, theirs := "/recordings/"+ids[project], "/recordings/"+ids[other]
	post(mine+"/turns/2/decision", url.Values{"do": {"gripped"}})
	post(mine+"/corrections", url.Values{"do": {"label"}, "label": {"S1"}, "to": {"Henrik"}})
	_, body := get(t, s.URL+mine)
	doc := page(t, body)
	if got := text(one(t, doc, "div#flag2")); !strings.HasPrefix(got, "Grebet ✓ afgjort af dig") {
		t.Errorf("got flag %q, want what was decided", got)
	}
	if got := text(one(t, doc, "li#t1")); !strings.Contains(got, "Henrik") {
		t.Errorf("got turn %q, want the speaker's new name", got)
	}
	_, body = get(t, s.URL+"/search?q=blomst")
	if got := len(all(page(t, body), "li.hit")); got != 1 {
		t.Errorf("got %d hits, want the one of this project", got)
	}
	for _, path := range []string{theirs, theirs + "/export/vtt", "/recordings/nonsense"} {
		if resp, _ := get(t, s.URL+path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got status %d, want 404", path, resp.StatusCode)
		}
	}
	for path, fields := range map[string]url.Values{"/turns/2/decision": {"do": {"gripped"}}, "/corrections": {"do": {"join"}, "turn": {"1"}, "start": {"0"}}} {
		if status := post(theirs+path, fields); status != http.StatusNotFound {
			t.Errorf("%s: got status %d, want 404 for another project's recording", path, status)
		}
	}
}
