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

	"lydhor/pipeline"
)

// whisper takes the file for a model of that shape, tensor by tensor, and hears with it.
func TestRandomModelIsAModel(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ggml-random.bin")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := WriteRandom(f, "tiny"); err != nil {
		t.Fatal(err)
	}
	tr := openTest(t, Options{Model: FileModel(file), Threads: 2})
	state, err := tr.model.State()
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	if err := tr.listen(state, recording(t, "samtale-lager.flac", 3*time.Second), pipeline.Span{End: 3 * time.Second}, 2); err != nil {
		t.Error(err)
	} else if !tr.model.Multilingual() {
		t.Error("it knows one language only")
	}
	endsSoon(t, tr)
	if err := WriteRandom(f, "huge"); err == nil || !strings.Contains(err.Error(), "large-v3-turbo") {
		t.Errorf("got error %v, want the shapes there are", err)
	}
}

// endsSoon cancels while the first window is encoded, which takes a slow machine seconds: what
// people wait for is the cancelling.
func endsSoon(t *testing.T, tr *Transcriber) {
	const soon = 2 * time.Second // what is promised
	sound := recording(t, "samtale-lager.flac", 30*time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	var cancelled time.Time
	time.AfterFunc(200*time.Millisecond, func() {
		cancelled = time.Now()
		cancel()
	})
	_, err := tr.Transcribe(ctx, sound, quiet)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got error %v, want %v", err, context.Canceled)
	}
	took := time.Since(cancelled)
	t.Logf("ended %v after cancelling", took)
	if took > soon {
		t.Errorf("ended %v after cancelling, want at most %v", took, soon)
	}
}
