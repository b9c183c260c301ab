package review

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"lydhor/pipeline"
)

// tusDo sends one request of the tus protocol; fields are pairs of header and value.
func tusDo(t *testing.T, method, address, body string, fields ...string) *http.Response {
	t.Helper()
	r, _ := http.NewRequest(method, address, strings.NewReader(body))
	r.Header.Set("Tus-Resumable", "1.0.0")
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(b))
	return resp
}

func metadata(kind, speakers string) string {
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	return fmt.Sprintf("filename %s,kind %s,speakers %s,channels %s", encode("møde æøå.wav"), encode(kind), encode(speakers), encode("separate"))
}

func resumableServer(t *testing.T) (*httptest.Server, *shelf, string) {
	t.Helper()
	shelf := &shelf{received: map[string]Upload{}}
	c := shelf.config()
	c.Uploads = filepath.Join(t.TempDir(), "uploads")
	return testServer(t, c), shelf, c.Uploads
}

func TestUploadGoesOnWhereItStopped(t *testing.T) {
	s, shelf, folder := resumableServer(t)
	made := tusDo(t, "POST", s.URL+"/uploads/", "", "Upload-Length", "10", "Upload-Metadata", metadata("flip", "7"))
	at := made.Header.Get("Location")
	tusDo(t, "PATCH", at, "01234", "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
	if got := tusDo(t, "HEAD", at, "").Header.Get("Upload-Offset"); got != "5" {
		t.Fatalf("got offset %q, want 5", got)
	}
	done := tusDo(t, "PATCH", at, "56789", "Upload-Offset", "5", "Content-Type", "application/offset+octet-stream")
	if got := done.Header.Get("Lydhor-Recording"); got != "/recordings/new1" {
		t.Errorf("got %d with recording %q, want /recordings/new1", done.StatusCode, got)
	}
	if got, want := shelf.received["0123456789"], (Upload{Name: "møde æøå.wav", Kind: pipeline.FLIP, Speakers: 7, Separate: true}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) > 0 {
		t.Errorf("got %v left behind, want nothing", left)
	}
}

func TestResumableUploadIsRefused(t *testing.T) {
	s, shelf, folder := resumableServer(t)
	shelf.received["here already"] = Upload{}
	for _, test := range []struct {
		name, kind, speakers, sound string
		status                      int
		want                        string
	}{
		{"unknown kind", "lecture", "", "x", 422, "Vælg, hvad det er for en samtale."},
		{"no number", "flip", "mange", "x", 422, "”mange” er ikke et antal talere."},
		{"not sound", "flip", "", "not sound", 422, "”møde æøå.wav” kan ikke læses som lyd."},
		{"twice", "flip", "", "here already", 409, "”møde æøå.wav” ligger her allerede. Se optagelsen"},
	} {
		answer := tusDo(t, "POST", s.URL+"/uploads/", "", "Upload-Length", fmt.Sprint(len(test.sound)), "Upload-Metadata", metadata(test.kind, test.speakers))
		if at := answer.Header.Get("Location"); at != "" {
			answer = tusDo(t, "PATCH", at, test.sound, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
		}
		body, _ := io.ReadAll(answer.Body)
		if got := text(page(t, string(body))); answer.StatusCode != test.status || !strings.HasPrefix(got, test.want) || answer.Header.Get("Lydhor-Refused") == "" {
			t.Errorf("%s: got status %d, %q, want %d, %q", test.name, answer.StatusCode, got, test.status, test.want)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) > 0 {
		t.Errorf("got %v left behind, want nothing", left)
	}
}

func TestPartsNobodyWentOnWithGo(t *testing.T) {
	folder := t.TempDir()
	old, fresh := filepath.Join(folder, "old"), filepath.Join(folder, "fresh")
	for _, file := range []string{old, fresh} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	os.Chtimes(old, now, now.Add(-keptFor-time.Minute))
	(&server{Config: Config{Uploads: folder, Log: slog.New(slog.DiscardHandler)}}).sweepUploads(now)
	if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) != 1 || left[0] != fresh {
		t.Errorf("got %v left, want the fresh one", left)
	}
}

// The connection breaks twice in the middle of a file; the browser goes on by itself. Then
// the page is left in the middle of another, and the file is chosen again.
func TestUploadSurvivesALostConnection(t *testing.T) {
	b := openBrowser(t)
	s, shelf, _ := resumableServer(t)
	behind, _ := url.Parse(s.URL)
	proxy := httputil.NewSingleHostReverseProxy(behind)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	var breaks, sent atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "PATCH" {
			sent.Add(1)
			if breaks.Add(-1) >= 0 {
				r.Body = io.NopCloser(io.MultiReader(io.LimitReader(r.Body, 3000), broken{}))
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()
	defer front.CloseClientConnections()
	choose := func(content string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "lang samtale.wav")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		when := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
		os.Chtimes(file, when, when) // the same file, as the browser sees it
		b.do(chromedp.Navigate(front.URL+"/upload"), chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}), chromedp.Click(chromedp.CSS("button.first")))
	}
	breaks.Store(2)
	first := strings.Repeat("æøå!", 5000)
	choose(first)
	b.is(`location.pathname === "/recordings/new1"`)
	if _, whole := shelf.received[first]; !whole || sent.Load() < 3 {
		t.Errorf("got the file whole %v after %d tries, want it after 3 or more", whole, sent.Load())
	}

	breaks.Store(1000)
	second := strings.Repeat("0123", 5000)
	choose(second)
	b.is(`document.querySelector("#sending")?.textContent.includes("venter på forbindelsen")`)
	b.shoot("upload-waits")
	b.do(chromedp.Navigate("about:blank"))
	breaks.Store(0)
	choose(second)
	b.is(`location.pathname === "/recordings/new2"`)
	if _, whole := shelf.received[second]; !whole {
		t.Error("the second file did not arrive whole")
	}
}

// broken is a connection that breaks.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
