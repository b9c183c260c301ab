package review

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"lydhor/pipeline"
)

// talk's turn 2 begins at 3000 ms and has words at 3000, 3200, 3500, 3800 and 5000 ms.
func TestCorrectKeepsWhatWasSent(t *testing.T) {
	second := talk().Turns[1].Span
	for _, test := range []struct {
		name   string
		fields url.Values
		want   pipeline.Correction
	}{
		{"text", url.Values{"do": {"text"}, "to": {" Jeg kan lide blomster. "}, "turn": {"2"}, "start": {"3000"}},
			pipeline.Correction{Do: pipeline.ChangeText, Turn: second, To: "Jeg kan lide blomster."}},
		{"role", url.Values{"do": {"role"}, "label": {"S1"}, "to": {"citizen"}}, pipeline.Correction{Do: pipeline.ChangeRole, Label: "S1", To: "citizen"}},
		{"name", url.Values{"do": {"label"}, "label": {"S1"}, "to": {"Henrik"}}, pipeline.Correction{Do: pipeline.ChangeLabel, Label: "S1", To: "Henrik"}},
		{"split", url.Values{"do": {"split"}, "turn": {"2"}, "start": {"3000"}, "from": {"3500"}},
			pipeline.Correction{Do: pipeline.Split, Turn: second, From: 3500 * time.Millisecond}},
	} {
		shelf := &shelf{transcript: talk(), recordings: []Recording{{ID: "r1", State: Done}}}
		s := testServer(t, shelf.config())
		test.fields.Set("key", "0123456789abcdef")
		for range 2 { // sent twice, kept once
			if _, err := http.PostForm(s.URL+"/recordings/r1/corrections", test.fields); err != nil {
				t.Fatal(err)
			}
		}
		test.want.Key, test.want.Coder = "0123456789abcdef", "anna"
		if got := shelf.corrected; !slices.Equal(got, []pipeline.Correction{test.want}) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestCorrectRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields url.Values
		status int
	}{
		{"unknown change", url.Values{"do": {"praise"}}, 422},
		{"unknown role", url.Values{"do": {"role"}, "label": {"S1"}, "to": {"boss"}}, 422},
		{"empty name", url.Values{"do": {"label"}, "label": {"S1"}, "to": {" "}}, 422},
		{"endless name", url.Values{"do": {"label"}, "label": {"S1"}, "to": {strings.Repeat("x", 61)}}, 422},
		{"nothing to undo", url.Values{"do": {"undo"}}, 422},
		{"page that is old", url.Values{"do": {"text"}, "to": {"x"}, "turn": {"2"}, "start": {"2999"}}, 409},
		{"no such turn", url.Values{"do": {"join"}, "turn": {"99"}, "start": {"0"}}, 409},
		{"short key", url.Values{"do": {"role"}, "label": {"S1"}, "to": {"citizen"}, "key": {"1"}}, 422},
	} {
		shelf := &shelf{transcript: talk(), recordings: []Recording{{ID: "r1", State: Done}}}
		s := testServer(t, shelf.config())
		if !test.fields.Has("key") {
			test.fields.Set("key", "0123456789abcdef")
		}
		resp, err := http.PostForm(s.URL+"/recordings/r1/corrections", test.fields)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != test.status || len(shelf.corrected) != 0 {
			t.Errorf("%s: got status %d and %d corrections, want %d and none", test.name, resp.StatusCode, len(shelf.corrected), test.status)
		}
	}
}

func TestUndoTakesBackOnesOwnLatest(t *testing.T) {
	made := []pipeline.Correction{{Key: "a", Coder: "anna"}, {Key: "b", Coder: "anna"}, {Key: "c", Coder: "bo"}, {Key: "d", Coder: "anna", Undoes: "b"}}
	for coder, want := range map[string]string{"anna": "a", "bo": "c", "eva": ""} {
		if got := lastStanding(made, coder); got != want {
			t.Errorf("%s: got %q, want %q", coder, got, want)
		}
	}
}

// counting is an analyser that counts.
type counting int

func (c *counting) Analyse(*pipeline.Transcript) pipeline.Run {
	*c++
	return pipeline.Run{}
}

func TestAnalysisFollowsCorrections(t *testing.T) {
	shelf := &shelf{transcript: talk(), recordings: []Recording{{ID: "r1", State: Done}}}
	c := shelf.config()
	analysed := new(counting)
	c.Analyser = func(context.Context) (pipeline.Analyser, error) { return analysed, nil }
	s := testServer(t, c)
	get(t, s.URL+"/recordings/r1")
	if *analysed != 0 {
		t.Errorf("got %d analyses without corrections, want none", *analysed)
	}
	shelf.corrected = []pipeline.Correction{{Key: "a", Do: pipeline.ChangeRole, Label: "S1", To: "relative"}}
	_, body := get(t, s.URL+"/recordings/r1")
	if *analysed != 1 || len(all(page(t, body), "li.relative")) != 2 {
		t.Errorf("got %d analyses and %d turns of the relative, want 1 and 2", *analysed, len(all(page(t, body), "li.relative")))
	}
	_, exported := get(t, s.URL+"/recordings/r1/export/json")
	if want := fmt.Sprintf("%q: %q", "role", "relative"); !strings.Contains(exported, want) {
		t.Error("the export does not repeat the correction that the screen shows")
	}
}
