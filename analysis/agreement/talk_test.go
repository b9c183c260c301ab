package agreement

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

// two gives one conversation of ten turns that could be coded, as anna and bo coded it.
func two(id string, anna, bo Coding) Talk {
	return Talk{id, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, map[string]Coding{"anna": anna, "bo": bo}}
}

// Both mark 1, 2, 3 and 4, anna 5 besides, bo 6: they agree on 8 of 10. Chance is
// 5/10 · 5/10 + 5/10 · 5/10 = 0.5, so kappa is (0.8 - 0.5) / (1 - 0.5) = 0.6. Of the four they
// agree on the outcome of 1, 2 and 4; read two ways on all three that are not open for either.
func TestBetween(t *testing.T) {
	got := Between([]Talk{two("d1",
		Coding{1: "gripped", 2: "overheard", 3: "overheard", 4: "open", 5: "gripped"},
		Coding{1: "gripped", 2: "overheard", 3: "overridden", 4: "open", 6: "open"}),
		{"d2", []int{1}, map[string]Coding{"anna": {1: "open"}}}, // bo has not coded it
	}, "anna", "bo")
	if got.Talks != 1 || got.Meaning.N != 10 || got.Outcome.N != 4 || got.TwoWay.N != 3 {
		t.Errorf("got %d talks, %d, %d and %d turns, want 1, 10, 4 and 3", got.Talks, got.Meaning.N, got.Outcome.N, got.TwoWay.N)
	}
	for name, test := range map[string]struct {
		got  Figure
		want float64
	}{
		"alike on meaning": {got.Meaning.Percent, 0.8}, "kappa of meaning": {got.Meaning.Kappa, 0.6},
		"alike on outcome": {got.Outcome.Percent, 0.75}, "alike two ways": {got.TwoWay.Percent, 1},
	} {
		if test.got.Value == nil || math.Abs(*test.got.Value-test.want) > 1e-9 {
			t.Errorf("%s: got %v, want %v", name, test.got.Value, test.want)
		}
		if test.got.Low != nil {
			t.Errorf("%s: got an interval over one conversation", name)
		}
	}
	want := []Disagreement{{"d1", 3, "overheard", "overridden"}, {"d1", 5, "gripped", NotMeaning}, {"d1", 6, NotMeaning, "open"}}
	if diff := cmp.Diff(want, got.Disagreements); diff != "" {
		t.Errorf("disagreements differ (-want +got):\n%s", diff)
	}
}

// Text that nobody was to code makes no figure better: only the citizen's turns count, and
// not those that hand the floor back.
func TestUncodedTextDoesNotInflate(t *testing.T) {
	short := &pipeline.Transcript{ID: "d1", Turns: []pipeline.Turn{{N: 1, Role: pipeline.Citizen, Text: "Jeg savner det"}, {N: 2, Role: pipeline.Citizen, Text: "Det var godt"}}}
	long := &pipeline.Transcript{ID: "d1", Turns: append([]pipeline.Turn{}, short.Turns...)}
	for n := 3; n < 200; n++ {
		turn := pipeline.Turn{N: n, Role: pipeline.Professional, Text: "Så skal vi lave din plan"}
		if n%2 == 0 {
			turn = pipeline.Turn{N: n, Role: pipeline.Citizen, Text: "mm"}
		}
		long.Turns = append(long.Turns, turn)
	}
	var figures []Figures
	for _, tr := range []*pipeline.Transcript{short, long} {
		talk := NewTalk(tr, func(text string) bool { return text == "mm" })
		talk.By["anna"], talk.By["bo"] = Coding{1: "gripped"}, Coding{2: "gripped"}
		figures = append(figures, Between([]Talk{talk}, "anna", "bo").Meaning)
	}
	if diff := cmp.Diff(figures[0], figures[1]); diff != "" {
		t.Errorf("two hundred turns that nobody codes change the figures:\n%s", diff)
	}
	if *figures[0].Percent.Value != 0 || *figures[0].Kappa.Value != -1 {
		t.Errorf("got %v alike and kappa %v, want 0 and -1", *figures[0].Percent.Value, *figures[0].Kappa.Value)
	}
}

func TestConsensus(t *testing.T) {
	talk := two("d1", Coding{1: "gripped", 2: "overheard", 3: "open"}, Coding{1: "gripped", 2: "overridden"})
	talk.By[pipeline.Lydhor] = Coding{9: "open"}
	_, open := talk.Consensus(nil)
	if diff := cmp.Diff([]int{2, 3}, open); diff != "" {
		t.Errorf("open turns differ (-want +got):\n%s", diff)
	}
	got, open := talk.Consensus(map[int]pipeline.Decision{2: {Meaning: true, Outcome: pipeline.Overridden}, 3: {Meaning: false}})
	if diff := cmp.Diff(Coding{1: "gripped", 2: "overridden"}, got); diff != "" || len(open) > 0 {
		t.Errorf("got open %v; coding differs (-want +got):\n%s", open, diff)
	}
	delete(talk.By, "bo")
	if got, _ := talk.Consensus(nil); got != nil {
		t.Errorf("one person alone: got %v, want no consensus", got)
	}
}

// An interval is over conversations: ten of them, of which two differ.
func TestBetweenGivesIntervals(t *testing.T) {
	var talks []Talk
	for i := range 10 {
		bo := Coding{1: "gripped", 2: "open"}
		if i < 2 {
			bo = Coding{3: "gripped"}
		}
		talks = append(talks, two(string(rune('a'+i)), Coding{1: "gripped", 2: "open"}, bo))
	}
	f := Between(talks, "anna", "bo").Meaning.Kappa
	if f.Low == nil || !(*f.Low < *f.Value && *f.Value < *f.High && *f.High <= 1) {
		t.Errorf("got %v, want a figure inside its interval", f)
	}
}

func TestParse(t *testing.T) {
	for pair, want := range map[string]bool{"anna,bo": true, " anna , Lydhør": true, "anna": false, "anna,": false, "anna,anna": false, "a,b,c": false} {
		if _, _, ok := Parse(pair); ok != want {
			t.Errorf("%q: got %t, want %t", pair, ok, want)
		}
	}
}
