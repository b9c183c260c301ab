package workers

import (
	"strings"
	"testing"
	"time"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

func TestPausedQueueWaitsAndGoesOn(t *testing.T) {
	b := setup(t)
	b.work(b.config)
	first := b.receive(beep(t, "1"))
	b.until(first, done)
	queue := queueTranscribe("draft")
	if err := b.inbox.Pause(ctx, queue); err != nil {
		t.Fatal(err)
	}
	paused := func() bool {
		list, err := b.inbox.Queues(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range list {
			if q.Name == queue {
				return q.PausedAt != nil
			}
		}
		t.Fatalf("%s is not listed", queue)
		return false
	}
	if !paused() {
		t.Error("the queue is not paused")
	}
	time.Sleep(2 * time.Second) // until each worker has heard of it
	second := b.receive(beep(t, "2"))
	diarised := func(r *store.Recording) bool {
		for _, s := range r.Stages {
			if s.Stage == pipeline.Diarise && s.Progress == 1 {
				return true
			}
		}
		return false
	}
	b.until(second, diarised)
	if n := b.count(`from river_job where kind = 'transcribe' and state = 'available'`); n != 1 {
		t.Errorf("got %d transcriptions that wait, want 1", n)
	}
	if err := b.inbox.Resume(ctx, queue); err != nil || paused() {
		t.Errorf("resume: error %v", err)
	}
	b.until(second, done)
	if err := b.inbox.Pause(ctx, "transcribe_none"); err == nil || !strings.Contains(err.Error(), "lydhor queues") {
		t.Errorf("unknown queue: got error %v, want one that says how to list them", err)
	}
}
