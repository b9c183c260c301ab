package workers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river/rivertype"

	"lydhor/pipeline"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/pgtest"
	"lydhor/pipeline/store"
)

// A bundle is a database, objects, and workers whose stages replay talk.
type bundle struct {
	t       *testing.T
	pool    *pgxpool.Pool
	blobs   *blob.Memory
	inbox   *Inbox
	project string
	config  Config
	log     *logged
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, pool: pgtest.New(t), blobs: &blob.Memory{}, log: &logged{}}
	var err error
	if b.inbox, err = NewInbox(b.pool, b.blobs); err != nil {
		t.Fatal(err)
	}
	if b.project, err = store.Project(ctx, b.pool, "test"); err != nil {
		t.Fatal(err)
	}
	b.config = Config{
		Pool: b.pool, Blobs: b.blobs, Profiles: map[string]pipeline.Transcriber{"draft": replay{}},
		Diariser: replay{}, Analyser: everywhere(replay{}), Parallel: 2, Metrics: NewMetrics(prometheus.NewRegistry()), Log: slog.New(slog.NewJSONHandler(b.log, nil)), Lease: time.Second,
	}
	return b
}

var ctx = context.Background()

// logged keeps what workers log.
type logged struct {
	mu sync.Mutex
	strings.Builder
}

func (l *logged) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Builder.String()
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Builder.Write(p)
}

// secret is a word that is spoken and may stand in the tables of the recording only.
const secret = "hemmelighed"

// replay hears a question and an answer in every piece, and says which piece by its length.
type replay struct {
	block <-chan struct{} // hears nothing until it is closed
	fail  error
}

func (r replay) Transcribe(ctx context.Context, sound pipeline.Sound, progress pipeline.Progress) (*pipeline.Speech, error) {
	progress(pipeline.Transcribe, 0.5)
	if r.block != nil {
		select {
		case <-r.block:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	at := func(start, end float64, text string) pipeline.Segment {
		span := pipeline.FromSeconds(start, end)
		return pipeline.Segment{Span: span, Text: text, Words: []pipeline.Word{{Span: span, Text: text, P: 1}}}
	}
	return &pipeline.Speech{Run: pipeline.Run{Stage: pipeline.Transcribe}, Language: "da", Segments: []pipeline.Segment{
		at(0.2, 0.9, "Kaffe?"), at(1.4, 1.9, secret)}}, r.fail
}

func (r replay) Diarise(context.Context, pipeline.Sound, pipeline.Speakers, pipeline.Progress) (*pipeline.Voices, error) {
	return &pipeline.Voices{Run: pipeline.Run{Stage: pipeline.Diarise}, Turns: []pipeline.SpeakerTurn{
		{Span: pipeline.FromSeconds(0, 1), Speaker: "S1"}, {Span: pipeline.FromSeconds(1.2, 2), Speaker: "S2"}}}, r.fail
}

func (replay) Analyse(t *pipeline.Transcript) pipeline.Run {
	for i := range t.Turns {
		t.Turns[i].Codes = []pipeline.Code{pipeline.Institutional}
	}
	return pipeline.Run{Stage: pipeline.Analyse}
}

// everywhere has one analyser for all projects.
func everywhere(a pipeline.Analyser) func(context.Context, string) (pipeline.Analyser, error) {
	return func(context.Context, string) (pipeline.Analyser, error) { return a, nil }
}

// work runs workers until the test ends or stop is called.
func (b *bundle) work(c Config) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, c) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("workers: %v", err)
		}
	})
	b.t.Cleanup(stop)
	return stop
}

// receive uploads a recording of three seconds.
func (b *bundle) receive(content []byte) string {
	b.t.Helper()
	id, added, err := b.inbox.Receive(ctx, store.Recording{Project: b.project, Name: secret + ".wav", Kind: pipeline.Conversation, Profile: "draft"}, strings.NewReader(string(content)))
	if err != nil || !added {
		b.t.Fatalf("receive: got added %v, error %v", added, err)
	}
	return id
}

func beep(t *testing.T, seconds string) []byte {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
	file := filepath.Join(t.TempDir(), "beep.wav")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=f=300:r=16000:d="+seconds, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// until waits for a recording to be as wanted, and gives it.
func (b *bundle) until(id string, is func(*store.Recording) bool) *store.Recording {
	b.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		r, err := store.ByID(ctx, b.pool, id)
		if err != nil {
			b.t.Fatal(err)
		}
		if is(r) {
			return r
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("recording is still %+v\n%s", r, b.log.text())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// count counts rows.
func (b *bundle) count(from string) (n int) {
	b.t.Helper()
	if err := b.pool.QueryRow(ctx, `select count(*) `+from).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func done(r *store.Recording) bool   { return r.Done }
func failed(r *store.Recording) bool { return r.Problem != "" }

func (b *bundle) texts(id string) []string {
	b.t.Helper()
	t, err := store.Transcript(ctx, b.pool, id)
	if err != nil {
		b.t.Fatal(err)
	}
	var list []string
	for _, turn := range t.Turns {
		list = append(list, turn.Speaker+": "+turn.Text)
		if !turn.Has(pipeline.Institutional) {
			b.t.Errorf("turn %d is not analysed", turn.N)
		}
	}
	return list
}

var whole = []string{"S1: Kaffe?", "S2: " + secret}

func TestRecordingBecomesTranscript(t *testing.T) {
	b := setup(t)
	id := b.receive(beep(t, "3"))
	b.work(b.config)
	r := b.until(id, done)
	if diff := cmp.Diff(whole, b.texts(id)); diff != "" {
		t.Errorf("turns differ (-want +got):\n%s", diff)
	}
	if r.Length != 3*time.Second {
		t.Errorf("got length %v, want 3s", r.Length)
	}
	sound, _, err := b.inbox.Rendition(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	sound.Close()
}

// microphones is a recording of two channels of 40 s: a tone on the one, then on the other.
func microphones(t *testing.T) []byte {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
	file := filepath.Join(t.TempDir(), "microphones.wav")
	out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i",
		"aevalsrc=0.5*sin(1900*t)*between(t\\,10\\,13)|0.5*sin(1900*t)*between(t\\,30\\,33):s=16000:d=40", file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestMicrophoneOfOnesOwn(t *testing.T) {
	b := setup(t)
	id, _, err := b.inbox.Receive(ctx, store.Recording{Project: b.project, Name: secret + ".wav", Kind: pipeline.Conversation, Profile: "draft", Separate: true},
		bytes.NewReader(microphones(t)))
	if err != nil {
		t.Fatal(err)
	}
	b.work(b.config)
	r := b.until(id, done)
	if !r.Separate {
		t.Error("the recording forgot that each has a microphone")
	}
	want := []string{"channel 1: Kaffe? " + secret, "channel 2: Kaffe? " + secret}
	if diff := cmp.Diff(want, b.texts(id)); diff != "" {
		t.Errorf("turns differ (-want +got):\n%s", diff)
	}
	heard, err := store.Transcript(ctx, b.pool, id)
	if err != nil {
		t.Fatal(err)
	}
	for i, spoken := range []time.Duration{10 * time.Second, 30 * time.Second} { // 0.2 s after what is kept begins
		if got := heard.Turns[i].Start; (got - spoken).Abs() > 200*time.Millisecond {
			t.Errorf("channel %d: got its words at %v, want them at %v", i+1, got, spoken)
		}
	}
}

// eager hears the words that it was told to expect.
type eager struct {
	replay
	words string
}

func (e eager) Expecting(words string) pipeline.Transcriber { return eager{e.replay, words} }

func (e eager) Transcribe(ctx context.Context, sound pipeline.Sound, progress pipeline.Progress) (*pipeline.Speech, error) {
	speech, err := e.replay.Transcribe(ctx, sound, progress)
	for i := range speech.Segments {
		speech.Segments[i].Text = e.words
		speech.Segments[i].Words[0].Text = e.words
	}
	return speech, err
}

func TestProjectsVocabularyReachesTheTranscriber(t *testing.T) {
	b := setup(t)
	b.config.Profiles = map[string]pipeline.Transcriber{"draft": eager{words: "ingenting"}}
	if err := store.SetVocabulary(ctx, b.pool, b.project, " "+secret+" \n"); err != nil {
		t.Fatal(err)
	}
	id := b.receive(beep(t, "3"))
	b.work(b.config)
	b.until(id, done)
	if diff := cmp.Diff([]string{"S1: " + secret, "S2: " + secret}, b.texts(id)); diff != "" {
		t.Errorf("turns differ (-want +got):\n%s", diff)
	}
	if n := b.count(`from river_job where to_jsonb(river_job)::text like '%` + secret + `%'`); n > 0 || strings.Contains(b.log.text(), secret) {
		t.Errorf("the vocabulary stands in %d jobs, or in the log:\n%s", n, b.log.text())
	}
}

func TestSpokenWordsStayOutOfJobsAndLogs(t *testing.T) {
	b := setup(t)
	b.config.Diariser = replay{fail: errors.New("too many voices")}
	id := b.receive(beep(t, "3"))
	b.work(b.config)
	b.until(id, done)
	b.receive([]byte(secret))
	rows, err := b.pool.Query(ctx, `select to_jsonb(river_job) from river_job`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var row json.RawMessage
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(row), secret) {
			t.Errorf("a job says %s", row)
		}
	}
	if strings.Contains(b.log.text(), secret) {
		t.Errorf("the log says %s", b.log.text())
	}
}

func TestSameSoundIsReceivedOnce(t *testing.T) {
	b := setup(t)
	sound := beep(t, "3")
	id := b.receive(sound)
	again, added, err := b.inbox.Receive(ctx, store.Recording{Project: b.project, Name: "again.wav", Kind: pipeline.FLIP, Profile: "draft"}, strings.NewReader(string(sound)))
	if err != nil || added || again != id {
		t.Errorf("got %s, added %v, error %v, want %s", again, added, err, id)
	}
	if keys, _ := b.blobs.Keys(ctx, "", time.Now()); len(keys) != 1 {
		t.Errorf("got objects %v, want the first upload's only", keys)
	}
}

func TestFailedDiarisationLosesNothing(t *testing.T) {
	b := setup(t)
	b.config.Diariser = replay{fail: errors.New("too many voices")}
	id := b.receive(beep(t, "3"))
	b.work(b.config)
	b.until(id, done)
	tr, err := store.Transcript(ctx, b.pool, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.Turns) == 0 || tr.Turns[0].Speaker != pipeline.UnknownSpeaker || len(tr.Notices) != 1 {
		t.Errorf("got %d turns, notices %v", len(tr.Turns), tr.Notices)
	}
}

// silent hears nothing and nobody.
type silent struct{ replay }

func (silent) Transcribe(context.Context, pipeline.Sound, pipeline.Progress) (*pipeline.Speech, error) {
	return &pipeline.Speech{Run: pipeline.Run{Stage: pipeline.Transcribe}}, nil
}

func (silent) Diarise(context.Context, pipeline.Sound, pipeline.Speakers, pipeline.Progress) (*pipeline.Voices, error) {
	return &pipeline.Voices{Run: pipeline.Run{Stage: pipeline.Diarise}}, nil
}

func TestSilenceBecomesATranscriptThatSaysSo(t *testing.T) {
	b := setup(t)
	b.config.Profiles, b.config.Diariser = map[string]pipeline.Transcriber{"draft": silent{}}, silent{}
	id := b.receive(beep(t, "3"))
	b.work(b.config)
	b.until(id, done)
	tr, err := store.Transcript(ctx, b.pool, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.Turns) != 0 || len(tr.Notices) != 1 || !strings.Contains(tr.Notices[0], "No speech was heard") {
		t.Errorf("got %d turns, notices %q", len(tr.Turns), tr.Notices)
	}
}

func TestBadSoundFailsAtOnceAndCanBeRetried(t *testing.T) {
	b := setup(t)
	id := b.receive([]byte("no sound at all"))
	b.work(b.config)
	r := b.until(id, failed)
	if r.FailedIn != pipeline.Ingest || !strings.Contains(r.Problem, "ffmpeg cannot read it as sound") {
		t.Errorf("got %q in %s", r.Problem, r.FailedIn)
	}
	if err := b.inbox.Retry(ctx, b.project, id); err != nil {
		t.Fatal(err)
	}
	b.until(id, func(r *store.Recording) bool { return r.Attempt == 2 && failed(r) })
}

func TestRetryKeepsWhatWasHeard(t *testing.T) {
	b := setup(t)
	id := b.receive(beep(t, "3"))
	broken := b.config
	broken.Profiles = map[string]pipeline.Transcriber{"draft": replay{fail: pipeline.ErrBadAudio}}
	stop := b.work(broken)
	b.until(id, failed)
	stop()
	if err := b.inbox.Retry(ctx, b.project, id); err != nil {
		t.Fatal(err)
	}
	b.work(b.config)
	b.until(id, done)
	if diff := cmp.Diff(whole, b.texts(id)); diff != "" {
		t.Errorf("turns differ (-want +got):\n%s", diff)
	}
}

func TestStoppedWorkerHandsBack(t *testing.T) {
	b := setup(t)
	id := b.receive(beep(t, "3"))
	stuck := b.config
	stuck.Profiles = map[string]pipeline.Transcriber{"draft": replay{block: make(chan struct{})}}
	stop := b.work(stuck)
	b.until(id, func(r *store.Recording) bool { return len(r.Stages) == 2 })
	stop()
	var tried int
	if err := b.pool.QueryRow(ctx, `select attempt from river_job where kind = 'transcribe'`).Scan(&tried); err != nil {
		t.Fatal(err)
	}
	if tried != 0 {
		t.Errorf("got %d attempts used up by stopping, want none", tried)
	}
	b.work(b.config)
	b.until(id, done)
	if diff := cmp.Diff(whole, b.texts(id)); diff != "" {
		t.Errorf("turns differ (-want +got):\n%s", diff)
	}
}

func TestCancelStopsWhatAWorkerIsAt(t *testing.T) {
	b := setup(t)
	id := b.receive(beep(t, "3"))
	stuck := b.config
	stuck.Profiles = map[string]pipeline.Transcriber{"draft": replay{block: make(chan struct{})}}
	stop := b.work(stuck)
	b.until(id, func(*store.Recording) bool { // transcribe is all that is left
		return b.count(`from lease`) == 1 && b.count(`from river_job where state = 'running' and kind = 'transcribe'`) == 1 &&
			b.count(`from river_job where kind = 'diarise' and state = 'completed'`) == 1
	})
	if err := b.inbox.Cancel(ctx, uuid.NewString(), id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("from another project: got %v, want ErrNotFound", err)
	}
	if err := b.inbox.Cancel(ctx, b.project, id); err != nil {
		t.Fatal(err)
	}
	r := b.until(id, failed)
	if r.FailedIn != pipeline.Transcribe || !strings.Contains(r.Problem, "stopped by hand") {
		t.Errorf("got %q in %s", r.Problem, r.FailedIn)
	}
	b.until(id, func(*store.Recording) bool { // the worker has let go
		var open int
		if err := b.pool.QueryRow(ctx, `select count(*) from river_job where state not in ('completed', 'cancelled') and args ? 'recording'`).Scan(&open); err != nil {
			t.Fatal(err)
		}
		return open == 0
	})
	if err := b.inbox.Cancel(ctx, b.project, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a second time: got %v, want ErrNotFound", err)
	}
	stop()
	if err := b.inbox.Retry(ctx, b.project, id); err != nil {
		t.Fatal(err)
	}
	b.work(b.config)
	b.until(id, done)
	if diff := cmp.Diff(whole, b.texts(id)); diff != "" {
		t.Errorf("turns differ (-want +got):\n%s", diff)
	}
}

// A worker that dies leaves its job running and its lease to run out.
func TestDeadWorkersJobIsTakenOver(t *testing.T) {
	b := setup(t)
	id := b.receive(beep(t, "3"))
	if _, err := b.pool.Exec(ctx, `update river_job set state = 'running', attempt = 1, attempted_at = now() - interval '1 minute', attempted_by = array['dead']`); err != nil {
		t.Fatal(err)
	}
	var job int64
	if err := b.pool.QueryRow(ctx, `select id from river_job`).Scan(&job); err != nil {
		t.Fatal(err)
	}
	if err := store.Hold(ctx, b.pool, job, "dead"); err != nil {
		t.Fatal(err)
	}
	b.work(b.config)
	b.until(id, done)
	if got := b.log.text(); !strings.Contains(got, "took over from a dead worker") {
		t.Errorf("got log %s, want the job taken over", got)
	}
}

// A worker that was cut off, and not dead, ends its job after another has.
func TestLateWorkerChangesNothing(t *testing.T) {
	b := setup(t)
	id := b.receive(beep(t, "3"))
	release := make(chan struct{})
	late := b.config
	late.Lease = time.Hour // so it renews too seldom for the other
	late.Parallel = 1      // so it cannot take its own job over
	late.Profiles = map[string]pipeline.Transcriber{"draft": replay{block: release}}
	stop := b.work(late)
	b.until(id, func(*store.Recording) bool {
		return b.count(`from lease join river_job on id = job where kind = 'transcribe'`) == 1
	})
	b.work(b.config)
	b.until(id, done)
	close(release)
	b.until(id, func(*store.Recording) bool { return strings.Count(b.log.text(), `"stage":"transcribe"`) == 2 })
	stop()
	if diff := cmp.Diff(whole, b.texts(id)); diff != "" {
		t.Errorf("turns differ (-want +got):\n%s", diff)
	}
	if got := b.count(`from river_job where args ? 'recording'`); got != 5 {
		t.Errorf("got %d jobs, want one a stage", got)
	}
	b.until(id, func(*store.Recording) bool { // the chores too, with which whoever leads now begins
		return b.count(`from river_job where state <> 'completed'`) == 0
	})
}

// A recording that crashes its worker each time must not do so for ever.
func TestJobThatKillsItsWorkersIsGivenUp(t *testing.T) {
	b := setup(t)
	id := b.receive(beep(t, "3"))
	if _, err := b.pool.Exec(ctx, `update river_job set state = 'running', attempt = max_attempts, attempted_at = now() - interval '1 minute', attempted_by = array['dead']`); err != nil {
		t.Fatal(err)
	}
	b.work(b.config)
	r := b.until(id, failed)
	if r.FailedIn != pipeline.Ingest || !strings.Contains(r.Problem, "ingest was given up") {
		t.Errorf("got %q in %q", r.Problem, r.FailedIn)
	}
	if err := b.inbox.Retry(ctx, b.project, id); err != nil {
		t.Fatal(err)
	}
	b.until(id, done)
}

func TestTimeoutOfTheLastAttemptFailsTheRecording(t *testing.T) {
	b := setup(t)
	id := b.receive(beep(t, "3"))
	w := &worker{Config: b.config, name: "test"}
	late, cancel := context.WithDeadline(ctx, time.Now().Add(100*time.Millisecond))
	defer cancel()
	last := work{&rivertype.JobRow{ID: 1, Attempt: MaxAttempts, MaxAttempts: MaxAttempts}, pipeline.Ingest, id, 1}
	err := w.do(late, last, func(ctx context.Context, _ *store.Recording) error { <-ctx.Done(); return ctx.Err() })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want %v", err, context.DeadlineExceeded)
	}
	if r := b.until(id, failed); r.FailedIn != pipeline.Ingest {
		t.Errorf("got failed in %q", r.FailedIn)
	}
}

func TestSweepDeletesObjectsWithoutARecording(t *testing.T) {
	b := setup(t)
	id := b.receive(beep(t, "3"))
	for _, key := range []string{uuid.NewString() + "/original", "not/ours"} {
		if err := b.blobs.Put(ctx, key, strings.NewReader("left over")); err != nil {
			t.Fatal(err)
		}
	}
	w := &worker{Config: b.config}
	for _, test := range []struct {
		before time.Time
		want   int
	}{{time.Now().Add(-time.Hour), 3}, {time.Now(), 2}} {
		if _, err := Sweep(ctx, w.Pool, w.Blobs, test.before); err != nil {
			t.Fatal(err)
		}
		if keys, _ := b.blobs.Keys(ctx, "", time.Now()); len(keys) != test.want || !slices.Contains(keys, originalKey(id)) {
			t.Errorf("got objects %v, want %d with the recording's", keys, test.want)
		}
	}
}

func TestLongRecordingIsSharedByWorkers(t *testing.T) {
	b := setup(t)
	id := b.receive(beep(t, "1500"))
	b.work(b.config)
	b.work(b.config)
	b.until(id, done)
	pieces := b.count(`from stage where stage = 'transcribe'`)
	if pieces < 3 || len(b.texts(id)) < pieces {
		t.Errorf("got %d pieces and turns %v, want 25 minutes in three pieces at least, each heard", pieces, b.texts(id))
	}
	if got := strings.Count(b.log.text(), `"stage":"transcribe"`); got != pieces {
		t.Errorf("got %d pieces heard, want each of the %d once", got, pieces)
	}
}

// A worker that cannot reach the database when it lets go leaves its lease.
func TestLeasesOfEndedJobsAreDropped(t *testing.T) {
	b := setup(t)
	for job, renewed := range map[int64]string{1: "1 hour", 2: "0"} {
		if _, err := b.pool.Exec(ctx, `insert into lease (job, worker, renewed) values ($1, 'gone', now() - $2::interval)`, job, renewed); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.DropLeases(ctx, b.pool, time.Minute); err != nil {
		t.Fatal(err)
	}
	if old, young := b.count(`from lease where job = 1`), b.count(`from lease where job = 2`); old != 0 || young != 1 {
		t.Errorf("got %d silent and %d renewed leases left, want 0 and 1", old, young)
	}
}

// Coding again by what a project has chosen since replaces what the machine said and keeps
// what people decided; another project's recordings are left alone.
func TestAnalyseAgain(t *testing.T) {
	b := setup(t)
	id := b.receive(beep(t, "3"))
	b.work(b.config)
	b.until(id, done)
	if err := store.Decide(ctx, b.pool, id, pipeline.Decision{Key: "0123456789abcdef", Coder: "anna", Turn: pipeline.FromSeconds(0, 1), Meaning: true}); err != nil {
		t.Fatal(err)
	}
	other, err := store.Project(ctx, b.pool, "another")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := b.inbox.Analyse(ctx, other); n != 0 || err != nil {
		t.Errorf("another project: got %d and error %v, want none", n, err)
	}
	for range 2 { // once and again
		if _, err := b.pool.Exec(ctx, `update turn set codes = '{}'`); err != nil {
			t.Fatal(err)
		}
		if n, err := b.inbox.Analyse(ctx, b.project, id); n != 1 || err != nil {
			t.Fatalf("got %d and error %v, want 1", n, err)
		}
		deadline := time.Now().Add(30 * time.Second)
		for b.count(`from turn where 'institutional' = any(codes)`) != 2 {
			if time.Now().After(deadline) {
				t.Fatalf("the turns are not coded again\n%s", b.log.text())
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	if n := b.count(`from decision`); n != 1 {
		t.Errorf("got %d decisions, want the one", n)
	}
}
