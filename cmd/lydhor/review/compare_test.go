package review

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// talk has two flags, turns 2 and 4. Anna and Bo agree on 4 and not on 2, and only Anna
// marks turn 1 besides.
func TestCompare(t *testing.T) {
	shelf := &shelf{transcript: talk(), recordings: []Recording{{ID: "r1", State: Done}}}
	s := testServer(t, shelf.config())
	compare := func() (int, string) {
		resp, body := get(t, s.URL+"/recordings/r1/compare")
		return resp.StatusCode, body
	}
	decideAs(t, s, "bo", "2", "do", "confirm")
	decideAs(t, s, "bo", "4", "do", "open")
	decideAs(t, s, "anna", "2", "do", "gripped")
	if status, body := compare(); status != http.StatusForbidden || !strings.Contains(body, "Du mangler 1.") || strings.Contains(body, "bo<") {
		t.Errorf("got status %d for anna who is not done, want 403 and nothing of bo's", status)
	}
	if status, _ := decideAs(t, s, "anna", "2", "do", "gripped", "as", "consensus"); status != http.StatusForbidden {
		t.Errorf("got status %d for settling before being done, want 403", status)
	}
	decideAs(t, s, "anna", "4", "do", "open")
	decideAs(t, s, "anna", "1", "do", "meaning")
	decideAs(t, s, "anna", "1", "do", "overheard")
	decideAs(t, s, "eva", "2", "do", "gripped") // is not done
	_, body := compare()
	doc := page(t, body)
	for _, test := range []struct{ selector, want string }{
		{"main", "2 kodere. Af de ture, som en koder eller maskinen tog for en borger-menings-ytring, er 1 kodet ens og 2 forskelligt."},
		{"li#t2", "anna Grebet bo Overhalet I er enige om ikke afgjort endnu"},
		{"li#t1", "anna Overhørt bo Ikke en borger-menings-ytring"},
	} {
		if got := text(one(t, doc, test.selector)); !strings.Contains(got, test.want) {
			t.Errorf("got %q, want it to hold %q", got, test.want)
		}
	}
	if _, err := http.PostForm(s.URL+"/recordings/r1/turns/2/decision", url.Values{"key": {"0123456789abcdef"}, "as": {"consensus"}, "do": {"gripped"}}); err != nil {
		t.Fatal(err)
	}
	_, body = compare()
	doc = page(t, body)
	if got := text(one(t, doc, "li#t2")); !strings.Contains(got, "I er enige om Grebet anna") {
		t.Errorf("got %q, want what was settled and by whom", got)
	}
	if got := text(one(t, doc, "main")); !strings.Contains(got, "2 kodere") {
		t.Errorf("got %q, want the consensus to be no coder", got)
	}
}

// Two coders on three turns: alike on one, apart on two; the codes are overheard and
// not_meaning, gripped and overridden, open and open. Coincidences: 2 of 6 on the
// diagonal, so observed disagreement is 4/6. Of 6 values, open has 2 and four codes have 1:
// expected disagreement is (36 - 4 - 4) / (6*5) = 28/30. Alpha = 1 - (4/6)/(28/30) = 0.2857.
func TestCompareAlpha(t *testing.T) {
	shelf := &shelf{transcript: talk(), recordings: []Recording{{ID: "r1", State: Done}}}
	s := testServer(t, shelf.config())
	for _, d := range [][3]string{{"bo", "2", "confirm"}, {"bo", "4", "open"}, {"anna", "2", "gripped"}, {"anna", "4", "open"}, {"anna", "1", "overheard"}} {
		decideAs(t, s, d[0], d[1], "do", d[2])
	}
	got := newComparison(shelf.transcript, shelf.decisions, nil)
	if !got.HasAlpha || got.Alpha < 0.2856 || got.Alpha > 0.2858 {
		t.Errorf("got alpha %v, want 0.2857", got.Alpha)
	}
	for language, want := range map[string]string{"da": "er 0,29 i denne ene samtale", "en": "is 0.29 in this one conversation"} {
		if _, body := get(t, s.URL+"/recordings/r1/compare", &http.Cookie{Name: "language", Value: language}); !strings.Contains(body, want) {
			t.Errorf("%s: got %q, want %q in it", language, text(one(t, page(t, body), "main")), want)
		}
	}
}
