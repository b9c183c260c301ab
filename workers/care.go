package workers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"lydhor/pipeline/blob"
	"lydhor/pipeline/consent"
	"lydhor/pipeline/store"
)

// queueCare is apart, so that workers of an older version leave alone what they do not know.
const queueCare = "care"

// care is what one of all processes does once a day, however often another one takes the lead.
func care() (jobs []*river.PeriodicJob) {
	for _, args := range []river.JobArgs{sweepArgs{}, expireArgs{}, verifyArgs{}} {
		jobs = append(jobs, river.NewPeriodicJob(river.PeriodicInterval(24*time.Hour), func() (river.JobArgs, *river.InsertOpts) {
			return args, onceADay()
		}, &river.PeriodicJobOpts{RunOnStart: true}))
	}
	return jobs
}

func onceADay() *river.InsertOpts {
	return &river.InsertOpts{Queue: queueCare, MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByPeriod: 24 * time.Hour}}
}

// mostSkew is how far a machine's clock may stand from Postgres's before it deletes anything
// for being old.
const mostSkew = time.Hour

// now is the time by Postgres's clock; an error where this machine's says something else, for
// then one of them is wrong and what seems old may be new.
func (w *worker) now(ctx context.Context) (now time.Time, err error) {
	if err := w.Pool.QueryRow(ctx, `select clock_timestamp()`).Scan(&now); err != nil {
		return now, err
	}
	if skew := time.Until(now).Round(time.Second); skew.Abs() > mostSkew {
		return now, fmt.Errorf("the clock of Postgres stands %s from this machine's: nothing is deleted for its age until `lydhor doctor` finds them together", skew)
	}
	return now, nil
}

type expireArgs struct{}

func (expireArgs) Kind() string { return "expire" }

type expireWorker struct {
	river.WorkerDefaults[expireArgs]
	*worker
}

func (*expireWorker) Timeout(*river.Job[expireArgs]) time.Duration { return soundTimeout }

// Work erases the recordings whose consent has ended and that nothing holds.
func (w *expireWorker) Work(ctx context.Context, job *river.Job[expireArgs]) error {
	return w.hold(ctx, job.ID, func(ctx context.Context) error {
		now, err := w.now(ctx)
		if err != nil {
			return err
		}
		ids, err := consent.Expired(ctx, w.Pool, now)
		for _, id := range ids {
			_, failed := consent.Erase(ctx, w.Pool, w.Blobs, id, "retention", "consent ended")
			w.Log.Info("erased, since its consent ended", "recording", id, "error", failed)
			err = errors.Join(err, failed)
		}
		return err
	})
}

type verifyArgs struct{}

func (verifyArgs) Kind() string { return "verify" }

type verifyWorker struct {
	river.WorkerDefaults[verifyArgs]
	*worker
}

func (*verifyWorker) Timeout(*river.Job[verifyArgs]) time.Duration { return soundTimeout }

// VerifyWithin is how long an object may stand without being read and compared.
const VerifyWithin = 30 * 24 * time.Hour

// Work reads objects that were not read for long, until there is none or the job's time is
// nearly up; the next day goes on.
func (w *verifyWorker) Work(ctx context.Context, job *river.Job[verifyArgs]) error {
	return w.hold(ctx, job.ID, func(ctx context.Context) error {
		until := time.Now().Add(soundTimeout * 3 / 4)
		return Verify(ctx, w.Pool, w.Blobs, VerifyWithin, func(o store.Object) bool {
			w.Metrics.read(o)
			if o.Problem != "" {
				w.Log.Error("object is damaged", "recording", o.Recording, "object", o.Name, "problem", o.Problem)
			}
			return time.Now().Before(until)
		})
	})
}

// What may be found of an object.
const (
	objectAsPut      = "as put"
	objectMissing    = "missing"
	objectChanged    = "not what was put"
	objectUnreadable = "unreadable"
)

// Verify reads whole each object that was not read within a time, compares it with what was
// put, and notes and tells what it found, until it is told to stop. Where the object store
// itself does not answer, that is the error, and no object's problem.
func Verify(ctx context.Context, pool *pgxpool.Pool, blobs blob.Store, within time.Duration, found func(store.Object) (more bool)) error {
	var since time.Time
	if err := pool.QueryRow(ctx, `select now() - make_interval(secs => $1)`, within.Seconds()).Scan(&since); err != nil {
		return err
	}
	for {
		list, err := store.Unverified(ctx, pool, since, 100)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, o := range list {
			if o.Problem, err = problem(ctx, blobs, o); err != nil {
				return fmt.Errorf("verify: %w", err)
			}
			if err := store.SetVerified(ctx, pool, o); err != nil {
				return err
			}
			if !found(o) {
				return nil
			}
		}
	}
}

// problem reads one object and says what is wrong with it.
func problem(ctx context.Context, blobs blob.Store, o store.Object) (string, error) {
	sum, err := sumOf(ctx, blobs, o.Key())
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return objectMissing, nil
	case err != nil && ctx.Err() == nil:
		if _, down := blobs.Keys(ctx, o.Recording+"/", time.Now()); down != nil {
			return "", down
		}
		return objectUnreadable, nil
	case err == nil && sum != o.SHA256:
		return objectChanged, nil
	}
	return "", err
}

// sumOf reads an object to its end.
func sumOf(ctx context.Context, blobs blob.Store, key string) (string, error) {
	object, err := blobs.Open(ctx, key)
	if err != nil {
		return "", err
	}
	defer object.Close()
	h := sha256.New()
	if _, err := io.Copy(h, object); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
