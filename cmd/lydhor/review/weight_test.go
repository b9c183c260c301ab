package review

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"lydhor/pipeline"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
)

// fourHours is a conversation as long as the longest meetings: 36,000 words in 4,000 turns,
// one in ten of them flagged. Its words are made of random syllables, so that they compress
// no better than speech does.
func fourHours() *pipeline.Transcript {
	random := rand.New(rand.NewPCG(1, 2))
	syllables := strings.Fields("ar be gri hed i jo kan le men no om pe ra ser til ud ve ær ør å")
	lexicon := make([]string, 4000)
	for i := range lexicon {
		for range 1 + random.IntN(3) {
			lexicon[i] += syllables[random.IntN(len(syllables))]
		}
	}
	tr := &pipeline.Transcript{ID: "r1", Kind: pipeline.Meeting, Language: "da"}
	at := time.Duration(0)
	for n := range 4000 {
		turn := pipeline.Turn{N: n + 1, Speaker: []string{"S1", "S2", "S3", "S4"}[n%4], Role: pipeline.Roles[n%4], Span: pipeline.Span{Start: at}}
		var said []string
		for range 9 {
			length := time.Duration(150+random.IntN(400)) * time.Millisecond
			word := lexicon[int(random.ExpFloat64()*400)%len(lexicon)]
			said = append(said, word)
			turn.Words = append(turn.Words, pipeline.Word{Span: pipeline.Span{Start: at, End: at + length}, Text: word})
			at += length
		}
		turn.End, turn.Text = at, strings.Join(said, " ")
		at += time.Duration(random.IntN(800)) * time.Millisecond
		if n%10 == 0 && n+2 < 4000 {
			turn.Codes, turn.Outcome, turn.OutcomeTurn = []pipeline.Code{pipeline.CitizenMeaning}, pipeline.Overridden, n+2
			turn.Evidence = map[string][]pipeline.Evidence{"outcome": {{Group: "ja men", Text: said[0], Turn: n + 2, Weight: 1}}}
		}
		tr.Turns = append(tr.Turns, turn)
	}
	return tr
}

// fourHoursLoud is how loud they are: no two steps alike, so that it compresses badly.
func fourHoursLoud() pipeline.Loudness {
	random := rand.New(rand.NewPCG(3, 4))
	l := make(pipeline.Loudness, 4*time.Hour/pipeline.LoudnessStep)
	base := 0
	for i := range l {
		if i%300 == 0 {
			base = random.IntN(100)
		}
		l[i] = byte(20 + base + random.IntN(50))
	}
	return l
}

func TestFourHoursWeighLessThan300kB(t *testing.T) {
	s := testServer(t, (&shelf{transcript: fourHours(), loudness: fourHoursLoud(), recordings: []Recording{{ID: "r1", State: Done}}}).config())
	total := 0
	weigh := func(path string) string {
		r, _ := http.NewRequest("GET", s.URL+path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		counted := &counter{r: resp.Body}
		var body io.Reader = counted
		if resp.Header.Get("Content-Encoding") == "gzip" {
			if body, err = gzip.NewReader(counted); err != nil {
				t.Fatal(err)
			}
		}
		b, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		total += counted.n
		return string(b)
	}
	doc := page(t, weigh("/recordings/r1"))
	for _, script := range all(doc, "script") {
		weigh(attr(script, "src"))
	}
	for _, link := range all(doc, "link") {
		weigh(attr(link, "href"))
	}
	if total > 300_000 {
		t.Errorf("got %d bytes for the page with its scripts and style, want at most 300,000", total)
	}
	t.Logf("%d bytes", total)
}

type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += n
	return n, err
}

// BenchmarkFourHours takes the time until the first byte of the page and until the first of
// its conversation, rows on Postgres.
func BenchmarkFourHours(b *testing.B) {
	db := pgtest.New(b)
	stored := fourHoursStored(b, db)
	c := (&shelf{}).config()
	c.Library, c.Decisions, c.Corrections, c.Sheets, c.Coder = stored, stored, stored, stored, coderOf
	c.Audio = storedSound{&shelf{}, db}
	h, err := New(c)
	if err != nil {
		b.Fatal(err)
	}
	list, err := stored.Recordings(b.Context())
	if err != nil || len(list) != 1 {
		b.Fatalf("got %d recordings and error %v", len(list), err)
	}
	var first, talk time.Duration
	for b.Loop() {
		r := httptest.NewRequest("GET", "/recordings/"+list[0].ID, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := &stopwatch{ResponseRecorder: httptest.NewRecorder(), began: time.Now()}
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatalf("got status %d", w.Code)
		}
		first, talk = first+w.first, talk+w.second
	}
	b.ReportMetric(1000*first.Seconds()/float64(b.N), "ms-to-first-byte")
	b.ReportMetric(1000*talk.Seconds()/float64(b.N), "ms-to-conversation")
}

// fourHoursStored is a project with the one recording.
func fourHoursStored(b *testing.B, db *pgxpool.Pool) Stored {
	b.Helper()
	project, err := store.Project(b.Context(), db, "CUBB")
	if err != nil {
		b.Fatal(err)
	}
	id, _, err := store.AddRecording(b.Context(), db, store.Recording{ID: uuid.NewString(), Project: project, Name: "møde.wav", Kind: pipeline.Meeting, SHA256: "aa", Profile: "demo"})
	if err != nil {
		b.Fatal(err)
	}
	if err := pgx.BeginFunc(b.Context(), db, func(tx pgx.Tx) error {
		t := fourHours()
		t.Runs, t.Speakers = []pipeline.Run{}, []pipeline.Speaker{}
		return errors.Join(store.SaveTranscript(b.Context(), tx, id, t), store.SetSound(b.Context(), tx, id, 4*time.Hour, fourHoursLoud()), store.SetDone(b.Context(), tx, id))
	}); err != nil {
		b.Fatal(err)
	}
	return Stored{DB: db, Project: project}
}

// storedSound is a shelf whose loudness is in the database.
type storedSound struct {
	*shelf
	db store.DB
}

func (s storedSound) Loudness(ctx context.Context, id string) (pipeline.Loudness, error) {
	return store.Loudness(ctx, s.db, id)
}

// BenchmarkScroll scrolls through the page in a real Chromium, a window's half at each of 600
// frames, and takes how long frames last and the longest task that held one up.
func BenchmarkScroll(b *testing.B) {
	t := openBrowser(b)
	s := testServer(b, (&shelf{transcript: fourHours(), loudness: fourHoursLoud(), sound: tone(time.Second), recordings: []Recording{{ID: "r1", State: Done}}}).config())
	var median, most, worst, task float64
	for b.Loop() {
		t.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.URL+"/recordings/r1"), chromedp.WaitReady(chromedp.CSS("#turns")))
		got, err := chromedp.Run(t.ctx, chromedp.Evaluate[[]float64](`(async () => {
			const frames = [];
			let task = 0, last = null;
			await new Promise((over) => setTimeout(over, 2000));
			new PerformanceObserver((list) => list.getEntries().forEach((e) => { task = Math.max(task, e.duration); })).observe({ type: "longtask" });
			for (let i = 0; i < 600; i++) {
				scrollBy(0, 450);
				const now = await new Promise(requestAnimationFrame);
				if (last) frames.push(now - last);
				last = now;
			}
			frames.sort((a, b) => a - b);
			return [frames[300], frames[570], frames.at(-1), task];
		})()`, chromedp.EvalAwaitPromise))
		if err != nil {
			b.Fatal(err)
		}
		median, most, worst, task = median+got[0], most+got[1], worst+got[2], task+got[3]
	}
	for name, sum := range map[string]float64{"ms-frame-median": median, "ms-frame-p95": most, "ms-frame-worst": worst, "ms-longest-task": task} {
		b.ReportMetric(sum/float64(b.N), name)
	}
}

// stopwatch takes the time until the first byte, and until the first after those that were
// sent ahead.
type stopwatch struct {
	*httptest.ResponseRecorder
	began         time.Time
	first, second time.Duration
	ahead         bool
}

func (w *stopwatch) Write(b []byte) (int, error) {
	now := time.Since(w.began)
	if w.first == 0 {
		w.first = now
	}
	if w.ahead && w.second == 0 {
		w.second = now
	}
	return w.ResponseRecorder.Write(b)
}

func (w *stopwatch) Flush() { w.ahead, w.second = true, 0 }
