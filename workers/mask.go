package workers

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"lydhor/analysis/pseudonym"
	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// maskedKey is the key of what browsers play of a recording to those who may not hear the
// spans. When the spans change, so does the key.
func maskedKey(recording string, spans []pipeline.Span) string {
	return fmt.Sprintf("%s/masked-%.8x.m4a", recording, sha256.Sum256(fmt.Append(nil, spans)))
}

// Masked opens what browsers play with the spans masked; blob.ErrNotFound until Mask has been
// asked for and done.
func (in *Inbox) Masked(ctx context.Context, id string, spans []pipeline.Span) (io.ReadSeekCloser, string, error) {
	o, err := in.blobs.Open(ctx, maskedKey(id, spans))
	return o, pipeline.RenditionType, err
}

type maskArgs struct {
	Recording string `json:"recording"`
}

func (maskArgs) Kind() string { return "mask" }

// inQueue lets one job of its arguments wait or run; one that is done may be asked for again.
var inQueue = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending,
	rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled}}

// Mask has masked sound made of a recording as its transcript reads now.
func (in *Inbox) Mask(ctx context.Context, id string) error {
	_, err := in.client.Insert(ctx, maskArgs{id}, &river.InsertOpts{Queue: queueStages, UniqueOpts: inQueue, MaxAttempts: MaxAttempts})
	return err
}

type maskWorker struct {
	river.WorkerDefaults[maskArgs]
	*worker
}

func (*maskWorker) Timeout(*river.Job[maskArgs]) time.Duration { return soundTimeout }

// Work masks what points to a person in the sound of a recording. What was masked before the
// transcript was corrected stays until the recording is erased.
func (w *maskWorker) Work(ctx context.Context, job *river.Job[maskArgs]) error {
	return w.hold(ctx, job.ID, func(ctx context.Context) error {
		spans, err := w.spans(ctx, job.Args.Recording)
		if err != nil {
			return err
		}
		return scratch(func(dir string) error { return w.mask(ctx, job.Args.Recording, spans, dir) })
	})
}

// spans are where a recording's corrected transcript points to a person.
func (w *maskWorker) spans(ctx context.Context, recording string) ([]pipeline.Span, error) {
	t, err := store.Transcript(ctx, w.Pool, recording)
	if err != nil {
		return nil, err
	}
	made, err := store.Corrections(ctx, w.Pool, recording)
	if err != nil {
		return nil, err
	}
	if len(made) > 0 {
		t = pipeline.Correct(t, made)
	}
	return pseudonym.Spans(t), nil
}

func (w *maskWorker) mask(ctx context.Context, recording string, spans []pipeline.Span, dir string) error {
	file, out := filepath.Join(dir, "16khz.wav"), filepath.Join(dir, "masked")
	if err := fetch(ctx, w.Blobs, pcmKey(recording), file); err != nil {
		return err
	}
	sound, err := pipeline.OpenPCM(file)
	if err != nil {
		return err
	}
	defer sound.Close()
	if err := pipeline.RenditionOf(ctx, pipeline.Masked(sound, spans), out); err != nil {
		return err
	}
	return w.deposit(ctx, maskedKey(recording, spans), out)
}
