package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"lydhor/analysis/score"
)

func TestEvalAssembly(t *testing.T) {
	files := map[string]string{
		"r.json": `{"turns":[
			{"n":1,"speaker":"A","start":0,"end":1,"text":"hej du","words":[{"word":"hej","start":0,"end":0.4},{"word":"du","start":0.4,"end":1}]},
			{"n":2,"speaker":"B","start":2,"end":3,"text":"ja tak","words":[{"word":"ja","start":2,"end":2.4},{"word":"tak","start":2.4,"end":3}]}]}`,
		"w.json":   `{"segments":[{"start":0,"end":1,"text":"hej du"},{"start":2,"end":3,"text":"ja"}]}`,
		"one.rttm": "SPEAKER r 1 0 3 <NA> <NA> x <NA> <NA>\n",
		"two.rttm": "SPEAKER r 1 0 3 <NA> <NA> x <NA> <NA>\nSPEAKER q 1 0 3 <NA> <NA> x <NA> <NA>\n",
	}
	for _, test := range []struct {
		name, args string
		status     int
		wder       float64
		message    string
	}{
		{name: "the reference's own words and speakers", args: "--ref r.json"},
		{name: "everybody one speaker", args: "--ref r.json --speakers one.rttm", wder: 0.5},
		{name: "other words", args: "--ref r.json --words w.json"},
		{name: "no reference", status: 2, message: "give --ref"},
		{name: "words for another reference", args: "--ref r.json --words w.json --words w.json", status: 2, message: "for none or each"},
		{name: "two recordings", args: "--ref r.json --speakers two.rttm", status: 1, message: "two.rttm holds 2 recordings"},
		{name: "words that are none", args: "--ref r.json --words one.rttm", status: 1, message: "one.rttm: invalid character"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, errs, status := evaluate(t, files, append([]string{"assembly", "--json"}, strings.Fields(test.args)...)...)
			if status != test.status || !strings.Contains(errs, test.message) {
				t.Fatalf("got status %d and %q, want %d and %q", status, errs, test.status, test.message)
			}
			var got asrJSON
			if status != 0 {
				return
			}
			if err := json.Unmarshal([]byte(out), &got); err != nil || got.WDER == nil || *got.WDER != test.wder {
				t.Errorf("got %s, want a WDER of %v", out, test.wder)
			}
		})
	}
}

func TestDemoRecordingsAreAssembledOfTheirOwnWordsAndTurns(t *testing.T) {
	files, err := filepath.Glob("../../transcribe/demo/recordings/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no demo recordings: %v", err)
	}
	for _, file := range files {
		want, got, err := assembleReference(file, "", "")
		if err != nil {
			t.Fatal(err)
		}
		s, err := comparePart(turnsText(want), turnsText(got), score.TRNOptions{Normaliser: score.SpokenDanish})
		if err != nil || s.Speakers.Wrong != 0 {
			t.Errorf("%s: got %d words with the wrong speaker and error %v", filepath.Base(file), s.Speakers.Wrong, err)
		}
	}
}
