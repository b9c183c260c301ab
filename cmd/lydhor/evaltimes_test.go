package main

import (
	"strings"
	"testing"
)

func TestEvalTimes(t *testing.T) {
	words := func(parts string) string {
		return `{"turns":[{"n":1,"speaker":"A","role":"citizen","start":0,"end":9,"text":"x","words":[` + parts + `]}]}`
	}
	files := map[string]string{
		"r.json": words(`{"word":"Ja,","start":1,"end":1.2},{"word":"men","start":2,"end":2.5},{"word":"nej.","start":3,"end":4}`),
		// 0.1 s late, another word, one too many, 0.3 s early
		"h.json":     words(`{"word":"ja","start":1.1,"end":1.2},{"word":"mens","start":2,"end":2.5},{"word":"øh","start":2.6,"end":2.7},{"word":"nej","start":2.7,"end":4}`),
		"other.json": words(`{"word":"goddag","start":1,"end":2}`),
	}
	out, errs, status := evaluate(t, files, strings.Fields("times --ref r.json --hyp h.json --json")...)
	if want := `{"median":0.3,"p90":0.3,"words":2}`; status != 0 || strings.Join(strings.Fields(out), "") != want {
		t.Errorf("got status %d, %q, %s; want %s", status, out, errs, want)
	}
	if _, errs, status := evaluate(t, files, strings.Fields("times --ref r.json --hyp other.json")...); status != 1 || !strings.Contains(errs, "no word in common") {
		t.Errorf("got status %d and %q, want 1 and the reason", status, errs)
	}
}
