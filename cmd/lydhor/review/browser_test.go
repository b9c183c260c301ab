package review

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"lydhor/pipeline"
)

// A tab is one page in a real Chromium.
type tab struct {
	testing.TB
	ctx context.Context
}

func openBrowser(t testing.TB) *tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no chromium on PATH: install Debian's chromium")
		}
		t.Skip("no chromium on PATH: install Debian's chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.WSURLReadTimeout(time.Minute))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil { // lives as long as ctx
		t.Fatal(err)
	}
	return &tab{t, ctx}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, stop := context.WithTimeout(b.ctx, time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

// press sends keys to whatever has the focus.
func (b *tab) press(keys string) {
	b.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// is waits until a JavaScript expression holds, also on the page that comes next.
func (b *tab) is(expression string) {
	b.Helper()
	ctx, stop := context.WithTimeout(b.ctx, time.Minute)
	defer stop()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[bool](expression))
		if err == nil {
			return
		}
		gone, _ := errors.AsType[*cdproto.Error](err) // the page it asked has gone
		if ctx.Err() != nil || gone == nil {
			b.Fatalf("never true: %s: %v", expression, err)
		}
	}
}

// value is what a JavaScript expression gives.
func value[T any](b *tab, expression string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return v
}

// clickWord clicks in the middle of the nth word of a turn.
func (b *tab) clickWord(turn string, n int) {
	b.Helper()
	at := value[[]float64](b, `(() => {
		const el = document.querySelector("`+turn+`");
		el.scrollIntoView({block: "center"});
		const w = wordsOf(el)[`+string(rune('0'+n))+`], r = new Range();
		r.setStart(w.node, w.from); r.setEnd(w.node, w.to);
		const box = r.getBoundingClientRect();
		return [box.x + box.width / 2, box.y + box.height / 2];
	})()`)
	b.do(chromedp.MouseClickXY(at[0], at[1]))
}

// shoot keeps a picture of the page at both widths in the folder SCREENS names, if it does.
func (b *tab) shoot(name string) {
	b.Helper()
	dir := os.Getenv("SCREENS")
	if dir == "" {
		return
	}
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"narrow", 375, 800}, {"wide", 1280, 900}} {
		b.do(chromedp.EmulateViewport(size.width, size.height), chromedp.Sleep(500*time.Millisecond))
		png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+"-"+size.name+".png"), png, 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// accessible asks axe-core what stands in the way of a reader with a screen reader or weak
// eyes.
func (b *tab) accessible() {
	b.Helper()
	axe, err := os.ReadFile("../../../.native/axe/axe.min.js")
	if err != nil {
		b.Log("no axe-core in .native/axe: run make test-packages; accessibility is not checked")
		return
	}
	b.do(chromedp.Evaluate[chromedp.Void](string(axe)))
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`axe.run().then((r) => r.violations
		.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.html.slice(0, 200) + " " + n.any.map((c) => c.message).join("; "))))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range found {
		b.Errorf("axe finds %s", f)
	}
}

// tone is a WAV file of a quiet 220 Hz tone.
func tone(length time.Duration) Sound {
	const rate = 8000
	samples := make([]int16, int(length.Seconds()*rate))
	for i := range samples {
		samples[i] = int16(2000 * math.Sin(2*math.Pi*220*float64(i)/rate))
	}
	size := uint32(2 * len(samples))
	var b bytes.Buffer
	for _, field := range []any{[]byte("RIFF"), 36 + size, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1),
		uint32(rate), uint32(2 * rate), uint16(2), uint16(16), []byte("data"), size, samples} {
		binary.Write(&b, binary.LittleEndian, field)
	}
	return Sound{"audio/wav", b.Bytes()}
}

func TestStandaloneInBrowser(t *testing.T) {
	b := openBrowser(t)
	file := filepath.Join(t.TempDir(), "transcript.html")
	if err := os.WriteFile(file, []byte(standalone(t, talk(), tone(10*time.Second))), 0o644); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate("file://"+file), chromedp.WaitReady(chromedp.CSS("#turns")))
	b.is(`sound.readyState >= 1`)

	b.clickWord("#t2", 4) // "blomsterne." is said at 5.0 s
	b.is(`Math.abs(sound.currentTime - 5) < 0.05`)
	b.is(`document.querySelector("#t2").classList.contains("here")`)
	b.is(`[...CSS.highlights.get("word")][0].toString() === "blomsterne."`)

	b.press("n") // from the place of the sound on: the second flag, at 8.2 s
	b.is(`document.activeElement.id === "flag4" && Math.abs(sound.currentTime - 8.2) < 0.05`)
	b.press("p")
	b.is(`document.activeElement.id === "flag2" && Math.abs(sound.currentTime - 3) < 0.05`)
	b.press(kb.ArrowDown)
	b.is(`Math.abs(sound.currentTime - 5.8) < 0.05`)
	b.press(kb.ArrowLeft)
	b.is(`Math.abs(sound.currentTime - 2.8) < 0.05`)

	b.press(" ")
	b.is(`!sound.paused && sound.currentTime > 3.1`)
	b.is(`document.querySelector("#t2").classList.contains("here")`) // the text follows
	b.press(" ")
	b.is(`sound.paused`)

	b.press("l")
	b.press("n")
	b.press("p") // the first flag lasts to the end of the turn that decides it, at 8.0 s
	b.do(chromedp.Evaluate[chromedp.Void](`sound.currentTime = 8.2`))
	b.press(" ")
	b.is(`sound.currentTime < 7`)
	b.press(" ")

	b.press("+")
	b.is(`sound.playbackRate === 1.25`)
	b.press("c")
	b.is(`getComputedStyle(document.querySelector(".overlap")).display === "inline"`)
	b.press("?")
	b.is(`document.querySelector("dialog").open`)
	b.shoot("standalone-keys")
	b.accessible()
	b.press("?")
	b.is(`!document.querySelector("dialog").open`)

	b.accessible()
	b.is(`getComputedStyle(document.querySelector(".en")).display === "none"`)
	b.do(chromedp.Click(chromedp.CSS("#switch")))
	b.is(`getComputedStyle(document.querySelector(".da")).display === "none"`)
	if got := value[float64](b, `document.documentElement.scrollWidth - innerWidth`); got > 0 {
		t.Errorf("got a page %v pixels wider than the window, want none", got)
	}
}

// A mark of music is quiet, but to be seen and heard, on a telephone too; words are found beside it.
func TestMusicInBrowser(t *testing.T) {
	b := openBrowser(t)
	tr := talk()
	tr.Turns[3].Start, tr.Turns[3].End = 18*time.Second, 20*time.Second
	tr.Music = []pipeline.Music{{Span: pipeline.FromSeconds(3.2, 4.9)}, {Span: pipeline.FromSeconds(9, 17.5)}}
	s := testServer(t, (&shelf{transcript: tr, sound: tone(20 * time.Second), recordings: []Recording{{ID: "r1", Title: "Med musik", State: Done}}}).config())
	for _, address := range []string{"/recordings/r1", "/recordings/r1?notation=ca"} {
		b.do(chromedp.Navigate(s.URL+address), chromedp.WaitReady(chromedp.CSS("#turns")))
		b.is(`sound.readyState >= 1`)
		for _, width := range []int64{375, 1280} {
			b.do(chromedp.EmulateViewport(width, 800), chromedp.ScrollIntoView(chromedp.CSS("#t4 .music")))
			b.is(`(() => { const box = document.querySelector("#t4 .music").getBoundingClientRect(); return box.width > 40 && box.left >= 0 && box.right <= innerWidth; })()`)
			b.is(`document.documentElement.scrollWidth <= innerWidth`)
			b.do(chromedp.Click(chromedp.CSS("#t4 .music")))
			b.is(`!sound.paused && sound.currentTime >= 9 && sound.currentTime < 17.5`)
			b.do(chromedp.Click(chromedp.CSS("#t4 .music")))
			b.is(`sound.paused`)
			b.clickWord("#t2", 4)
			b.is(`Math.abs(sound.currentTime - 5) < 0.05`)
		}
	}
	b.accessible()
	b.do(chromedp.Navigate(s.URL+"/recordings/r1#t4"), chromedp.WaitReady(chromedp.CSS("#turns")))
	b.shoot("music")
}

func TestServiceInBrowser(t *testing.T) {
	b := openBrowser(t)
	received := time.Date(2026, 11, 23, 8, 0, 0, 0, time.Local)
	shelf := &shelf{transcript: talk(), sound: tone(10 * time.Second), received: map[string]Upload{}, recordings: []Recording{
		{ID: "r1", Title: "Prøvesamtale", Kind: pipeline.Conversation, State: Done, Length: 10 * time.Second, Received: received},
		{ID: "r2", Title: "FLIP om inddragelse", Kind: pipeline.FLIP, State: Working, Stage: pipeline.Transcribe, Progress: 0.4, Received: received},
		{ID: "r3", Title: "Ny samtale", Kind: pipeline.Conversation, State: Waiting, Received: received},
		{ID: "r4", Title: "Møde i ledergruppen", Kind: pipeline.Meeting, State: Failed, Problem: "Filen møde.wav er tom. Læg en fil med lyd op.", Received: received},
	}}
	s := testServer(t, shelf.config())
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.URL), chromedp.WaitVisible(chromedp.CSS("progress")))
	b.shoot("recordings")
	b.accessible()
	shelf.finish("r2")
	b.is(`document.querySelectorAll(".recording.done").length === 2`) // without a reload

	b.do(chromedp.Navigate(s.URL+"/recordings/r1"), chromedp.WaitReady(chromedp.CSS("#turns")))
	b.is(`sound.readyState >= 1`)
	b.clickWord("#t2", 4)
	b.is(`Math.abs(sound.currentTime - 5) < 0.05`)
	b.press("n")
	b.is(`document.activeElement.id === "flag4"`)
	b.press("p")
	b.shoot("recording")
	b.accessible()
	b.do(chromedp.SetValue(chromedp.CSS(".find input"), "blomsterne"), chromedp.Submit(chromedp.CSS(".find input")), chromedp.WaitVisible(chromedp.CSS("mark")))
	b.shoot("search")
	b.accessible()
	b.do(chromedp.Click(chromedp.CSS(".hit a")))
	b.is(`location.hash === "#t2" && document.readyState === "complete" && Math.abs(sound.currentTime - 3) < 0.05`)
	b.do(chromedp.Click(chromedp.CSS(".bar button")))
	b.is(`document.querySelector("h1").textContent === "Prøvesamtale" && document.documentElement.lang === "en"`)

	sound := filepath.Join(t.TempDir(), "ny optagelse æøå.wav")
	if err := os.WriteFile(sound, tone(time.Second).Data, 0o644); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(s.URL+"/upload"), chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{sound}))
	b.shoot("upload")
	b.accessible()
	b.do(chromedp.Click(chromedp.CSS("button.first")))
	b.is(`location.pathname === "/recordings/new1"`)
	b.do(chromedp.Navigate(s.URL+"/upload"), chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{sound}), chromedp.Click(chromedp.CSS("button.first")))
	b.is(`document.querySelector(".refused a")?.pathname === "/recordings/old"`)
	b.shoot("upload-twice")
}

// manyFlags is a conversation of n citizen-meaning utterances, each answered by the turn
// after it, a turn a second.
func manyFlags(n int) *pipeline.Transcript {
	tr := &pipeline.Transcript{ID: "r1", Kind: pipeline.Conversation, Language: "da"}
	for i := range n {
		at := time.Duration(2*i) * time.Second
		tr.Turns = append(tr.Turns,
			pipeline.Turn{N: 2*i + 1, Speaker: "S2", Role: pipeline.Citizen, Span: pipeline.Span{Start: at, End: at + time.Second}, Text: "Jeg ville gerne være gartner.",
				Codes: []pipeline.Code{pipeline.CitizenMeaning}, Outcome: pipeline.Overridden, OutcomeTurn: 2*i + 2},
			pipeline.Turn{N: 2*i + 2, Speaker: "S1", Role: pipeline.Professional, Span: pipeline.Span{Start: at + time.Second, End: at + 2*time.Second}, Text: "Ja, men vi skal have planen på plads."})
	}
	return tr
}

// decided waits until the server holds n decisions and gives what stands.
func (s *shelf) decided(t *testing.T, n int) map[int]pipeline.Decision {
	t.Helper()
	for range 200 {
		if made, _ := s.Decisions(t.Context(), "r1", "anna"); len(made) == n {
			return pipeline.Standing(s.transcript, made)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("got %d decisions, want %d", len(s.decisions), n)
	return nil
}

func TestReviewByKeyboard(t *testing.T) {
	b := openBrowser(t)
	shelf := &shelf{transcript: manyFlags(10), sound: tone(20 * time.Second), recordings: []Recording{{ID: "r1", Title: "Prøvesamtale", State: Done}}}
	s := testServer(t, shelf.config())
	open := func() {
		t.Helper()
		b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.URL+"/recordings/r1"), chromedp.WaitReady(chromedp.CSS("#turns")))
		b.is(`sound.readyState >= 1`)
	}
	open()
	b.press("n") // from 0.0 s on: the second flag, turn 3
	b.press("p")
	b.is(`document.activeElement.id === "flag1"`)
	b.press("1")          // turn 1: gripped
	b.press("x")          // turn 3: no meaning
	b.press(kb.Enter)     // turn 5: as proposed
	b.press("s")          // turn 7: skipped
	b.press("5")          // turn 9: open
	b.press(kb.ArrowDown) // from turn 11
	b.press(kb.ArrowDown) // over turn 12 to turn 13
	b.press(kb.ArrowDown) // to turn 14, which is to decide
	b.press("d")          // turn 11
	b.press(kb.ArrowUp)   // turn 13
	b.press(kb.ArrowUp)   // turn 12
	b.press("m")          // is missed
	b.is(`document.activeElement.id === "flag12"`)
	b.press("4") // and overridden
	standing := shelf.decided(t, 7)
	for n, want := range map[int]pipeline.Outcome{1: pipeline.Gripped, 3: "", 5: pipeline.Overridden, 9: pipeline.Open, 11: pipeline.Overridden, 12: pipeline.Overridden} {
		if got, decided := standing[n]; !decided || got.Outcome != want {
			t.Errorf("turn %d: got %q (decided %v), want %q", n, got.Outcome, decided, want)
		}
	}
	if got := shelf.transcript.At(standing[11].Deciding); got == nil || got.N != 14 {
		t.Errorf("turn 11: got deciding turn %v, want 14", got)
	}
	b.is(`document.querySelector("#saving").textContent.includes("alt er gemt")`)
	b.shoot("review")
	b.accessible()
	b.do(chromedp.EmulateViewport(1280, 900))

	b.press("u")
	b.is(`!document.querySelector("#flag12").matches(".decided")`)
	b.press("u")
	b.is(`document.querySelector("#flag12") === null`)
	shelf.decided(t, 9)

	b.do(chromedp.Evaluate[chromedp.Void](`goToFlag(document.querySelector("#flag7"))`))
	b.press("k")
	b.is(`document.activeElement.name === "note"`)
	b.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.value = ""`)) // the protocol types a key that the page took
	b.press("hør igen")
	b.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.is(`document.querySelector("#flag7 .note")?.textContent === "hør igen"`)
	shelf.decided(t, 10)
}

func TestFarTurnsAreReached(t *testing.T) {
	b := openBrowser(t)
	shelf := &shelf{transcript: fourHours(), sound: tone(time.Second), recordings: []Recording{{ID: "r1", State: Done}}}
	s := testServer(t, shelf.config())
	inWindow := func(turn string) string {
		return `(() => { const box = document.querySelector("` + turn + `").getBoundingClientRect();
			return box.top >= document.querySelector(".desk").getBoundingClientRect().bottom && box.bottom <= innerHeight; })()`
	}
	for _, width := range []int64{1280, 375} {
		b.do(chromedp.EmulateViewport(width, 900), chromedp.Navigate(s.URL+"/recordings/r1"), chromedp.WaitReady(chromedp.CSS("#turns")))
		b.do(chromedp.Evaluate[chromedp.Void](`goToTurn(document.querySelector("#t3000"))`)) // as the sound does
		b.is(inWindow("#t3000"))
		b.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#t1500"`))
		b.is(inWindow("#t1500"))
		b.do(chromedp.Evaluate[chromedp.Void](`goToFlag(document.querySelector("#flag3901"))`))
		b.is(inWindow("#t3901"))
	}
}

func TestNoDecisionIsLost(t *testing.T) {
	b := openBrowser(t)
	shelf := &shelf{transcript: manyFlags(10), sound: tone(20 * time.Second), recordings: []Recording{{ID: "r1", State: Done}}}
	s := testServer(t, shelf.config())
	b.do(chromedp.Navigate(s.URL+"/recordings/r1"), chromedp.WaitReady(chromedp.CSS("#turns")))
	shelf.breaks(true)
	b.press("n")
	b.press("1")
	b.press("2")
	b.is(`document.querySelector("#saving").textContent.includes("2 venter")`)
	b.do(chromedp.Navigate("about:blank")) // the page goes, the decisions stay
	shelf.breaks(false)
	b.do(chromedp.Navigate(s.URL), chromedp.WaitReady(chromedp.CSS("#list"))) // any page sends them
	standing := shelf.decided(t, 2)
	if standing[3].Outcome != pipeline.Gripped || standing[5].Outcome != pipeline.GrippedLate {
		t.Errorf("got %v, want turn 3 gripped and turn 5 gripped late", standing)
	}
}

func TestTwoTabsKeepInStep(t *testing.T) {
	first := openBrowser(t)
	shelf := &shelf{transcript: manyFlags(10), sound: tone(20 * time.Second), recordings: []Recording{{ID: "r1", State: Done}}}
	s := testServer(t, shelf.config())
	ctx, stop := chromedp.NewContext(first.ctx)
	t.Cleanup(stop)
	second := &tab{t, ctx}
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+"/recordings/r1")); err != nil {
		t.Fatal(err)
	}
	first.do(chromedp.Navigate(s.URL+"/recordings/r1"), chromedp.WaitReady(chromedp.CSS("#turns")))
	first.press("n")
	first.press("1")
	second.is(`document.querySelector("#flag3").matches(".gripped.decided")`)
	second.do(chromedp.Evaluate[chromedp.Void](`decide(document.querySelector("#flag3"), "open")`))
	first.is(`document.querySelector("#flag3").matches(".open.decided")`)
	shelf.decided(t, 2)
}

func TestCorrectByKeyboard(t *testing.T) {
	b := openBrowser(t)
	shelf := &shelf{transcript: talk(), sound: tone(10 * time.Second), recordings: []Recording{{ID: "r1", State: Done}}}
	s := testServer(t, shelf.config())
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.URL+"/recordings/r1"), chromedp.WaitReady(chromedp.CSS("#turns")))
	b.is(`sound.readyState >= 1`)

	b.clickWord("#t2", 4) // "blomsterne.", the last of five words
	b.press("b")          // belongs to turn 3
	b.is(`document.querySelector("#t3 .said").textContent.includes("blomsterne. Ja, men")`)
	b.is(`Math.abs(sound.currentTime - 5) < 0.05`) // the place stays
	b.press("z")
	b.is(`document.querySelector("#t2 .said").textContent.includes("blomsterne.")`)

	b.press("r")
	b.is(`document.activeElement.name === "to"`)
	b.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.value = "Jeg kunne godt lide blomster."`))
	b.shoot("correct")
	b.accessible()
	b.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.is(`document.querySelector("#t2 .said").textContent.includes("blomster.") && !document.querySelector(".edit")`)
	b.clickWord("#t2", 1) // "kunne" still begins at 3.2 s
	b.is(`Math.abs(sound.currentTime - 3.2) < 0.05`)

	b.press("t")
	b.is(`document.querySelector("#t2 .label").textContent === "S1"`)
	b.do(chromedp.SetValue(chromedp.CSS("#speakers select"), "relative"), chromedp.Click(chromedp.CSS("#speakers button[value=role]")))
	b.is(`document.querySelector("#t1").matches(".relative")`)
	if got, want := len(shelf.corrected), 5; got != want {
		t.Errorf("got %d corrections kept, want %d: %v", got, want, shelf.corrected)
	}
}

func TestCompareInBrowser(t *testing.T) {
	b := openBrowser(t)
	shelf := &shelf{transcript: talk(), sound: tone(10 * time.Second), recordings: []Recording{{ID: "r1", State: Done}}}
	s := testServer(t, shelf.config())
	for _, d := range [][3]string{{"bo", "2", "confirm"}, {"bo", "4", "open"}, {"anna", "2", "gripped"}, {"anna", "4", "open"}} {
		decideAs(t, s, d[0], d[1], "do", d[2])
	}
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.URL+"/recordings/r1/compare"), chromedp.WaitVisible(chromedp.CSS("#t2")))
	b.accessible()
	b.do(chromedp.Click(chromedp.CSS("#t2 button[value=gripped]")))
	b.is(`document.querySelector("#t2 .by")?.textContent === "anna"`)
	b.shoot("compare")
}

// A comment that the server refuses is not lost: it can be mended and kept.
func TestRefusedCommentIsNotLost(t *testing.T) {
	b := openBrowser(t)
	shelf := &shelf{transcript: manyFlags(2), sound: tone(4 * time.Second), recordings: []Recording{{ID: "r1", State: Done}}}
	s := testServer(t, shelf.config())
	b.do(chromedp.Navigate(s.URL+"/recordings/r1"), chromedp.WaitReady(chromedp.CSS("#turns")))
	b.do(chromedp.Evaluate[chromedp.Void](`decide(document.querySelector("#flag3"), "note", { note: "lang ".repeat(1000) })`))
	b.is(`document.querySelector("#saving").textContent.includes("Kommentaren er for lang")`)
	b.is(`document.activeElement.name === "note" && document.activeElement.value.length === 5000`)
	b.do(chromedp.Evaluate[chromedp.Void](`decide(document.querySelector("#flag3"), "praise")`))
	b.is(`document.querySelector("#saving").textContent.includes("Den afgørelse kan ikke gemmes")`)
	b.is(`!document.querySelector("#flag3").matches(".pending") && document.querySelector("#flag3 .what").textContent.includes("Overhalet")`)
}

// Ctrl+F finds what is said in stretches that are not laid out.
func TestFindInPageReachesFarTurns(t *testing.T) {
	b := openBrowser(t)
	long := fourHours()
	for _, n := range []int{2000, 3950} {
		long.Turns[n-1].Text = fmt.Sprintf("her siger nogen jordbærmarmelade nummer %d", n)
	}
	s := testServer(t, (&shelf{transcript: long, sound: tone(time.Second), recordings: []Recording{{ID: "r1", State: Done}}}).config())
	for _, width := range []int64{1280, 375} {
		b.do(chromedp.EmulateViewport(width, 900), chromedp.Navigate(s.URL+"/recordings/r1"), chromedp.WaitReady(chromedp.CSS("#turns")))
		for _, turn := range []string{"2000", "3950"} {
			if !value[bool](b, `find("jordbærmarmelade nummer `+turn+`")`) {
				t.Errorf("width %d: what turn %s says is not found", width, turn)
				continue
			}
			b.is(`getSelection().anchorNode?.parentElement.closest(".turn")?.id === "t` + turn + `"`)
			b.is(`(() => { const box = getSelection().getRangeAt(0).getBoundingClientRect();
				return box.top >= document.querySelector(".desk").getBoundingClientRect().bottom && box.bottom <= innerHeight; })()`)
		}
	}
}
