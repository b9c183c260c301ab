package review

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lydhor/pipeline"
)

// named is talk with a person in it.
func named() *pipeline.Transcript {
	t := talk()
	t.Turns[1].Text = "Jeg kunne godt lide Villads hos blomsterne."
	t.Turns[1].Words = nil
	return t
}

// What leaves the system has labels, in every format, unless it is asked for without them.
func TestExportsHaveLabels(t *testing.T) {
	s := testServer(t, (&shelf{transcript: named(), recordings: []Recording{{ID: "r1", State: Done}}}).config())
	for _, path := range []string{"/recordings/r1/export/vtt", "/recordings/r1/export/json", "/recordings/r1/export/eaf", "/recordings/r1/export/csv", "/recordings/r1/sheet"} {
		if _, body := get(t, s.URL+path); strings.Contains(body, "Villads") || !strings.Contains(body, "[Navn 1]") {
			t.Errorf("%s: got a name or no label", path)
		}
		if _, body := get(t, s.URL+path+"?plain=yes"); !strings.Contains(body, "Villads") || strings.Contains(body, "[Navn 1]") && path != "/recordings/r1/sheet" {
			t.Errorf("%s, plain: got no name", path)
		}
	}
	c := (&shelf{transcript: named(), recordings: []Recording{{ID: "r1", State: Done}}}).config()
	c.Reveals = func(*http.Request) bool { return false }
	s = testServer(t, c)
	for _, path := range []string{"/recordings/r1/export/vtt?plain=yes", "/recordings/r1/sheet?plain=yes"} {
		if _, body := get(t, s.URL+path); strings.Contains(body, "Villads") {
			t.Errorf("%s: somebody who may not has a name", path)
		}
	}
}

// Where the project masks, those who may not reveal read labels on every page and hear masked
// sound, and cannot find out by searching.
func TestVeiledPages(t *testing.T) {
	shelf := &shelf{transcript: named(), recordings: []Recording{{ID: "r1", Title: "Villads.wav", State: Done}}}
	c := shelf.config()
	c.Veiled = func(r *http.Request) (bool, error) { return coderOf(r) == "anna", nil }
	s := testServer(t, c)
	for _, path := range []string{"/", "/recordings/r1", "/recordings/r1/picture.svg", "/search?q=blomsterne"} {
		resp, body := get(t, s.URL+path)
		if resp.StatusCode != http.StatusOK || strings.Contains(body, "Villads") {
			t.Errorf("%s: got status %d, or the name is on the page", path, resp.StatusCode)
		}
	}
	for words, want := range map[string]int{"blomsterne": 1, "Villads": 0, "villads hos": 0} {
		_, body := get(t, s.URL+"/search?q="+url.QueryEscape(words))
		if got := len(all(page(t, body), "li.hit")); got != want {
			t.Errorf("search for %q: got %d places, want %d", words, got, want)
		}
	}
	if _, body := get(t, s.URL+"/recordings/r1/sound"); body != "1 masked" {
		t.Errorf("got sound %q, want it masked", body)
	}
	shelf.transcript = talk() // nothing to mask: the shelf says that it is not ready
	if resp, _ := get(t, s.URL+"/recordings/r1/sound"); resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("got status %d, want to be asked to wait", resp.StatusCode)
	}
	if status, _ := post(t, s.URL+"/recordings/r1/corrections", url.Values{"key": {"0123456789abcdef"}, "do": {"role"}, "label": {"S1"}, "to": {"citizen"}}); status != http.StatusForbidden {
		t.Errorf("got status %d for a correction of masked text, want 403", status)
	}
}
