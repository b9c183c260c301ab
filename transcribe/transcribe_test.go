//go:build cgo

package transcribe

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
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
	for name, sound := range map[string]pipeline.Sound{"no samples": pipeline.Samples(nil), "silence": make(pipeline.Samples, 40*pipeline.SampleRate)} {
		t.Run(name, func(t *testing.T) {
			speech, err := tr.Transcribe(context.Background(), sound, quiet)
			if err != nil {
				t.Fatal(err)
			}
			if len(speech.Segments) > 0 {
				t.Errorf("got %v, want nothing", speech.Segments)
			}
		})
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
