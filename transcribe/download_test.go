package transcribe

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// modelServer serves data at /models/m.bin, with ranges or always whole.
func modelServer(t *testing.T, data []byte, ranges bool) (base string, asked *[]string) {
	t.Helper()
	asked = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.Header.Get("Range"))
		if r.URL.Path != "/models/m.bin" {
			http.NotFound(w, r)
			return
		}
		if ranges {
			http.ServeContent(w, r, "m.bin", time.Time{}, bytes.NewReader(data))
			return
		}
		w.Write(data)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func published(data []byte) Published {
	sum := sha256.Sum256(data)
	return Published{Model: Model{Name: "m", SHA256: hex.EncodeToString(sum[:])}, Path: "models/m.bin", Size: int64(len(data))}
}

func TestGet(t *testing.T) {
	data := bytes.Repeat([]byte("ggml"), 100_000)
	for _, test := range []struct {
		name   string
		served []byte
		before []byte // downloaded earlier
		ranges bool
		want   string // of the error; empty when the model must be there
	}{
		{"all at once", data, nil, true, ""},
		{"goes on where it ended", data, data[:1000], true, ""},
		{"begins again without ranges", data, data[:1000], false, ""},
		{"all was there already", data, data, true, ""},
		{"truncated", data[:5000], nil, true, "after 5000 of 400000 bytes: run the command again"},
		{"another file", bytes.Repeat([]byte("GGML"), 100_000), nil, true, "were deleted"},
		{"too long", append(bytes.Clone(data), "more"...), nil, true, "were deleted"},
		{"damaged before", data, []byte("rubbish"), true, "were deleted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			p := published(data)
			part := filepath.Join(dir, "ggml-m.bin.part")
			if test.before != nil {
				if err := os.WriteFile(part, test.before, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			base, asked := modelServer(t, test.served, test.ranges)
			var last int64
			file, err := Get(context.Background(), base, p, dir, func(done int64) { last = done })
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("got error %v, want %q in it", err, test.want)
				}
				if _, err := os.Stat(filepath.Join(dir, "ggml-m.bin")); err == nil {
					t.Error("the model is there all the same")
				}
				if _, err := os.Stat(part); strings.Contains(test.want, "deleted") == (err == nil) {
					t.Errorf("the part is there: %v", err == nil)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := os.ReadFile(file); !bytes.Equal(got, data) {
				t.Errorf("got %d bytes, want %d", len(got), len(data))
			}
			if len(*asked) > 0 && last != int64(len(data)) {
				t.Errorf("got progress %d at the end, want %d", last, len(data))
			}
			if _, err := verify(p.in(dir)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestGetAsksForTheRest(t *testing.T) {
	data := []byte("0123456789")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ggml-m.bin.part"), data[:4], 0o600); err != nil {
		t.Fatal(err)
	}
	base, asked := modelServer(t, data, true)
	if _, err := Get(context.Background(), base, published(data), dir, func(int64) {}); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(*asked, " "), "bytes=4-"; got != want {
		t.Errorf("got ranges %q, want %q", got, want)
	}
}

func TestGetSaysWhatTheServerSaid(t *testing.T) {
	base, _ := modelServer(t, nil, true)
	p := published([]byte("x"))
	p.Path = "elsewhere.bin"
	_, err := Get(context.Background(), base, p, t.TempDir(), func(int64) {})
	if err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("got error %v, want the server's 404 in it", err)
	}
}

func TestVerifyNoticesAChange(t *testing.T) {
	data := []byte("a model")
	dir := t.TempDir()
	m := published(data).in(dir)
	if err := os.WriteFile(m.File, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // hashed, then remembered
		if _, err := verify(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(m.File, []byte("a Model and more"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := verify(m); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("got error %v, want damaged", err)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	own := filepath.Join(dir, "ggml-røst.bin")
	if err := os.WriteFile(own, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, file string }{
		{"", ""},
		{"edda-v0.2", filepath.Join(dir, "ggml-edda-v0.2.bin")},
		{"large-v3-turbo", filepath.Join(dir, "ggml-large-v3-turbo.bin")},
		{own, own},
		{"ggml-røst.bin", own},
	} {
		if m, err := Find(test.name, dir); err != nil || m.File != test.file {
			t.Errorf("find %q: got %q, %v, want %q", test.name, m.File, err, test.file)
		}
	}
	if _, err := Find("large-v9", dir); err == nil || !strings.Contains(err.Error(), "models list") {
		t.Errorf("got error %v, want one that shows the list", err)
	}
}

func TestRegistry(t *testing.T) {
	names := map[string]bool{}
	for _, p := range Registry() {
		if names[p.Name] {
			t.Errorf("%s is there twice", p.Name)
		}
		names[p.Name] = true
		if sum, err := hex.DecodeString(p.SHA256); err != nil || len(sum) != sha256.Size || p.Size < 1<<20 || len(p.Heads) == 0 || p.MaxPiece == 0 {
			t.Errorf("%s is not whole: %+v", p.Name, p)
		}
	}
}

// A server of models cannot make this machine ask others on its network.
func TestRedirectsStayOffThisNetwork(t *testing.T) {
	asked := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer inside.Close()
	for _, to := range []string{inside.URL, strings.Replace(inside.URL, "http:", "https:", 1), "https://10.0.0.7/model", "https://[fe80::1]/model", "https://169.254.169.254/latest"} {
		outside := httptest.NewServer(http.RedirectHandler(to, http.StatusFound))
		_, err := Get(t.Context(), outside.URL, Published{Model: Model{Name: "m"}, Path: "m.bin", Size: 1}, t.TempDir(), func(int64) {})
		if err == nil || !strings.Contains(err.Error(), "it sends to") {
			t.Errorf("%s: got %v, want it refused", to, err)
		}
		outside.Close()
	}
	if asked {
		t.Error("a server of this network was asked")
	}
}
