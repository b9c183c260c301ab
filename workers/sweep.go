package workers

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"lydhor/pipeline/blob"
	"lydhor/pipeline/store"
)

// orphanAge is how long an object may stand without a recording. It leaves time to notice
// that a database was restored from a backup older than its objects.
const orphanAge = 7 * 24 * time.Hour

type sweepArgs struct{}

func (sweepArgs) Kind() string { return "sweep" }

type sweepWorker struct {
	river.WorkerDefaults[sweepArgs]
	*worker
}

func (*sweepWorker) Timeout(*river.Job[sweepArgs]) time.Duration { return soundTimeout }

// Work deletes what uploads left behind.
func (w *sweepWorker) Work(ctx context.Context, job *river.Job[sweepArgs]) error {
	return w.hold(ctx, job.ID, func(ctx context.Context) error {
		now, err := w.now(ctx)
		if err != nil {
			return err
		}
		swept, err := Sweep(ctx, w.Pool, w.Blobs, now.Add(-orphanAge))
		w.Log.Info("swept", "deleted", swept)
		return err
	})
}

// Sweep deletes objects that were put before then under an id that no recording has, and the
// parts of uploads that were cut off: of each the answer never came, so that it was sent
// again. Keys that are not made here are left alone. It says how many objects it deleted.
func Sweep(ctx context.Context, db store.DB, blobs blob.Store, before time.Time) (swept int, err error) {
	if err := blobs.Sweep(ctx, before); err != nil {
		return 0, err
	}
	keys, err := blobs.Keys(ctx, "", before)
	if err != nil {
		return 0, err
	}
	known := map[string]bool{}
	for _, key := range keys {
		id, _, _ := strings.Cut(key, "/")
		if uuid.Validate(id) != nil {
			continue
		}
		there, asked := known[id]
		if !asked {
			if there, err = store.HasRecording(ctx, db, id); err != nil {
				return swept, err
			}
			known[id] = there
		}
		if there {
			continue
		}
		if err := blobs.Delete(ctx, key); err != nil {
			return swept, fmt.Errorf("sweep: %w", err)
		}
		swept++
	}
	return swept, nil
}
