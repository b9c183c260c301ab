package review

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"lydhor/pipeline"
)

func TestCaseShowsItsTalksInOrder(t *testing.T) {
	in := func(id, name, date string, state State) Recording {
		return Recording{ID: id, Title: id, Kind: pipeline.Conversation, State: state, Length: time.Minute, Meta: map[string]string{"case": name, "date": date}}
	}
	s := testServer(t, (&shelf{transcript: talk(), recordings: []Recording{
		in("late", "Forløb 7/a æ", "2026-10-02", Waiting), in("other", "Forløb 8", "2026-09-01", Done), in("early", "Forløb 7/a æ", "2026-09-02", Done),
	}}).config())
	resp, body := get(t, s.URL+"/cases/"+url.PathEscape("Forløb 7/a æ"))
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("got status %d", resp.StatusCode)
	}
	doc := page(t, body)
	var got []string
	for _, a := range all(doc, "a.title") {
		got = append(got, text(a))
	}
	if len(got) != 2 || got[0] != "early" || got[1] != "late" {
		t.Errorf("got %q, want the case's two, the older first", got)
	}
	if signs := len(all(one(t, doc, "svg.strip"), "svg.outcome")); signs != 2 {
		t.Errorf("got %d signs, want one for each utterance", signs)
	}
	if resp, _ := get(t, s.URL+"/cases/nobody"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a case without recordings: got status %d, want 404", resp.StatusCode)
	}
}
