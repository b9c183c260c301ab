package main

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lydhor/pipeline/store"
)

// A researcher puts a codebook on the page; a wrong one is named by its line and changes nothing.
func TestCodebookPage(t *testing.T) {
	s := newSite(t)
	const book = "schema: lises-codebook/1\nlanguage: da\nversion: p2\ncodes: []\n"
	put := func(text string) *httptest.ResponseRecorder {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		file, err := form.CreateFormFile("codebook", "my.yaml")
		if err != nil {
			t.Fatal(err)
		}
		file.Write([]byte(text))
		form.Close()
		r := httptest.NewRequest("POST", "/codebook", &body)
		r.Header.Set("Content-Type", form.FormDataContentType())
		s.signIn(t, r, "researcher")
		answer := httptest.NewRecorder()
		s.gate.ServeHTTP(answer, r)
		return answer
	}
	if answer := put(book + "codez: []\n"); answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), "Linje 5: &#34;codez&#34; kendes ikke. Mente du &#34;codes&#34;?") {
		t.Errorf("a wrong one: got %d, want its line", answer.Code)
	}
	if answer := put(book); answer.Code != http.StatusSeeOther {
		t.Errorf("got status %d, want it used", answer.Code)
	}
	if chosen, err := store.Chosen(t.Context(), s.db, s.projects[0], store.Codebooks, "da"); chosen != "p2" || err != nil {
		t.Errorf("got %q in use, error %v, want p2", chosen, err)
	}
	if body := s.ask(t, "analyst", "GET", "/codebook").Body.String(); !strings.Contains(body, "Dansk · p2") || strings.Contains(body, `action="/codebook/use"`) {
		t.Error("an analyst does not see the version, or may choose another")
	}
	for range 2 {
		s.send(t, "researcher", "/codebook/use", map[string][]string{"language": {"da"}, "version": {""}})
	}
	if chosen, err := store.Chosen(t.Context(), s.db, s.projects[0], store.Codebooks, "da"); chosen != "" || err != nil {
		t.Errorf("got %q in use, error %v, want the program's", chosen, err)
	}
}
