package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"lydhor/pipeline/access"
)

// A watched browser's requests are those of somebody signed in; it reports what a page tried
// that its content security policy does not allow.
type watched struct {
	http.Handler
	cookie     http.Cookie
	mu         sync.Mutex
	complaints []string
}

func (w *watched) ServeHTTP(answer http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/complaint" {
		body, _ := io.ReadAll(r.Body)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.complaints = append(w.complaints, string(body))
		return
	}
	r.AddCookie(&w.cookie)
	w.Handler.ServeHTTP(&reporting{ResponseWriter: answer}, r)
}

// reporting adds to a page's policy where to report.
type reporting struct {
	http.ResponseWriter
	begun bool
}

func (r *reporting) WriteHeader(status int) {
	if policy := r.Header().Get("Content-Security-Policy"); policy != "" {
		r.Header().Set("Content-Security-Policy", policy+"; report-uri /complaint")
	}
	r.begun = true
	r.ResponseWriter.WriteHeader(status)
}

func (r *reporting) Write(p []byte) (int, error) {
	if r.Header().Get("Content-Type") == "" {
		r.Header().Set("Content-Type", http.DetectContentType(p))
	}
	if !r.begun {
		r.WriteHeader(http.StatusOK)
	}
	return r.ResponseWriter.Write(p)
}

// browse opens a page in Chromium as somebody with a role and gives its text once an element
// is there, and what its policy did not allow it.
func (s *site) browse(t *testing.T, role, path, waitFor string) (text string, complaints []string) {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium on PATH: install Debian's chromium")
	}
	account, err := access.AccountNamed(t.Context(), s.db, role)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := access.NewSession(t.Context(), s.db, account)
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{Handler: s.gate, cookie: http.Cookie{Name: "lydhor", Value: secret}}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	ctx, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox,
		chromedp.Flag("disable-background-networking", true), chromedp.WSURLReadTimeout(time.Minute))...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx, chromedp.Navigate(server.URL+path), chromedp.WaitVisible(waitFor)); err != nil {
		t.Fatal(err)
	}
	if text, err = chromedp.Run(ctx, chromedp.Text("body")); err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return text, w.complaints
}

// River's pages show an operator the jobs, run within their policy, and hold no word.
func TestRiverPagesShowJobs(t *testing.T) {
	s := newSite(t)
	text, complaints := s.browse(t, "ops", "/river/jobs?state=available", `a[href^="/river/jobs/"]`)
	if !strings.Contains(text, "ingest") {
		t.Errorf("got %q, want the ingest jobs", text)
	}
	for _, c := range complaints {
		if !strings.Contains(c, `"blocked-uri":"eval"`) { // a library asks whether it may, and does without
			t.Errorf("the browser says: %s", c)
		}
	}
	jobs := s.ask(t, "ops", "GET", "/river/api/jobs?state=available&limit=100").Body.String()
	if !strings.Contains(jobs, s.ids[0]) || !strings.Contains(jobs, s.ids[1]) {
		t.Errorf("got %s, want the jobs of both projects", jobs)
	}
	for _, secret := range []string{planted, plantedName, plantedSound} {
		if strings.Contains(jobs, secret) || strings.Contains(text, secret) {
			t.Errorf("%q is shown", secret)
		}
	}
	for _, role := range strings.Fields("researcher analyst admin protection nobody") {
		if got := s.ask(t, role, "GET", "/river/api/jobs").Code; got != http.StatusForbidden {
			t.Errorf("%s: got status %d, want %d", role, got, http.StatusForbidden)
		}
	}
}
