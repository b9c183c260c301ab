package workers

import (
	"errors"
	"io"
	"testing"

	"lydhor/pipeline"
	"lydhor/pipeline/blob"
	"lydhor/pipeline/store"
)

// Masked sound is made when it is asked for, once for what stands in the transcript.
func TestMask(t *testing.T) {
	b := setup(t)
	id := b.receive(beep(t, "3"))
	b.work(b.config)
	b.until(id, done)
	w := &maskWorker{worker: &worker{Config: b.config}}
	spans, err := w.spans(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.inbox.Masked(ctx, id, spans); !errors.Is(err, blob.ErrNotFound) {
		t.Fatalf("before it was asked for: got %v, want %v", err, blob.ErrNotFound)
	}
	if err := errors.Join(b.inbox.Mask(ctx, id), b.inbox.Mask(ctx, id)); err != nil {
		t.Fatal(err)
	}
	var sound io.ReadSeekCloser
	b.until(id, func(*store.Recording) bool {
		sound, _, err = b.inbox.Masked(ctx, id, spans)
		return err == nil
	})
	defer sound.Close()
	if got, err := io.ReadAll(sound); err != nil || len(got) < 1000 {
		t.Errorf("got %d bytes, %v, want sound", len(got), err)
	}
	if _, _, err := b.inbox.Masked(ctx, id, []pipeline.Span{{End: 1}}); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("other spans: got %v, want other sound, which is not there", err)
	}
}
