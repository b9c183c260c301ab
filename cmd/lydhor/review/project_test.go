package review

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
	"lydhor/pipeline/access"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
)

// talks puts n constructed talks of each kind in a new project on Postgres, and gives it and
// their ids, the conversations first.
func talks(t *testing.T, n int) (Stored, []string) {
	t.Helper()
	db := pgtest.New(t)
	project, err := store.Project(t.Context(), db, "Grebet eller overhalet")
	if err != nil {
		t.Fatal(err)
	}
	coders, err := store.NewCoders(db)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, kind := range []pipeline.Kind{pipeline.Conversation, pipeline.FLIP} {
		for i := range n {
			tr := talk()
			tr.Notices = []string{}
			tr.Turns[1].Outcome = pipeline.Outcomes[i%len(pipeline.Outcomes)]
			tr.Themes = []pipeline.Themes{{Turn: 2, Themes: []string{"pot_strategy", "pot_holistic"}}, {Turn: 4, Themes: []string{"bar_predictability"}}}
			id, _, err := store.AddRecording(t.Context(), db, store.Recording{ID: uuid.NewString(), Project: project, Name: fmt.Sprintf("%s %d", kind, i+1), Kind: kind,
				SHA256: fmt.Sprint(kind, i), Profile: "demo", Meta: map[string]string{"date": fmt.Sprintf("2026-%02d-03", 1+i), "case": "Forløb 7"}})
			if err != nil {
				t.Fatal(err)
			}
			if err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
				return errors.Join(store.SaveTranscript(t.Context(), tx, id, tr), store.SetSound(t.Context(), tx, id, 10*time.Second, nil), store.SetDone(t.Context(), tx, id))
			}); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
	}
	for _, name := range []string{"anna", "bo"} {
		account, err := access.NewAccount(t.Context(), db, name)
		if err == nil {
			err = access.Grant(t.Context(), db, account, project, access.Analyst)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return Stored{DB: db, Project: project, Coders: coders}, ids
}

func (s Stored) config() Config {
	return Config{Library: s, Coding: s, Decisions: s, Corrections: s, Finder: s, Sheets: s, Vocabulary: s, Audio: &shelf{sound: tone(10 * time.Second)}, Project: "Grebet eller overhalet"}
}

func TestProjectPagesInBrowser(t *testing.T) {
	b := openBrowser(t)
	stored, ids := talks(t, 6)
	s := testServer(t, stored.config())
	for i, id := range ids[:3] {
		for _, coder := range []string{"anna", "bo"} {
			if err := stored.Assign(t.Context(), store.Assignment{Recording: id, Coder: coder, Blind: true, By: "anna"}); err != nil {
				t.Fatal(err)
			}
			for _, turn := range []string{"2", "4"} {
				act := "gripped"
				if coder == "bo" && turn == "4" {
					act = string(pipeline.Outcomes[i%len(pipeline.Outcomes)])
				}
				decideIn(t, s.URL, id, coder, turn, act)
			}
			if i < 2 {
				if err := stored.HandIn(t.Context(), id, coder); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, look := range []struct{ name, address string }{
		{"coding", "/coding"}, {"agreement", "/agreement?a=anna&b=bo"}, {"compare", "/recordings/" + ids[1] + "/compare"}, {"vocabulary", "/vocabulary"},
		{"case", "/cases/Forl%C3%B8b%207"}, {"flip", "/recordings/" + ids[6]}, {"recordings-many", "/"}, {"pictures", "/pictures"},
	} {
		b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.URL+look.address), chromedp.WaitReady(chromedp.CSS("#main")))
		b.look(look.name)
	}
	b.is(`[...document.images].every((picture) => picture.naturalWidth > 0)`)
	checkPNG(b)
}

// checkPNG downloads the first picture of the page as a PNG, and wants one with a drawing in it.
func checkPNG(b *tab) {
	b.Helper()
	dir := b.TempDir()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir})
		return err
	}), chromedp.Click(chromedp.CSS("[data-png]")))
	file := filepath.Join(dir, "outcomes.png")
	for range 200 {
		if _, err := os.Stat(file); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	f, err := os.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		b.Fatal(err)
	}
	colours := map[color.Color]bool{}
	for x := range picture.Bounds().Dx() {
		for y := range picture.Bounds().Dy() {
			colours[picture.At(x, y)] = true
		}
	}
	if picture.Bounds().Dx() != 2000 || len(colours) < 10 {
		b.Errorf("got a picture %d wide in %d colours, want one 2000 wide with the outcomes' colours", picture.Bounds().Dx(), len(colours))
	}
}

// decideIn decides on a turn as a coder.
func decideIn(t *testing.T, address, recording, coder, turn, act string) {
	t.Helper()
	form := url.Values{"key": {uuid.NewString()}, "do": {act}}
	r, err := http.NewRequest("POST", address+"/recordings/"+recording+"/turns/"+turn+"/decision", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Coder", coder)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode >= 400 {
		t.Errorf("%s decides %s on turn %s: got status %d", coder, act, turn, resp.StatusCode)
	}
}

func TestTwoAnalystsDecideAtTheSameTime(t *testing.T) {
	stored, ids := talks(t, 1)
	id := ids[0]
	s := testServer(t, stored.config())
	for _, coder := range []string{"anna", "bo"} {
		if err := stored.Assign(t.Context(), store.Assignment{Recording: id, Coder: coder, Blind: true, By: "anna"}); err != nil {
			t.Fatal(err)
		}
	}
	acts := map[string]string{"anna": "gripped", "bo": "overheard"}
	var both sync.WaitGroup
	for coder, act := range acts {
		for range 10 {
			for _, turn := range []string{"2", "4"} {
				both.Go(func() { decideIn(t, s.URL, id, coder, turn, act) })
			}
		}
	}
	both.Wait()
	for coder, act := range acts {
		own, err := stored.Decisions(As(t.Context(), coder), id, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(own) != 20 {
			t.Errorf("%s sees %d decisions, want the 20 of their own", coder, len(own))
		}
		for _, d := range own {
			if d.Coder != coder || string(d.Outcome) != act {
				t.Errorf("%s sees %s of %s, want %s of their own", coder, d.Outcome, d.Coder, act)
			}
		}
		if err := stored.HandIn(t.Context(), id, coder); err != nil {
			t.Fatal(err)
		}
	}
	_, body := get(t, s.URL+"/recordings/"+id+"/compare")
	if got := len(all(page(t, body), "li.hit")); got != 2 {
		t.Errorf("got %d turns that differ, want both", got)
	}
}
