package review

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestVocabulary(t *testing.T) {
	shelf := &shelf{}
	s := testServer(t, shelf.config())
	_, body := get(t, s.URL+"/upload")
	one(t, page(t, body), `a[href=/vocabulary]`)
	const words = "Nørresundby, <b>Fritidsjobbet</b>"
	resp, err := http.PostForm(s.URL+"/vocabulary", url.Values{"words": {words}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if shelf.words != words {
		t.Errorf("got %q kept, want %q", shelf.words, words)
	}
	_, body = get(t, s.URL+"/vocabulary?kept=1")
	doc := page(t, body)
	if got := text(one(t, doc, "textarea")); got != words {
		t.Errorf("got %q in the form, want %q", got, words)
	}
	if got := text(one(t, doc, "p[role=status]")); !strings.Contains(got, "gemt") {
		t.Errorf("got %q, want it to say that they are kept", got)
	}
}

func TestVocabularyThatIsTooLongStandsInTheFormAgain(t *testing.T) {
	s := testServer(t, (&shelf{words: "før"}).config())
	long := strings.Repeat("Nørresundby ", 100)
	resp, err := http.PostForm(s.URL+"/vocabulary", url.Values{"words": {long}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	doc := page(t, string(body))
	if got := text(one(t, doc, "p.problem")); resp.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got, "600") {
		t.Errorf("got status %d and %q, want 422 and the limit", resp.StatusCode, got)
	}
	if got := text(one(t, doc, "textarea")); got != strings.TrimSpace(long) {
		t.Errorf("got %q in the form, want what was written", got)
	}
}
