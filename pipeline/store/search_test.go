package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
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
