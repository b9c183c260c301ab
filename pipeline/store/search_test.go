package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
)

func TestSearch(t *testing.T) {
	db, project := setup(t)
	id := add(t, db, project, "aa")
	tr := &pipeline.Transcript{Language: "da", Runs: []pipeline.Run{}, Speakers: []pipeline.Speaker{}}
	for i, text := range []string{"Hvad med fakturaerne?", "En faktura lå der \x02ikke\x03.", "Jeg kan lide blomster og <b>ro</b>."} {
		at := time.Duration(i) * time.Second
		tr.Turns = append(tr.Turns, pipeline.Turn{N: i + 1, Speaker: "S1", Role: pipeline.Citizen, Text: text, Span: pipeline.Span{Start: at, End: at + time.Second}})
	}
	in(t, db, func(tx pgx.Tx) error { return store.SaveTranscript(ctx, tx, id, tr) })
	for _, test := range []struct {
		name, words string
		want        []int
	}{
		{"other form of the word", "fakturaen", []int{1, 2}},
		{"both words", "faktura lå", []int{2}},
		{"either word", "lå or blomsten", []int{2, 3}},
		{"without a word", "faktura -lå", []int{1}},
		{"nothing", "cykelværksted", nil},
		{"only marks", `"(:*&|!`, nil},
		{"empty", "", nil},
	} {
		hits, err := store.Search(ctx, db, project, test.words, 100)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		var got []int
		for _, h := range hits {
			got = append(got, h.N)
		}
		if slices.Sort(got); !slices.Equal(got, test.want) {
			t.Errorf("%s: got turns %v, want %v", test.name, got, test.want)
		}
	}
	hits, err := store.Search(ctx, db, project, "faktura lå", 100)
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Hit{{Recording: id, Name: "samtale på Ærø.wav", N: 2, Span: tr.Turns[1].Span, Role: pipeline.Citizen,
		Before: tr.Turns[0].Text, After: tr.Turns[2].Text, Text: []store.Marked{{Text: "En "}, {Text: "faktura", Found: true}, {Text: " "}, {Text: "lå", Found: true}, {Text: " der ikke."}}}}
	if diff := cmp.Diff(want, hits); diff != "" {
		t.Errorf("hit differs (-want +got):\n%s", diff)
	}
}

func TestSearchStaysInTheProject(t *testing.T) {
	db, project := setup(t)
	other, err := store.Project(ctx, db, "another")
	if err != nil {
		t.Fatal(err)
	}
	id := add(t, db, other, "aa")
	tr := &pipeline.Transcript{Runs: []pipeline.Run{}, Speakers: []pipeline.Speaker{}, Turns: []pipeline.Turn{{N: 1, Text: "faktura"}}}
	in(t, db, func(tx pgx.Tx) error { return store.SaveTranscript(ctx, tx, id, tr) })
	if hits, err := store.Search(ctx, db, project, "faktura", 100); err != nil || len(hits) != 0 {
		t.Errorf("got %d hits and error %v, want none from another project", len(hits), err)
	}
}

// A million turns of nine words each, from a vocabulary in which the nth word is said n
// times less often than the first (Zipf's law).
func BenchmarkSearchMillionTurns(b *testing.B) {
	db := pgtest.New(b)
	project, err := store.Project(ctx, db, "CUBB")
	if err != nil {
		b.Fatal(err)
	}
	const generate = `
with made as (
	insert into recording (project, name, kind, sha256, bytes, profile)
	select $1, 'r' || i, 'conversation', i::text, 1, 'demo' from generate_series(1, 1000) i returning id)
insert into turn (recording, n, speaker, role, start_ms, end_ms, text)
select id, n, 'S1', 'citizen', n * 1000, n * 1000 + 900,
	(select string_agg('ord' || floor(exp(random() * ln(50000)))::int || 'et', ' ') from generate_series(1, 9) where n > 0 and id is not null)
from made, generate_series(1, 1000) n`
	if _, err := db.Exec(ctx, generate, project); err != nil {
		b.Fatal(err)
	}
	if _, err := db.Exec(ctx, "analyze"); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		if _, err := store.Search(ctx, db, project, fmt.Sprintf("ord%det", 1+i*i%5000), 100); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "ms-p95")
}
