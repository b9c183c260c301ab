package pipeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// dictated is three turns of a word a second: S1 says "a b c", S2 "d e f" decided by turn 3,
// S1 "g h".
func dictated() *Transcript {
	t := &Transcript{Speakers: []Speaker{{Label: "S1", Role: Professional, Proposed: true}, {Label: "S2", Role: Citizen, Proposed: true}}}
	at := 0.0
	for i, text := range []string{"a b c", "d e f", "g h"} {
		turn := Turn{N: i + 1, Speaker: t.Speakers[i%2].Label, Role: t.Speakers[i%2].Role, Text: text, Span: FromSeconds(at, at)}
		for _, w := range strings.Fields(text) {
			turn.Words = append(turn.Words, Word{Span: FromSeconds(at, at+1), Text: w, P: 0.5})
			at++
			turn.End = FromSeconds(0, at).End
		}
		t.Turns = append(t.Turns, turn)
	}
	t.Turns[1].Codes, t.Turns[1].Outcome, t.Turns[1].OutcomeTurn = []Code{CitizenMeaning}, Gripped, 3
	return t
}

// told writes turns as "S1 professional 0-3: a b c", and the turn that decides it.
func told(t *Transcript) []string {
	var lines []string
	for _, turn := range t.Turns {
		line := fmt.Sprintf("%s %s %v-%v: %s", turn.Speaker, turn.Role, turn.Start.Seconds(), turn.End.Seconds(), turn.Text)
		if turn.OutcomeTurn > 0 {
			line += fmt.Sprint(" > ", turn.OutcomeTurn)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestCorrect(t *testing.T) {
	first, second, third := FromSeconds(0, 3), FromSeconds(3, 6), FromSeconds(6, 8)
	for _, test := range []struct {
		name string
		all  []Correction
		want []string
	}{
		{"nothing", nil, []string{"S1 professional 0-3: a b c", "S2 citizen 3-6: d e f > 3", "S1 professional 6-8: g h"}},
		{"text", []Correction{{Do: ChangeText, Turn: second, To: " d x f "}},
			[]string{"S1 professional 0-3: a b c", "S2 citizen 3-6: d x f > 3", "S1 professional 6-8: g h"}},
		{"role of a speaker", []Correction{{Do: ChangeRole, Label: "S1", To: "relative"}},
			[]string{"S1 relative 0-3: a b c", "S2 citizen 3-6: d e f > 3", "S1 relative 6-8: g h"}},
		{"name", []Correction{{Do: ChangeLabel, Label: "S1", To: "Henrik"}},
			[]string{"Henrik professional 0-3: a b c", "S2 citizen 3-6: d e f > 3", "Henrik professional 6-8: g h"}},
		{"two speakers are one", []Correction{{Do: ChangeLabel, Label: "S2", To: "S1"}},
			[]string{"S1 professional 0-3: a b c", "S1 professional 3-6: d e f > 3", "S1 professional 6-8: g h"}},
		{"turn of another speaker", []Correction{{Do: ChangeSpeaker, Turn: third, To: "S2"}},
			[]string{"S1 professional 0-3: a b c", "S2 citizen 3-6: d e f > 3", "S2 citizen 6-8: g h"}},
		{"turn of a new speaker", []Correction{{Do: ChangeSpeaker, Turn: third, To: "S3"}},
			[]string{"S1 professional 0-3: a b c", "S2 citizen 3-6: d e f > 3", "S3 unknown 6-8: g h"}},
		{"split", []Correction{{Do: Split, Turn: first, From: time.Second}},
			[]string{"S1 professional 0-1: a", "S1 professional 1-3: b c", "S2 citizen 3-6: d e f > 4", "S1 professional 6-8: g h"}},
		{"join takes the longer one's speaker", []Correction{{Do: Join, Turn: second}},
			[]string{"S1 professional 0-3: a b c", "S2 citizen 3-8: d e f g h > 2"}},
		{"words to the next turn", []Correction{{Do: GiveNext, Turn: first, From: 2 * time.Second}},
			[]string{"S1 professional 0-2: a b", "S2 citizen 2-6: c d e f > 3", "S1 professional 6-8: g h"}},
		{"words to the turn before", []Correction{{Do: GivePrevious, Turn: second, From: 4 * time.Second}},
			[]string{"S1 professional 0-4: a b c d", "S2 citizen 4-6: e f > 3", "S1 professional 6-8: g h"}},
		{"undone", []Correction{{Key: "k", Do: ChangeText, Turn: second, To: "x"}, {Undoes: "k"}},
			[]string{"S1 professional 0-3: a b c", "S2 citizen 3-6: d e f > 3", "S1 professional 6-8: g h"}},
		{"one after the other", []Correction{{Do: Split, Turn: first, From: time.Second}, {Do: ChangeSpeaker, Turn: FromSeconds(1, 3), To: "S2"}},
			[]string{"S1 professional 0-1: a", "S2 citizen 1-3: b c", "S2 citizen 3-6: d e f > 4", "S1 professional 6-8: g h"}},
		{"what does not fit changes nothing", []Correction{
			{Do: ChangeRole, Label: "S9", To: "citizen"}, {Do: ChangeRole, Label: "S1", To: "boss"}, {Do: ChangeLabel, Label: "S9", To: "S1"}, {Do: ChangeLabel, Label: "S1", To: " "},
			{Do: ChangeSpeaker, Turn: first}, {Do: ChangeText, Turn: FromSeconds(20, 21), To: "x"}, {Do: Split, Turn: first, From: 0}, {Do: Split, Turn: first, From: time.Hour},
			{Do: Join, Turn: third}, {Do: GiveNext, Turn: third, From: 7 * time.Second}, {Do: GivePrevious, Turn: first, From: time.Second}, {Do: "praise", Turn: first}},
			[]string{"S1 professional 0-3: a b c", "S2 citizen 3-6: d e f > 3", "S1 professional 6-8: g h"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := dictated()
			if diff := cmp.Diff(test.want, told(Correct(tr, test.all))); diff != "" {
				t.Errorf("turns differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(dictated(), tr); diff != "" {
				t.Errorf("the original was changed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConfirmedRoleIsNoProposal(t *testing.T) {
	if s := Correct(dictated(), []Correction{{Do: ChangeRole, Label: "S1", To: "professional"}}).Speaker("S1"); s.Proposed {
		t.Errorf("got %v, want a role that is not proposed", s)
	}
}

func TestCorrectedWordsKeepTheirTimes(t *testing.T) {
	old := dictated().Turns[1].Words // d 3-4, e 4-5, f 5-6
	for _, test := range []struct{ text, want string }{
		{"d e f", "d 3-4, e 4-5, f 5-6"},
		{"D, e f.", "D, 3-4, e 4-5, f. 5-6"},
		{"d x f", "d 3-4, x 4-5, f 5-6"},
		{"d x y f", "d 3-4, x 4-4.5, y 4.5-5, f 5-6"},
		{"d f", "d 3-4, f 5-6"},
		{"x d e f", "x 3-3, d 3-4, e 4-5, f 5-6"}, // no time before the first word
		{"x y", "x 3-4.5, y 4.5-6"},
		{"", ""},
	} {
		var got []string
		for _, w := range retime(old, strings.Fields(test.text)) {
			got = append(got, fmt.Sprintf("%s %v-%v", w.Text, w.Start.Seconds(), w.End.Seconds()))
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%q: got %s, want %s", test.text, got, test.want)
		}
	}
}

func FuzzCorrect(f *testing.F) {
	f.Add("text", 0.0, 3.0, "S1", "x y", 1.0)
	f.Add("split", 3.0, 6.0, "", "", 4.0)
	f.Fuzz(func(t *testing.T, do string, start, end float64, label, to string, from float64) {
		if !(start >= 0 && end < 1e6 && from >= 0 && from < 1e6) {
			t.Skip("no times a recording has")
		}
		c := Correction{Do: Change(do), Turn: FromSeconds(start, end), Label: label, To: to, From: FromSeconds(0, from).End}
		tr := Correct(dictated(), []Correction{c, c, {Do: Join, Turn: c.Turn}})
		for i, turn := range tr.Turns {
			if turn.N != i+1 || turn.OutcomeTurn > len(tr.Turns) || turn.End < turn.Start {
				t.Errorf("got turn %d of %d: n %d, decided by %d, %v", i+1, len(tr.Turns), turn.N, turn.OutcomeTurn, turn.Span)
			}
		}
	})
}
