package review

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAnswerThatBreaks(t *testing.T) {
	broken := errors.New("broken")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := newAnswer(w, r, http.StatusOK, "text/plain")
		if r.URL.Path == "/late" {
			io.WriteString(a, strings.Repeat("x", 2*firstBytes))
		}
		io.WriteString(a, "half")
		if err := a.end(broken); err != nil {
			http.Error(w, "a page of its own", http.StatusInternalServerError)
		}
	}))
	defer s.Close()
	resp, body := get(t, s.URL+"/early")
	if resp.StatusCode != http.StatusInternalServerError || body != "a page of its own\n" {
		t.Errorf("got %d %q, want only the error's page", resp.StatusCode, body)
	}
	late, err := http.Get(s.URL + "/late")
	if err != nil {
		t.Fatal(err)
	}
	defer late.Body.Close()
	if _, err := io.ReadAll(late.Body); err == nil {
		t.Error("got a whole answer, want one that breaks off")
	}
}

func TestEmptyAnswer(t *testing.T) {
	for _, encoding := range []string{"", "gzip"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", encoding)
		if err := newAnswer(w, r, http.StatusAccepted, "text/plain").end(nil); err != nil || w.Code != http.StatusAccepted {
			t.Errorf("%q: got status %d and error %v, want 202", encoding, w.Code, err)
		}
	}
}
