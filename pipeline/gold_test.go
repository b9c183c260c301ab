package pipeline

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const gold = `{
 "id": "d01",
 "kind": "conversation",
 "language": "da",
 "synthetic": true,
 "turns": [
  {
   "start": 0,
   "end": 3.4,
   "n": 1,
   "speaker": "S1",
   "role": "citizen",
   "text": "Øl.",
   "codes": [
    "citizen_meaning"
   ],
   "outcome": "overridden",
   "words": [
    {
     "start": 0.1,
     "end": 0.35,
     "word": "Øl.",
     "p": 0.9
    }
   ],
   "outcome_turn": 2
  },
  {
   "start": 3.6,
   "end": 9.1,
   "n": 2,
   "speaker": "S2",
   "role": "professional",
   "text": "Næste felt.",
   "codes": []
  },
  {
   "start": 9.2,
   "end": 10,
   "n": 3,
   "speaker": "S1",
   "role": "citizen",
   "text": "Bare se.",
   "codes": [
    "citizen_meaning"
   ],
   "outcome": "open",
   "outcome_turn": null
  }
 ]
}
`

func TestTranscriptRoundTrip(t *testing.T) {
	tr, err := ReadTranscript(strings.NewReader(gold))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tr.Turns[0].Words[0].Span, FromSeconds(0.1, 0.35); got != want {
		t.Errorf("got word span %v, want %v", got, want)
	}
	if got := tr.Turns[0].OutcomeTurn; got != 2 {
		t.Errorf("got deciding turn %d, want 2", got)
	}
	var b bytes.Buffer
	if err := WriteTranscript(&b, tr); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(gold, b.String()); diff != "" {
		t.Errorf("written transcript differs (-want +got):\n%s", diff)
	}
}

func TestReadTranscriptErrors(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"empty", "", "unexpected end of JSON input"},
		{"broken JSON", "{\n\"turns\": [\n{]", "line 3: invalid character ']'"},
		{"wrong type", "{\n\"turns\": 7}", `line 2: "turns" is written as a number, and a list is wanted`},
		{"number in words", `{"turns":[{"n":"tre"}]}`, `line 1: "n" is written as a string, and a whole number is wanted`},
		{"turns misnumbered", `{"turns":[{"n":2}]}`, "turn 1 of the list has n 2"},
		{"ends before it starts", `{"turns":[{"n":1,"start":2,"end":1}]}`, "turn 1 runs from 2s to 1s"},
		{"role of nobody", `{"turns":[{"n":1,"role":"chef"}]}`, `turn 1 has the role "chef": write one of [citizen professional`},
		{"outcome of nothing", `{"turns":[{"n":1,"outcome":"griped"}]}`, `turn 1 has the outcome "griped": write one of [gripped`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadTranscript(strings.NewReader(test.in))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestReadGoldDialogues(t *testing.T) {
	files, _ := filepath.Glob("../../shared/gold/dev/*.json")
	if len(files) == 0 {
		t.Skip("no gold dialogues in ../shared/gold/dev")
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := ReadTranscript(f)
		f.Close()
		if err != nil || len(tr.Turns) == 0 {
			t.Errorf("%s: got %v", filepath.Base(file), err)
		}
	}
}

func FuzzReadTranscript(f *testing.F) {
	f.Add([]byte(gold))
	f.Fuzz(func(t *testing.T, in []byte) {
		tr, err := ReadTranscript(bytes.NewReader(in))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := WriteTranscript(&b, tr); err != nil {
			t.Fatalf("write what was read: %v", err)
		}
		again, err := ReadTranscript(&b)
		if err != nil {
			t.Fatalf("read what was written: %v", err)
		}
		if len(again.Turns) != len(tr.Turns) {
			t.Errorf("got %d turns again, want %d", len(again.Turns), len(tr.Turns))
		}
	})
}
