package review

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// bench is the pages over an empty shelf, for requests that anybody could make up.
func bench(f *testing.F) (http.Handler, *shelf, string) {
	f.Helper()
	shelf := &shelf{received: map[string]Upload{}}
	c := shelf.config()
	c.Uploads, c.Coder, c.Log = filepath.Join(f.TempDir(), "uploads"), coderOf, slog.New(slog.DiscardHandler)
	h, err := New(c)
	if err != nil {
		f.Fatal(err)
	}
	return h, shelf, c.Uploads
}

// FuzzResumableUpload begins an upload and sends a part of it, all of it made up (tus 1.0).
func FuzzResumableUpload(f *testing.F) {
	h, _, folder := bench(f)
	f.Add("10", metadata("flip", "7"), "0", "01234")
	f.Add("-1", "filename", "5", "")
	f.Add("99999999999999999999", "kind a2luZA==,,", "x", "abc")
	f.Add("3", "filename Li4vLi4vZXRj,kind ZmxpcA==", "0", "abc")
	f.Fuzz(func(t *testing.T, length, said, offset, part string) {
		ask := func(method, path, body string, fields ...string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, path, strings.NewReader(body))
			r.Header.Set("Tus-Resumable", "1.0.0")
			for i := 0; i < len(fields); i += 2 {
				r.Header.Set(fields[i], fields[i+1])
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code >= 500 && w.Code != http.StatusNotImplemented {
				t.Errorf("%s %s: got status %d", method, path, w.Code)
			}
			return w
		}
		made := ask("POST", "/uploads/", "", "Upload-Length", length, "Upload-Metadata", said)
		if at := made.Header().Get("Location"); at != "" {
			at = at[strings.Index(at, "/uploads/"):]
			ask("PATCH", at, part, "Upload-Offset", offset, "Content-Type", "application/offset+octet-stream")
			ask("HEAD", at, "")
			ask("DELETE", at, "")
		}
		outside, _ := filepath.Glob(filepath.Join(filepath.Dir(folder), "*"))
		if len(outside) != 1 {
			t.Errorf("files stand outside the folder of uploads: %v", outside)
		}
	})
}

// FuzzUploadForm sends the form as a body that need not be one.
func FuzzUploadForm(f *testing.F) {
	h, shelf, _ := bench(f)
	part := "--x\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nflip\r\n"
	f.Add("multipart/form-data; boundary=x", part+"--x\r\nContent-Disposition: form-data; name=\"sound\"; filename=\"../a.wav\"\r\n\r\nsound\r\n--x--\r\n")
	f.Add("multipart/form-data; boundary=x", part+"--x")
	f.Add("multipart/form-data", part)
	f.Add("text/plain", "hej")
	f.Fuzz(func(t *testing.T, kind, body string) {
		clear(shelf.received)
		shelf.recordings = nil
		r := httptest.NewRequest("POST", "/upload", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 || w.Code == http.StatusOK {
			t.Errorf("got status %d", w.Code)
		}
		for _, u := range shelf.received {
			if strings.ContainsAny(u.Name, "/") {
				t.Errorf("got a name with a folder in it: %q", u.Name)
			}
		}
	})
}

// FuzzNames replaces names as somebody wrote them.
func FuzzNames(f *testing.F) {
	f.Add("Villads = Mads\n[Navn 1] = Ida", "Villads' hund, og [Navn 1]s")
	f.Add("=", "")
	f.Add("\xff=x", "a\xffb")
	f.Fuzz(func(t *testing.T, written, text string) {
		list, err := parseNames(written)
		if err != nil {
			return
		}
		if got := list.replace(text); utf8.ValidString(text) && utf8.ValidString(written) && !utf8.ValidString(got) {
			t.Errorf("got %q, which is no text", got)
		}
	})
}

// FuzzDropUploads reads what stands beside half-arrived uploads.
func FuzzDropUploads(f *testing.F) {
	f.Add([]byte(`{"ID":"x","Size":7,"MetaData":{"filename":"a.wav","participants":"B-017"}}`))
	f.Add([]byte(`{"Size":"7"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, about []byte) {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "x.info"), about, 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := DropUploads(folder, func(Upload, int64) bool { return true }); err != nil || n > 1 {
			t.Errorf("got %d dropped, %v", n, err)
		}
	})
}
