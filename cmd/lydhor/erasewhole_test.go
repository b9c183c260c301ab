package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"lydhor/pipeline"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/store"
)

// spoken are words and phrases of a transcript that stand in nothing else that is known: what
// people said, as it would show in a log.
func spoken(t *pipeline.Transcript, known string) (said []string) {
	seen := map[string]bool{}
	add := func(text string) {
		if !seen[text] && !strings.Contains(known, text) {
			said = append(said, text)
		}
		seen[text] = true
	}
	for _, turn := range t.Turns {
		text := strings.ToLower(turn.Text)
		words := strings.Fields(text)
		for i := range len(words) - 3 {
			add(strings.Join(words[i:i+4], " "))
		}
		for _, w := range regexp.MustCompile(`\p{L}{6,}`).FindAllString(text, -1) {
			add(w)
		}
	}
	return said
}

// cues is the text of the codebook that the program brings.
func cues(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../analysis/codebook/lises.da.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ToLower(string(text))
}

// holding lists the files below the folders that hold one of the words, in whatever case.
func holding(t *testing.T, words []string, folders ...string) (found []string) {
	t.Helper()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(file string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(file)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			text := strings.ToLower(string(data))
			for _, w := range words {
				if strings.Contains(text, w) {
					found = append(found, file+": "+w)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// A whole run, with real whisper, of serve and work as processes: while the recording stands,
// its words are in the database and nowhere else, in no log, object or temporary file; after
// it is erased they are nowhere.
func TestErasedFromAWholeRun(t *testing.T) {
	temp := t.TempDir()
	if err := os.Chmod(filepath.Dir(temp), 0o711); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temp) // ffmpeg must reach what it is lent in there
	if err := os.Chmod(temp, 0o711); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	address := h.pool.Config().ConnString()
	known := cues(t) + strings.ToLower(dumped(t, address))
	answer, words, err := h.lydhor("upload", "--participants", "B-017", "--agreed-text", "2026-1", demoRecording)
	if err != nil {
		t.Fatalf("upload: %v: %s", err, words)
	}
	id, _, _ := strings.Cut(answer, " ")
	said := h.transcript(id)
	secrets := spoken(said, known)
	if len(secrets) < 20 {
		t.Fatalf("got %d words and phrases in the demo recording, want some to look for", len(secrets))
	}
	if err := errors.Join(
		store.Decide(t.Context(), h.pool, id, pipeline.Decision{Key: "0123456789abcdef", Coder: "analyst", Note: "stenbrosmuren"}),
		store.Correct(t.Context(), h.pool, id, pipeline.Correction{Key: "0123456789abcdef", Coder: "analyst", Do: pipeline.ChangeText, Turn: said.Turns[0].Span, To: "stenbrosmuren"}),
	); err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, "stenbrosmuren", "samtale-boernehave-kort")
	broken := h.uploadBroken(t, "stenbrosmuren")
	h.openAll(t, id, "stenbrosmuren")
	logs := func() []string {
		return []string{h.said.text(), textOf(t, filepath.Join(h.data, "s3.log")), textOf(t, filepath.Join((&servers{dir: h.data}).cluster(), "log"))}
	}
	outside := []string{filepath.Join(h.data, "s3"), filepath.Join(h.data, "s3-versions"), filepath.Join(h.data, "uploads"), temp}
	before := strings.ToLower(dumped(t, address))
	missing := 0
	for _, w := range secrets {
		if !strings.Contains(before, w) {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d words are not in the database before it is erased: the test would show less", missing, len(secrets))
	}
	if found := holding(t, secrets, outside...); len(found) > 0 {
		t.Errorf("words stand outside the database: %v", found)
	}
	for i, log := range logs() {
		for _, w := range secrets {
			if strings.Contains(strings.ToLower(log), w) {
				t.Errorf("log %d holds %q", i, w)
			}
		}
	}

	// A second time the recording is on its way when its participant withdraws.
	second, words, err := h.lydhor("upload", "--participants", "B-017", sameSound(t, "second"))
	if err != nil {
		t.Fatalf("upload: %v: %s", err, words)
	}
	second, _, _ = strings.Cut(second, " ")
	h.hearing(second)
	env := h.env
	h.env = append(h.env, h.servers()...)
	out, words, err := h.lydhor("participant", "withdraw", "B-017")
	h.env = env
	if err != nil {
		t.Fatalf("withdraw: %v: %s", err, words)
	}
	var proofs []consent.Proof
	for d := json.NewDecoder(strings.NewReader(out)); ; {
		var p consent.Proof
		if d.Decode(&p) != nil {
			break
		}
		proofs = append(proofs, p)
		t.Logf("proof: %d objects, sha256 %s, rows %v", p.Objects, p.SHA256, p.Rows)
	}
	if len(proofs) != 3 || proofs[0].Recording != id || proofs[0].Rows["turn"] != len(said.Turns) || proofs[0].Objects < 3 || len(proofs[0].SHA256) != 64 {
		t.Errorf("got proofs %+v, want the three recordings, the first with its %d turns", proofs, len(said.Turns))
	}
	h.until("the worker lets go of the second", func() bool {
		left, _ := filepath.Glob(filepath.Join(temp, "lydhor-*"))
		return len(left) == 0
	})
	after := strings.ToLower(dumped(t, address))
	for _, w := range secrets {
		if strings.Contains(after, w) {
			t.Errorf("%q is still in the database", w)
		}
	}
	if found := holding(t, append(secrets, id, second, broken), outside[2:]...); len(found) > 0 {
		t.Errorf("still on disk: %v", found)
	}
	objects, _ := filepath.Glob(filepath.Join(h.data, "s3", "lydhor", "*-*-*-*-*", "*"))
	if len(objects) > 0 {
		t.Errorf("objects are left: %v", objects)
	}
	for i, log := range logs() {
		for _, w := range secrets {
			if strings.Contains(strings.ToLower(log), w) {
				t.Errorf("afterwards log %d holds %q", i, w)
			}
		}
	}
	t.Logf("%d words and phrases looked for, %d lines of log, %d bytes of dump before and %d after", len(secrets), strings.Count(strings.Join(logs(), ""), "\n"), len(before), len(after))
}

// uploadBroken uploads what is no sound, named and made of a word, and waits until work on it stops.
func (h *house) uploadBroken(t *testing.T, word string) (id string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), word+".mp3")
	if err := os.WriteFile(file, []byte(word+" er ikke lyd"), 0o600); err != nil {
		t.Fatal(err)
	}
	answer, words, err := h.lydhor("upload", "--participants", "B-017", file)
	if err != nil {
		t.Fatalf("upload: %v: %s", err, words)
	}
	id, _, _ = strings.Cut(answer, " ")
	h.until("the broken recording stops", func() bool { return h.recording(id).FailedIn != "" })
	return id
}

// openAll opens every page of a recording as the first admin, and asks for a word wherever one
// can be written, so that logs and caches hold what they would after a day's work.
func (h *house) openAll(t *testing.T, id, word string) {
	t.Helper()
	env := h.env
	h.env = append(h.env, h.servers()...)
	link, words, err := h.lydhor("account", "link", "--data", h.data, firstAdmin)
	h.env = env
	if err != nil {
		t.Fatalf("link: %v: %s", err, words)
	}
	c := browser("")
	answer, err := c.Post(strings.TrimSpace(link), "application/x-www-form-urlencoded", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	for _, path := range []string{"/", "/recordings/" + id, "/recordings/" + id + "/sound", "/recordings/" + id + "/sheet", "/recordings/" + id + "/export/docx",
		"/recordings/" + id + "/export/json?plain=yes", "/search?q=b%C3%B8rnehave", "/export?format=csv", "/consent/" + id, "/recordings/nothing/sound",
		"/" + word, "/search?q=" + word, "/cases/" + word, "/recordings/" + word + "/export/docx", "/?case=" + word + "&from=" + word} {
		if status, _, _ := visiting(t, c, h.server+path); status >= 500 || status == http.StatusForbidden {
			t.Errorf("%s: got status %d", path, status)
		}
	}
	for path, fields := range map[string][]string{
		"/sign-in": {"name", "password"}, "/recordings/" + id + "/corrections": {"key", "do", "to"}, "/consent/" + id: {"agreed_on"}, "/upload": {"kind"}, "/vocabulary": {"nothing"},
	} {
		form := url.Values{}
		for _, f := range fields {
			form.Set(f, word)
		}
		answer, err := c.PostForm(h.server+path, form)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode >= 500 {
			t.Errorf("POST %s: got status %d", path, answer.StatusCode)
		}
	}
}

// servers is the environment of commands that ask the house's servers themselves.
func (h *house) servers() []string {
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(h.data, name))
		if err != nil {
			h.t.Fatal(err)
		}
		return string(bytes.TrimSpace(b))
	}
	return []string{"LYDHOR_DATABASE_URL=postgres://lydhor@127.0.0.1:" + read("postgres.port") + "/postgres?sslmode=disable",
		fmt.Sprintf("LYDHOR_S3_ENDPOINT=http://127.0.0.1:%s", read("s3.port")), "LYDHOR_S3_ACCESS_KEY=lydhor", "LYDHOR_S3_SECRET_KEY=" + read("s3.secret"),
		"LYDHOR_S3_BUCKET=lydhor", "LYDHOR_UPLOADS=" + filepath.Join(h.data, "uploads"), "LYDHOR_MASTER_KEY_FILE=" + filepath.Join(h.data, "master.key")}
}

func textOf(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
