package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// voices are two recordings: in a, one second of four is missed; in b, one of two goes to a
// speaker who spoke the other.
var voices = map[string]string{
	"r.rttm":   "SPEAKER a 1 0 4 <NA> <NA> A <NA> <NA>\nSPEAKER b 1 0 1 <NA> <NA> A <NA> <NA>\nSPEAKER b 1 1 1 <NA> <NA> B <NA> <NA>\n",
	"h.rttm":   "SPEAKER a 1 1 3 <NA> <NA> x <NA> <NA>\nSPEAKER b 1 0 2 <NA> <NA> x <NA> <NA>\nSPEAKER c 1 0 2 <NA> <NA> x <NA> <NA>\n",
	"a.uem":    "a 1 0 2\n",
	"r.json":   `{"turns":[{"n":1,"speaker":"A","start":0,"end":4,"text":"ja"}]}`,
	"h.json":   `{"run":{"stage":"diarise"},"turns":[{"speaker":"x","start":1,"end":4}]}`,
	"h1.rttm":  "SPEAKER rec 1 1 3 <NA> <NA> x <NA> <NA>\n",
	"bad.rttm": "SPEAKER a 1 0 4 <NA> <NA> A <NA> <NA>\nSPEAKER a 1 x 4 <NA> <NA> A <NA> <NA>\n",
}

func TestEvalDiarisation(t *testing.T) {
	for _, test := range []struct{ name, args, want string }{
		// JER: 1/4 for A of a; of b, A is matched with 1 of 2, B with nobody: (0.25 + 0.5 + 1) / 3
		{"several recordings", "--ref r.rttm --hyp h.rttm", `{
 "der": 0.3333333333333333,
 "missed": 1,
 "false_alarm": 0,
 "confusion": 1,
 "total": 6,
 "jer": 0.5833333333333334,
 "files": [
  {
   "file": "a",
   "der": 0.25,
   "missed": 1,
   "false_alarm": 0,
   "confusion": 0,
   "total": 4,
   "jer": 0.25
  },
  {
   "file": "b",
   "der": 0.5,
   "missed": 0,
   "false_alarm": 0,
   "confusion": 1,
   "total": 2,
   "jer": 0.75
  }
 ]
}
`},
		{"a region and a collar", "--ref r.rttm --hyp h.rttm --uem a.uem --collar 0.25", `{
 "der": 0.42857142857142855,
 "missed": 0.75,
 "false_alarm": 0,
 "confusion": 0,
 "total": 1.75,
 "jer": 0.5
}
`},
		{"one recording of any name", "--ref r.json --hyp h1.rttm", `{
 "der": 0.25,
 "missed": 1,
 "false_alarm": 0,
 "confusion": 0,
 "total": 4,
 "jer": 0.25
}
`},
		{"what diarise --json writes", "--ref r.json --hyp h.json", `{
 "der": 0.25,
 "missed": 1,
 "false_alarm": 0,
 "confusion": 0,
 "total": 4,
 "jer": 0.25
}
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, errs, status := evaluate(t, voices, append([]string{"diarisation", "--json"}, strings.Fields(test.args)...)...)
			if diff := cmp.Diff(test.want, out); status != 0 || diff != "" {
				t.Errorf("status %d, %s, scores differ (-want +got):\n%s", status, errs, diff)
			}
		})
	}
}

func TestEvalDiarisationMessages(t *testing.T) {
	for _, test := range []struct {
		name, args string
		status     int
		want       string
	}{
		{"no reference", "--hyp h.rttm", 2, "give --ref and --hyp"},
		{"collar below zero", "--ref r.rttm --hyp h.rttm --collar -1", 2, "collar -1 is no number of seconds"},
		{"line that cannot be read", "--ref r.rttm --hyp bad.rttm", 1, `bad.rttm: rttm line 2: "x" is no time in seconds`},
		{"no such file", "--ref r.rttm --hyp none.rttm", 1, "none.rttm: no such file"},
		{"a recording twice", "--ref r.rttm --ref r.rttm --hyp h.rttm", 1, `r.rttm: recording "a" stands in an earlier file already`},
		{"a recording without reference", "--ref r.rttm --hyp h.rttm", 0, "c has no reference: not scored"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, errs, status := evaluate(t, voices, append([]string{"diarisation"}, strings.Fields(test.args)...)...)
			if status != test.status || !strings.Contains(errs, test.want) {
				t.Errorf("got status %d and %q, want %d and %q", status, errs, test.status, test.want)
			}
		})
	}
}
