package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/pipeline"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
)

var ctx = context.Background()

// setup gives a database with one project.
func setup(t *testing.T) (db *pgxpool.Pool, project string) {
	t.Helper()
	db = pgtest.New(t)
	project, err := store.Project(ctx, db, "CUBB")
	if err != nil {
		t.Fatal(err)
	}
	return db, project
}

// add adds a recording whose sound hashes to sha.
func add(t *testing.T, db store.DB, project, sha string) string {
	t.Helper()
	id, added, err := store.AddRecording(ctx, db, store.Recording{
		ID: uuid.NewString(), Project: project, Name: "samtale på Ærø.wav", Kind: pipeline.Conversation, SHA256: sha, Bytes: 7, Profile: "demo", Meta: map[string]string{"kommune": "Ærø"},
	})
	if err != nil || !added {
		t.Fatalf("add %s: got added %v, error %v", sha, added, err)
	}
	return id
}

// in runs f in a transaction.
func in(t *testing.T, db *pgxpool.Pool, f func(pgx.Tx) error) {
	t.Helper()
	if err := pgx.BeginFunc(ctx, db, f); err != nil {
		t.Fatal(err)
	}
}

func TestProjectIsMadeOnce(t *testing.T) {
	db, first := setup(t)
	again, err := store.Project(ctx, db, "CUBB")
	if err != nil || again != first {
		t.Errorf("got %q, %v, want %q", again, err, first)
	}
}

func TestRecordings(t *testing.T) {
	db, project := setup(t)
	id := add(t, db, project, "aa")
	second := add(t, db, project, "bb")
	list, err := store.Recordings(ctx, db, project)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].ID != second || list[1].ID != id {
		t.Errorf("got %v, want %s before %s", list, second, id)
	}
	want := store.Recording{ID: id, Project: project, Name: "samtale på Ærø.wav", Kind: pipeline.Conversation, SHA256: "aa", Bytes: 7,
		Profile: "demo", Meta: map[string]string{"kommune": "Ærø"}, Attempt: 1}
	got, err := store.RecordingIn(ctx, db, project, id)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&want, got, cmpopts.IgnoreFields(store.Recording{}, "Received")); diff != "" {
		t.Errorf("recording differs (-want +got):\n%s", diff)
	}
}

func TestSameSoundStandsOnceInAProject(t *testing.T) {
	db, project := setup(t)
	id := add(t, db, project, "aa")
	again, added, err := store.AddRecording(ctx, db, store.Recording{ID: uuid.NewString(), Project: project, Name: "kopi.wav", Kind: pipeline.FLIP, SHA256: "aa", Profile: "demo"})
	if err != nil || added || again != id {
		t.Errorf("got %s, added %v, error %v, want the one that is there: %s", again, added, err, id)
	}
	other, err := store.Project(ctx, db, "another")
	if err != nil {
		t.Fatal(err)
	}
	if elsewhere := add(t, db, other, "aa"); elsewhere == id {
		t.Error("another project was given this one's recording")
	}
}

func TestRecordingOfAnotherProjectIsNotFound(t *testing.T) {
	db, project := setup(t)
	id := add(t, db, project, "aa")
	other, err := store.Project(ctx, db, "another")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, project, id string }{
		{"another project", other, id},
		{"no such id", project, "00000000-0000-0000-0000-000000000000"},
		{"no id at all", project, "'; drop table recording"},
	} {
		if _, err := store.RecordingIn(ctx, db, test.project, test.id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: got error %v, want %v", test.name, err, store.ErrNotFound)
		}
	}
}

const longQueue = `
with other as (
	insert into recording (id, project, name, kind, sha256, bytes, profile)
	select gen_random_uuid(), $1, 'x', 'conversation', 'other ' || n, 1, 'demo' from generate_series(1, 2000) n returning id)
insert into river_job (kind, args, max_attempts)
select 'transcribe', jsonb_build_object('recording', id, 'piece', n), 1 from other, generate_series(1, 10) n`

// A plan that walks through the queue took half a second of each job when 100,000 waited.
func TestRecordingIsFoundPastALongQueue(t *testing.T) {
	db, project := setup(t)
	id := add(t, db, project, "1")
	if _, err := db.Exec(ctx, longQueue, project); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(ctx, `vacuum analyze`); err != nil {
		t.Fatal(err)
	}
	in(t, db, func(tx pgx.Tx) error {
		if _, err := store.ByID(ctx, tx, id); err != nil {
			return err
		}
		var rows int
		err := tx.QueryRow(ctx, `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) from pg_stat_xact_user_tables where relname in ('recording', 'river_job')`).Scan(&rows)
		if rows < 1 || rows > 20 {
			t.Errorf("%d rows were read, want the recording and its jobs", rows)
		}
		return err
	})
}

func TestFailureAndRetry(t *testing.T) {
	db, project := setup(t)
	id := add(t, db, project, "aa")
	if err := store.Retry(ctx, db, project, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("retry before a failure: got error %v, want %v", err, store.ErrNotFound)
	}
	if err := store.SetFailed(ctx, db, id, pipeline.Ingest, "the file is empty"); err != nil {
		t.Fatal(err)
	}
	got, err := store.ByID(ctx, db, id)
	if err != nil {
		t.Fatal(err)
	}
	if got.FailedIn != pipeline.Ingest || got.Problem != "the file is empty" {
		t.Errorf("got %q in %q", got.Problem, got.FailedIn)
	}
	if err := store.Retry(ctx, db, project, id); err != nil {
		t.Fatal(err)
	}
	if got, err = store.ByID(ctx, db, id); err != nil || got.Problem != "" || got.Attempt != 2 {
		t.Errorf("after the retry got %q, attempt %d, error %v", got.Problem, got.Attempt, err)
	}
}

func TestStages(t *testing.T) {
	db, project := setup(t)
	id := add(t, db, project, "aa")
	pieces := []pipeline.Span{pipeline.FromSeconds(0, 30), pipeline.FromSeconds(30, 40)}
	for range 2 { // planning twice is planning once
		if err := store.Plan(ctx, db, id, pipeline.Transcribe, store.Mixed(pieces...)); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Plan(ctx, db, id, pipeline.Diarise, store.Mixed(pipeline.FromSeconds(0, 40))); err != nil {
		t.Fatal(err)
	}
	for _, done := range []float64{0.5, 0.2} {
		if err := store.SetProgress(ctx, db, id, pipeline.Transcribe, 0, done); err != nil {
			t.Fatal(err)
		}
	}
	got, err := store.ByID(ctx, db, id)
	if err != nil {
		t.Fatal(err)
	}
	// Half of 30 s of 40 s.
	want := []store.StageProgress{{Stage: pipeline.Diarise}, {Stage: pipeline.Transcribe, Progress: 0.375}}
	if diff := cmp.Diff(want, got.Stages); diff != "" {
		t.Errorf("progress differs (-want +got):\n%s", diff)
	}
	if got.Left != 0 {
		t.Errorf("got %v left before any job began", got.Left)
	}
	if _, err := db.Exec(ctx, `insert into river_job (kind, args, max_attempts, state, attempted_at)
		values ('transcribe', jsonb_build_object('recording', $1::text, 'attempt', 1), 4, 'running', now() - interval '1 minute')`, id); err != nil {
		t.Fatal(err)
	}
	got, err = store.ByID(ctx, db, id)
	if err != nil {
		t.Fatal(err)
	}
	if got.Left < 100*time.Second || got.Left > 150*time.Second { // 15 s in a minute, 25 s to come
		t.Errorf("got %v left, want 1m40s", got.Left)
	}

	speech := pipeline.Speech{Language: "da", Segments: []pipeline.Segment{{Span: pipeline.FromSeconds(1, 2), Text: "Øl."}}}
	heardAll := func() (all bool) {
		in(t, db, func(tx pgx.Tx) (err error) {
			all, err = store.HeardAll(ctx, tx, id)
			return err
		})
		return all
	}
	save := func(stage pipeline.Stage, n int, result any) {
		t.Helper()
		if heardAll() {
			t.Error("all is heard before the last result")
		}
		if err := store.SaveResult(ctx, db, id, stage, n, pipeline.Run{Stage: stage}, result); err != nil {
			t.Fatal(err)
		}
	}
	save(pipeline.Transcribe, 1, speech)
	if left, err := store.Unfinished(ctx, db, id, pipeline.Transcribe); err != nil || !slices.Equal(left, []store.Piece{{N: 0, Span: pieces[0]}}) {
		t.Errorf("got unfinished %v, error %v", left, err)
	}
	voices := pipeline.Voices{Turns: []pipeline.SpeakerTurn{{Span: pipeline.FromSeconds(1, 2), Speaker: "S1"}}}
	save(pipeline.Diarise, 0, voices)
	save(pipeline.Transcribe, 0, speech)
	if !heardAll() {
		t.Error("not all is heard after the last result")
	}

	whole, err := store.SpeechOf(ctx, db, id)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]*pipeline.Speech{pipeline.JoinSpeech(pieces, []pipeline.Speech{speech, speech})}, whole); diff != "" {
		t.Errorf("speech differs (-want +got):\n%s", diff)
	}
	who, err := store.VoicesOf(ctx, db, id)
	if err != nil || !cmp.Equal(who, &voices) {
		t.Errorf("got %v, %v, want %v", who, err, voices)
	}
}

func TestTranscript(t *testing.T) {
	db, project := setup(t)
	id := add(t, db, project, "aa")
	if _, err := store.Transcript(ctx, db, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("before there is one: got error %v, want %v", err, store.ErrNotFound)
	}
	want := &pipeline.Transcript{
		ID: id, Kind: pipeline.Conversation, Language: "da", Notices: []string{"demo"},
		Runs:     []pipeline.Run{{Stage: pipeline.Transcribe, Model: "m"}},
		Speakers: []pipeline.Speaker{{Label: "S1", Role: pipeline.Citizen, Proposed: true, Confidence: 0.7}},
		Turns: []pipeline.Turn{
			{N: 1, Speaker: "S1", Role: pipeline.Citizen, Span: pipeline.FromSeconds(0, 1), Text: "Bare <se> 🙂", Codes: []pipeline.Code{pipeline.CitizenMeaning},
				Outcome: pipeline.Overridden, OutcomeTurn: 2, Words: []pipeline.Word{{Span: pipeline.FromSeconds(0, 0.5), Text: "Bare", P: 0.5}},
				Evidence:   map[string][]pipeline.Evidence{"outcome": {{Group: "ja men", Turn: 2, Weight: 1.2}}},
				Confidence: map[string]float64{"outcome": 0.8}},
			{N: 2, Speaker: "S2", Role: pipeline.Professional, Span: pipeline.FromSeconds(1, 2), Text: "Næste felt.", Codes: []pipeline.Code{}},
		},
		Dropped: []pipeline.Dropped{{Span: pipeline.FromSeconds(3, 4), Text: "Tak", Reason: "loop"}},
		Music:   []pipeline.Music{{Span: pipeline.FromSeconds(2.5, 9)}},
		Themes:  []pipeline.Themes{{Turn: 2, Themes: []string{"dim_respect"}}},
	}
	for range 2 { // a newer run replaces it
		in(t, db, func(tx pgx.Tx) error { return store.SaveTranscript(ctx, tx, id, want) })
	}
	got, err := store.Transcript(ctx, db, id)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("transcript differs (-want +got):\n%s", diff)
	}
	want.Music = nil // as in one made before it was kept
	in(t, db, func(tx pgx.Tx) error { return store.SaveTranscript(ctx, tx, id, want) })
	var null bool
	if err := db.QueryRow(ctx, `select music is null from transcript`).Scan(&null); err != nil || !null {
		t.Errorf("no music: got null %v, error %v, want it so", null, err)
	}
	if got, err := store.Transcript(ctx, db, id); err != nil || got.Music != nil || len(got.Turns) != 2 {
		t.Errorf("without music got %+v, error %v, want its turns", got, err)
	}
}

func TestDecisionsAreOnlyAdded(t *testing.T) {
	db, project := setup(t)
	id := add(t, db, project, "aa")
	first := pipeline.Decision{Key: "key-1", Coder: "anna", Turn: pipeline.FromSeconds(1, 2), Meaning: true, Outcome: pipeline.Gripped, Deciding: pipeline.FromSeconds(2, 3), Note: "tydeligt"}
	second := pipeline.Decision{Key: "key-2", Coder: "anna", Turn: pipeline.FromSeconds(1, 2), Undoes: "key-1"}
	changed := first
	changed.Outcome = pipeline.Open
	for _, d := range []pipeline.Decision{first, changed, second, {Key: "key-3", Coder: "bo", Turn: pipeline.FromSeconds(1, 2)}} {
		if err := store.Decide(ctx, db, id, d); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec(ctx, `update decision set outcome = 'open'`); err == nil {
		t.Error("a decision was changed")
	}
	got, err := store.Decisions(ctx, db, id, "anna")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]pipeline.Decision{first, second}, got, cmpopts.IgnoreFields(pipeline.Decision{}, "Made")); diff != "" {
		t.Errorf("decisions differ (-want +got):\n%s", diff)
	}
}

func TestLease(t *testing.T) {
	db, _ := setup(t)
	for job, worker := range map[int64]string{1: "dead", 2: "alive"} {
		if err := store.Hold(ctx, db, job, worker); err != nil {
			t.Fatal(err)
		}
	}
	for _, job := range []int64{1, 2} {
		if err := store.LetGo(ctx, db, job, "dead"); err != nil {
			t.Fatal(err)
		}
	}
	rows, _ := db.Query(ctx, `select job from lease`)
	if held, err := pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil || !slices.Equal(held, []int64{2}) {
		t.Errorf("got jobs %v held, error %v, want the living worker's, which only it lets go", held, err)
	}
}

func TestOpenSaysWhatToDo(t *testing.T) {
	_, err := store.Open(ctx, "postgres://nobody@127.0.0.1:1/none")
	if err == nil {
		t.Fatal("opened")
	}
	t.Log(err)
}

func TestSheets(t *testing.T) {
	db, project := setup(t)
	var ids []string
	for _, sum := range []string{"talk", "flip"} {
		id, _, err := store.AddRecording(t.Context(), db, store.Recording{ID: uuid.NewString(), Project: project, SHA256: sum, Kind: pipeline.FLIP})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	for _, starts := range [][]time.Duration{{time.Second}, {2 * time.Second, 3 * time.Second}} { // the second in the place of the first
		if err := store.PutSheet(t.Context(), db, store.Sheet{Recording: ids[0], FLIP: ids[1], Starts: starts, Coder: "anna"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range ids {
		got, err := store.Sheets(t.Context(), db, id)
		if err != nil || len(got) != 1 || got[0].Recording != ids[0] || got[0].FLIP != ids[1] || !slices.Equal(got[0].Starts, []time.Duration{2 * time.Second, 3 * time.Second}) {
			t.Errorf("%s: got %+v and error %v, want the later sheet", id, got, err)
		}
	}
}
