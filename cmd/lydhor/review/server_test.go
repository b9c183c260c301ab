package review

import (
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"lydhor/pipeline"
)

func testServer(t testing.TB, c Config) *httptest.Server {
	t.Helper()
	c.Log = slog.New(slog.DiscardHandler)
	c.Coder = coderOf
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		s.CloseClientConnections() // pages that listen for news never hang up
		s.Close()
	})
	return s
}

// coderOf takes the name that a test's requests carry.
func coderOf(r *http.Request) string { return cmp.Or(r.Header.Get("Coder"), "anna") }

// get fetches a page as a browser with these cookies would.
func get(t *testing.T, address string, cookies ...*http.Cookie) (*http.Response, string) {
	t.Helper()
	r, _ := http.NewRequestWithContext(t.Context(), "GET", address, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestUnknownAddressSaysSoInTheReadersLanguage(t *testing.T) {
	s := testServer(t, Config{})
	for _, test := range []struct{ language, want string }{
		{"", "Den side findes ikke"},
		{"da", "Den side findes ikke"},
		{"en", "There is no such page"},
		{"xx", "Den side findes ikke"},
	} {
		resp, body := get(t, s.URL+"/nowhere", &http.Cookie{Name: "language", Value: test.language})
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%q: got status %d, want 404", test.language, resp.StatusCode)
		}
		if got := text(one(t, page(t, body), "main")); !strings.Contains(got, test.want) {
			t.Errorf("%q: got %q, want it to hold %q", test.language, got, test.want)
		}
	}
}

func TestUnexpectedErrorIsKeptFromTheReader(t *testing.T) {
	pages, err := parse(danish)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	s := &server{Config: Config{Log: slog.New(slog.NewTextHandler(&log, nil)), Coder: coderOf}, pages: map[language]*template.Template{danish: pages}}
	w := httptest.NewRecorder()
	s.handle(func(http.ResponseWriter, *http.Request) error { return errors.New("secret of the database") }).
		ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("got status %d and %q, want 500 without the error", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "secret of the database") {
		t.Errorf("got log %q, want the error in it", log.String())
	}
}

// unread is a library whose rows cannot be read.
type unread struct{ *shelf }

func (unread) Transcript(context.Context, string) (*pipeline.Transcript, error) {
	return nil, errors.New("no connection to 10.0.0.5")
}

func TestHeadIsSentBeforeTheRowsAreRead(t *testing.T) {
	shelf := &shelf{transcript: talk(), recordings: []Recording{{ID: "r1", Title: "Samtale 1", State: Done}}}
	c := shelf.config()
	c.Library = unread{shelf}
	s := testServer(t, c)
	resp, body := get(t, s.URL+"/recordings/r1")
	doc := page(t, body)
	if got := text(one(t, doc, "h1")); got != "Samtale 1" {
		t.Errorf("got the head %q, want the recording's", got)
	}
	if got := text(one(t, doc, "p.problem")); !strings.Contains(got, "sket en fejl") || resp.StatusCode != http.StatusOK {
		t.Errorf("got %d %q, want a sentence on the page that went wrong", resp.StatusCode, got)
	}
	if strings.Contains(body, "10.0.0.5") {
		t.Error("the page tells of the error's insides")
	}
	if resp, _ := get(t, s.URL+"/recordings/other"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("got %d of an unknown recording, want a page of its own", resp.StatusCode)
	}
}

func TestLanguageSwitchGoesBackToThePage(t *testing.T) {
	s := testServer(t, Config{})
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, test := range []struct{ back, want string }{
		{"/recordings/7?q=a", "/recordings/7?q=a"},
		{"https://elsewhere.example/x", "/"},
		{"//elsewhere.example/x", "/"},
		{"", "/"},
	} {
		resp, err := client.PostForm(s.URL+"/language", url.Values{"language": {"en"}, "back": {test.back}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Location"); got != test.want {
			t.Errorf("%q: got %q, want %q", test.back, got, test.want)
		}
		if c := resp.Cookies(); len(c) != 1 || c[0].Value != "en" {
			t.Errorf("%q: got cookies %v, want language en", test.back, c)
		}
	}
}

func TestPagesLeadToTheAccount(t *testing.T) {
	for address, want := range map[string]int{"": 0, "/account": 1} {
		_, body := get(t, testServer(t, Config{Account: address}).URL+"/nowhere")
		if got := len(all(page(t, body), "a.account[href="+address+"]")); got != want {
			t.Errorf("%q: got %d links, want %d", address, got, want)
		}
	}
}

func TestCrossSitePostIsRefused(t *testing.T) {
	s := testServer(t, Config{})
	r, _ := http.NewRequest("POST", s.URL+"/language", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("got status %d, want 403", resp.StatusCode)
	}
}

func TestPagesForbidInlineScript(t *testing.T) {
	s := testServer(t, Config{})
	resp, body := get(t, s.URL+"/nowhere")
	policy := resp.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") {
		t.Errorf("got policy %q, want our own scripts only", policy)
	}
	for _, script := range all(page(t, body), "script") {
		if attr(script, "src") == "" {
			t.Error("got an inline script, want none")
		}
	}
}

func TestStaticFilesAreKeptByVersion(t *testing.T) {
	s := testServer(t, Config{})
	address, err := asset("lydhor.css")
	if err != nil {
		t.Fatal(err)
	}
	resp, _ := get(t, s.URL+address)
	if got := resp.Header.Get("Cache-Control"); resp.StatusCode != http.StatusOK || !strings.Contains(got, "immutable") {
		t.Errorf("got status %d, cache %q, want 200, immutable", resp.StatusCode, got)
	}
}

func TestPagesAreCompressed(t *testing.T) {
	s := testServer(t, Config{})
	r, _ := http.NewRequest("GET", s.URL+"/nowhere", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	zip, err := gzip.NewReader(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(zip); err != nil || !strings.Contains(string(body), "</html>") {
		t.Errorf("got %d bytes and error %v, want a whole page", len(body), err)
	}
}
