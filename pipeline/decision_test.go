package pipeline

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStanding(t *testing.T) {
	first, second := FromSeconds(0, 2), FromSeconds(2, 5)
	tr := &Transcript{Turns: []Turn{{N: 1, Span: first}, {N: 2, Span: second}}}
	decide := func(key string, turn Span, o Outcome) Decision {
		return Decision{Key: key, Turn: turn, Meaning: true, Outcome: o}
	}
	for _, test := range []struct {
		name string
		all  []Decision
		want map[int]Outcome
	}{
		{"none", nil, map[int]Outcome{}},
		{"the latest stands", []Decision{decide("a", first, Gripped), decide("b", first, Overheard)}, map[int]Outcome{1: Overheard}},
		{"each turn its own", []Decision{decide("a", first, Gripped), decide("b", second, Open)}, map[int]Outcome{1: Gripped, 2: Open}},
		{"undone gives the one before", []Decision{decide("a", first, Gripped), decide("b", first, Open), {Key: "c", Undoes: "b"}}, map[int]Outcome{1: Gripped}},
		{"undone gives none", []Decision{decide("a", first, Gripped), {Key: "c", Undoes: "a"}}, map[int]Outcome{}},
		{"undoing undone", []Decision{decide("a", first, Gripped), {Key: "b", Undoes: "a"}, {Key: "c", Undoes: "b"}}, map[int]Outcome{1: Gripped}},
		{"undoing what is not there", []Decision{decide("a", first, Gripped), {Key: "b", Undoes: "x"}}, map[int]Outcome{1: Gripped}},
		{"turn with other borders now", []Decision{decide("a", FromSeconds(1.8, 4.9), Gripped)}, map[int]Outcome{2: Gripped}},
		{"turn that is gone", []Decision{decide("a", FromSeconds(9, 10), Gripped)}, map[int]Outcome{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := map[int]Outcome{}
			for n, d := range Standing(tr, test.all) {
				got[n] = d.Outcome
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("standing decisions differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecided(t *testing.T) {
	for _, test := range []struct {
		name string
		d    Decision
		want bool
	}{
		{"only a note", Decision{Meaning: true, Note: "hør igen"}, false},
		{"an outcome", Decision{Meaning: true, Outcome: Open}, true},
		{"no meaning", Decision{}, true},
	} {
		if got := test.d.Decided(); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
