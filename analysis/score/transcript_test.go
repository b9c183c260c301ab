package score

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadTRN(t *testing.T) {
	got, err := ReadTRN(strings.NewReader(";; comment\nja (nej) tak (S1-1)\n\n(s1-2)\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Utterance{{ID: "s1-1", Text: "ja (nej) tak "}, {ID: "s1-2"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("utterances differ (-want +got):\n%s", diff)
	}
}

func TestReadSTM(t *testing.T) {
	got, err := ReadSTM(strings.NewReader("b 1 B 0 1 <o,f0> Hej du\n;; comment\na 1 A 2.5 3\na 1 B 1 2 ja\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Utterance{
		{Session: "a", Speaker: "B", Start: 1, Text: "ja"},
		{Session: "a", Speaker: "A", Start: 2.5},
		{Session: "b", Speaker: "B", Text: "Hej du"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("utterances differ (-want +got):\n%s", diff)
	}
}

func TestReadSegLST(t *testing.T) {
	got, err := ReadSegLST(strings.NewReader(`[{"session_id":"a","speaker":"B","start_time":"2","words":"ja"},
		{"session_id":"a","speaker":"A","start_time":1.5,"end_time":3,"words":"nej"}, {"session_id":"b"}]`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Utterance{
		{Session: "a", Speaker: "A", Start: 1.5, Text: "nej"},
		{Session: "a", Speaker: "B", Start: 2, Text: "ja"},
		{Session: "b"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("utterances differ (-want +got):\n%s", diff)
	}
}

func TestReadErrors(t *testing.T) {
	trn := func(s string) error { _, err := ReadTRN(strings.NewReader(s)); return err }
	stm := func(s string) error { _, err := ReadSTM(strings.NewReader(s)); return err }
	seglst := func(s string) error { _, err := ReadSegLST(strings.NewReader(s)); return err }
	for _, test := range []struct {
		name string
		read func(string) error
		in   string
		want string
	}{
		{"trn without id", trn, "ja (a)\nnej", "trn line 2: no (id) at the end of the line"},
		{"trn with an empty id", trn, "ja ()", "trn line 1: no (id) at the end of the line"},
		{"trn id twice", trn, "ja (a)\n\nnej (A)", `trn line 3: id "a" stands in line 1 already`},
		{"stm with too few fields", stm, ";;\na 1 A 0", "stm line 2: 4 fields"},
		{"stm without times", stm, "a 1 A hej 1 du", `stm line 1: strconv.ParseFloat: parsing "hej"`},
		{"seglst that is no list", seglst, "{}", "read seglst: json: cannot unmarshal object"},
		{"seglst without a time", seglst, `[{"start_time":"nu"}]`, "read seglst: json: invalid number"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.read(test.in)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func FuzzReadTRN(f *testing.F) {
	f.Add("a { b / c d / @ } { e { f / g } / } (s-1)\n;; x\n(s-2)")
	f.Add("} a { { / b;c\\;d* (x) (s)\n")
	f.Fuzz(func(t *testing.T, in string) {
		all, err := ReadTRN(strings.NewReader(in))
		if err != nil {
			return
		}
		for _, u := range all {
			l := ParseLattice(u.Text, TRNOptions{FoldedCase, true, true})
			if len(l.arcs) > 300 {
				return
			}
			pairs, err := AlignLattices(l, l)
			if w := Words(pairs); err != nil || w.Errors() != 0 {
				t.Errorf("%q has %+v against itself and error %v", u.Text, w, err)
			}
		}
	})
}

func FuzzReadSTM(f *testing.F) {
	f.Add("a 1 A 0 1 <o> hej du\n;;\n")
	f.Add("a 1 A NaN Inf")
	f.Fuzz(func(t *testing.T, in string) {
		all, err := ReadSTM(strings.NewReader(in))
		for i := range all {
			if err == nil && i > 0 && all[i].Session < all[i-1].Session {
				t.Errorf("session %q comes behind %q", all[i].Session, all[i-1].Session)
			}
		}
	})
}

func FuzzReadSegLST(f *testing.F) {
	f.Add(`[{"session_id":"a","speaker":"B","start_time":"2","words":"ja"}]`)
	f.Fuzz(func(t *testing.T, in string) {
		if all, err := ReadSegLST(strings.NewReader(in)); err != nil && all != nil {
			t.Errorf("got %d utterances and %v", len(all), err)
		}
	})
}
