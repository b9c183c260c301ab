//go:build cgo

package transcribe

import (
	"context"
	"errors"
	"math"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lydhor/pipeline"
	"lydhor/transcribe/demo"
)

func quiet(pipeline.Stage, float64) {}

// recording decodes the first part of a demo recording.
func recording(t *testing.T, name string, most time.Duration) pipeline.Sound {
	t.Helper()
	sound, err := pipeline.Decode(context.Background(), filepath.Join("demo/recordings", name), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sound.Close() })
	return pipeline.Section(sound, pipeline.Span{End: most})
}

func openTest(t *testing.T, o Options) *Transcriber {
	t.Helper()
	tr, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	return tr
}

func TestTranscribe(t *testing.T) {
	sound := recording(t, "samtale-lager.flac", 70*time.Second)
	tr := openTest(t, Options{Threads: 2})
	var last float64
	speech, err := tr.Transcribe(context.Background(), sound, func(stage pipeline.Stage, done float64) {
		if stage != pipeline.Transcribe || done < last {
			t.Errorf("got progress %s %v after %v", stage, done, last)
		}
		last = done
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != 1 {
		t.Errorf("got progress %v at the end, want 1", last)
	}
	if len(speech.Notices) == 0 || !strings.Contains(speech.Notices[0], "demostemmer") {
		t.Errorf("got notices %v, want the demo model's", speech.Notices)
	}
	var text []string
	at := time.Duration(0)
	for _, s := range speech.Segments {
		text = append(text, s.Text)
		for _, w := range s.Words {
			if w.Start > w.End || w.End > pipeline.Dur(sound) {
				t.Errorf("got word %q from %v to %v", w.Text, w.Start, w.End)
			}
		}
		if s.Start < at {
			t.Errorf("segment at %v comes after one at %v", s.Start, at)
		}
		at = s.Start
	}
	if got, want := strings.Join(text, " "), "savner at have"; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
}

// A model that takes a prompt hears otherwise with one; the demo model has no room for it.
func TestExpectingPutsWordsBeforeTheSound(t *testing.T) {
	sound := recording(t, "samtale-lager.flac", 12*time.Second)
	prompted := FileModel(filepath.Join(t.TempDir(), "prompted.bin"))
	if err := os.WriteFile(prompted.File, demo.Model, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		model   Model
		differs bool
	}{{Demo, false}, {prompted, true}} {
		tr := openTest(t, Options{Model: test.model, Threads: 2})
		plain := heardWords(t, tr, sound)
		expecting := tr.Expecting("Nørresundby Fritidsjobbet Nørresundby Fritidsjobbet").(*Transcriber)
		if got := !cmp.Equal(plain, heardWords(t, expecting, sound)); got != test.differs {
			t.Errorf("%s: got other words %v, want %v", test.model.Name, got, test.differs)
		}
		if got := expecting.Run().Params["vocabulary"]; (got == "4 words") != test.differs {
			t.Errorf("%s: the run says vocabulary %q", test.model.Name, got)
		}
		if _, says := tr.Run().Params["vocabulary"]; says {
			t.Errorf("%s: the run of the transcriber itself says a vocabulary", test.model.Name)
		}
	}
}

// A model that never learned timestamps, as Edda, hears pieces of 30 s, one window each.
func TestTranscribeWithoutTimestamps(t *testing.T) {
	model := Demo
	edda, err := Find(Edda, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	model.NoTimestamps, model.MaxPiece, model.Window, model.TextContext = edda.NoTimestamps, edda.MaxPiece, edda.Window, edda.TextContext
	sound := recording(t, "samtale-lager.flac", 70*time.Second)
	speech, err := openTest(t, Options{Model: model, Threads: 2}).Transcribe(context.Background(), sound, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if speech.Run.Params["timestamps"] != "false" || speech.Run.Params["max_piece"] != "30s" {
		t.Errorf("got run %v", speech.Run)
	}
	pieces, err := pipeline.Cut(sound, 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if len(pieces) < 3 || len(speech.Segments) != len(pieces) {
		t.Errorf("got %d segments in %d pieces, want one each of three or more", len(speech.Segments), len(pieces))
	}
	at, words := time.Duration(0), 0
	for i, s := range speech.Segments {
		if s.Start < pieces[i].Start || s.End > pieces[i].End {
			t.Errorf("segment from %v to %v lies outside its piece %v", s.Start, s.End, pieces[i])
		}
		for _, w := range s.Words {
			if w.Start < at || w.Start < pieces[i].Start || w.End > pieces[i].End {
				t.Errorf("word %q from %v to %v, after one from %v", w.Text, w.Start, w.End, at)
			}
			at = w.Start
			words++
		}
	}
	with := heardWords(t, openTest(t, Options{Threads: 2}), sound)
	if words < len(with)*8/10 || words > len(with)*12/10 {
		t.Errorf("got %d words, want about the %d heard with timestamps", words, len(with))
	}
}

func TestTranscribeIsRepeatable(t *testing.T) {
	sound := recording(t, "samtale-boernehave-kort.wav", time.Hour)
	var speeches []*pipeline.Speech
	for range 2 {
		speech, err := openTest(t, Options{Threads: 2}).Transcribe(context.Background(), sound, quiet)
		if err != nil {
			t.Fatal(err)
		}
		speeches = append(speeches, speech)
	}
	if diff := cmp.Diff(speeches[0], speeches[1]); diff != "" {
		t.Errorf("the second transcript differs:\n%s", diff)
	}
}

func TestTranscribeNothing(t *testing.T) {
	tr := openTest(t, Options{Threads: 2})
	noise, random := make(pipeline.Samples, 40*pipeline.SampleRate), rand.New(rand.NewSource(1))
	for i := range noise {
		noise[i] = 0.1 * float32(random.NormFloat64())
	}
	for name, sound := range map[string]pipeline.Sound{"no samples": pipeline.Samples(nil), "silence": make(pipeline.Samples, 40*pipeline.SampleRate), "noise": noise} {
		t.Run(name, func(t *testing.T) {
			speech, err := tr.Transcribe(context.Background(), sound, quiet)
			if err != nil {
				t.Fatal(err)
			}
			if len(speech.Segments) > 0 || len(speech.Music) > 0 {
				t.Errorf("got %v and music at %v, want nothing", speech.Segments, speech.Music)
			}
		})
	}
}

// Chords that come and go, which the demo model makes words of, are in the record and not in
// the text.
func TestTranscribeMusic(t *testing.T) {
	tr := openTest(t, Options{Threads: 2})
	music := make(pipeline.Samples, 20*pipeline.SampleRate)
	for i := range music {
		at := float64(i) / pipeline.SampleRate
		chord := [][]float64{{261.6, 329.6, 392}, {220, 261.6, 329.6}}[int(at/2)%2]
		for _, tone := range chord {
			for k := 1.0; k <= 6; k++ {
				music[i] += float32(0.08 * math.Exp(-1.5*math.Mod(at, 1)) * math.Sin(2*math.Pi*tone*k*at) / k)
			}
		}
	}
	speech, err := tr.Transcribe(context.Background(), music, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if len(speech.Segments) > 0 {
		t.Errorf("got %v, want no words", speech.Segments)
	}
	if !slices.ContainsFunc(speech.Dropped, func(d pipeline.Dropped) bool { return d.Reason == "music" }) {
		t.Errorf("got %v dropped, want what the model made of the music among it", speech.Dropped)
	}
	if len(speech.Music) != 1 || speech.Music[0].Dur() < 16*time.Second {
		t.Errorf("got music at %v, want all of the 20 s", speech.Music)
	}
}

func TestLevel(t *testing.T) {
	for _, test := range []struct {
		name       string
		peak, want float32
	}{{"faint", 0.01, 0.1}, {"as loud as that", 0.1, 0.1}, {"loud", 0.8, 0.8}, {"silence", 0, 0}} {
		samples := pipeline.Samples{test.peak / 2, -test.peak, test.peak / 4}
		level(samples)
		want := pipeline.Samples{test.want / 2, -test.want, test.want / 4}
		if diff := cmp.Diff(want, samples, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
			t.Errorf("%s: samples differ (-want +got):\n%s", test.name, diff)
		}
	}
}

// Chords that neither come nor go are no voice, and music all the same.
func TestTranscribeMusicWithoutVoice(t *testing.T) {
	music := make(pipeline.Samples, 30*pipeline.SampleRate)
	for i := range music {
		at := float64(i) / pipeline.SampleRate
		for _, tone := range [][]float64{{261.6, 329.6, 392}, {220, 261.6, 329.6}}[int(at/2)%2] {
			for k := 1.0; k <= 6; k++ {
				music[i] += float32(0.05 * math.Sin(2*math.Pi*tone*k*at) / k)
			}
		}
	}
	if voice, err := pipeline.VoiceActivity(music); err != nil || len(voice) > 0 {
		t.Fatalf("got voice at %v, %v, want none", voice, err)
	}
	speech, err := openTest(t, Options{Threads: 2}).Transcribe(context.Background(), music, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if len(speech.Music) != 1 || speech.Music[0].Dur() < 28*time.Second || len(speech.Segments) > 0 {
		t.Errorf("got music at %v and %v, want all of the 30 s and no words", speech.Music, speech.Segments)
	}
}

// Forty decibels softer is heard as well, but for a word that comes out differently.
func TestTranscribeFaintSound(t *testing.T) {
	tr := openTest(t, Options{Threads: 2})
	sound := recording(t, "samtale-lager.flac", 8*time.Second)
	faint, err := pipeline.Read(sound, pipeline.Span{End: pipeline.Dur(sound)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range faint {
		faint[i] /= 100
	}
	want, got := heardWords(t, tr, sound), heardWords(t, tr, faint)
	same := 0
	for i := range min(len(want), len(got)) {
		if got[i].Text == want[i].Text {
			same++
		}
	}
	if len(got) != len(want) || same*10 < 9*len(want) {
		t.Errorf("got %q, want %q", sentence(got), sentence(want))
	}
}

func TestTranscribeStopsWhenCancelled(t *testing.T) {
	tr := openTest(t, Options{Threads: 2})
	ctx, cancel := context.WithCancel(context.Background())
	_, err := tr.Transcribe(ctx, recording(t, "samtale-lager.flac", time.Hour), func(_ pipeline.Stage, done float64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ggml-other.bin")
	if err := os.WriteFile(file, []byte("no model"), 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := FileModel(file)
	damaged.SHA256 = strings.Repeat("0", 64)
	for _, test := range []struct {
		name string
		o    Options
		want string
	}{
		{"missing model", Options{Model: FileModel("missing.bin")}, "lydhor models get"},
		{"other file", Options{Model: FileModel(file)}, "not a whisper.cpp model"},
		{"wrong hash", Options{Model: damaged}, "damaged"},
		{"missing GPU", Options{Device: "cuda:7"}, `no device "cuda:7"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr, err := Open(test.o)
			if err == nil {
				tr.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q in it", err, test.want)
			}
		})
	}
}

// Within half a minute the demo model skips "om timer" after "om medicin, om lægen"; heard from
// pause to pause it is there.
func TestWindowsKeepPhrases(t *testing.T) {
	sound := recording(t, "flip-borgerinddragelse.ogg", time.Minute)
	whole := Demo
	whole.Window = 0
	for _, test := range []struct {
		model Model
		want  bool
	}{{whole, false}, {Demo, true}} {
		got := sentence(heardWords(t, openTest(t, Options{Model: test.model, Threads: 2}), sound))
		if strings.Contains(got, "om timer") != test.want {
			t.Errorf("windows of %v: got %q, want the phrase in it: %v", test.model.Window, got, test.want)
		}
	}
}

// Heard in one window the demo model skips "noget, der betyder noget"; what it heard then is kept.
func TestWindowIsHeardAgainInParts(t *testing.T) {
	sound := recording(t, "flip-borgerinddragelse.ogg", 24*time.Second)
	speech, err := openTest(t, Options{Threads: 2}).Transcribe(context.Background(), sound, quiet)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(speech.Dropped, func(d pipeline.Dropped) bool {
		return strings.Contains(d.Reason, "heard again") && strings.HasPrefix(d.Text, "I skulle lytte")
	})
	if i < 0 {
		t.Fatalf("got %v dropped, want what was heard at first", speech.Dropped)
	}
	const phrase = "betyder noget"
	if got := text(speech.Segments); strings.Contains(speech.Dropped[i].Text, phrase) || !strings.Contains(got, phrase) {
		t.Errorf("got %q, and %q at first, want %q in the text alone", got, speech.Dropped[i].Text, phrase)
	}
}
