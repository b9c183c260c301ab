package workers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// errErased says that the job went with its recording.
var errErased = errors.New("the recording was erased")

// hold runs f under a lease of its job that is renewed until f returns. When the recording is
// erased, f's context ends within a quarter of the lease, so that nothing of it stays on this
// machine.
func (w *worker) hold(ctx context.Context, job int64, f func(context.Context) error) error {
	if err := store.Hold(ctx, w.Pool, job, w.name); err != nil {
		return err
	}
	holding, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	renewing, stop := context.WithCancel(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		tick := time.NewTicker(w.Lease / 4)
		defer tick.Stop()
		for {
			select {
			case <-renewing.Done():
				return
			case <-tick.C:
				if err := store.Hold(renewing, w.Pool, job, w.name); err != nil && renewing.Err() == nil {
					w.Log.Warn("renew lease", "job", job, "error", err)
				}
				if there, err := store.JobThere(renewing, w.Pool, job); err == nil && !there {
					lose(errErased)
				}
			}
		}
	}()
	defer func() {
		stop()
		<-renewed
		store.LetGo(context.WithoutCancel(ctx), w.Pool, job, w.name)
	}()
	if err := f(holding); !errors.Is(context.Cause(holding), errErased) {
		return err
	}
	return river.JobCancel(errErased)
}

const takeOver = `
update river_job set scheduled_at = now(), priority = case when priority = 4 then 4 else 1 end,
	state = case when attempt < max_attempts then 'available' else 'discarded' end::river_job_state,
	finalized_at = case when attempt < max_attempts then null else now() end
where state = 'running' and attempted_at not between now() - make_interval(secs => $1) and now() + make_interval(secs => $1)
	and not exists (select from lease where lease.job = river_job.id
		and renewed between now() - make_interval(secs => $1) and now() + make_interval(secs => $1))
returning id`

// takeOver makes the jobs of dead workers available again: those that run without a lease
// that is renewed. River itself waits for hours, since it knows no heartbeat. A worker that
// was only cut off and comes back finds its job completed or saves the same result. It goes
// ahead of what has not waited yet, unless it is batch. A job
// that has no attempt left may be what kills its workers, and is not tried again.
//
// All times are of Postgres's clock. When that is set back, the leases of the living lie in
// the future until they are renewed; those that still do after that are of the dead.
func (w *worker) takeOver(ctx context.Context) error {
	rows, _ := w.Pool.Query(ctx, takeOver, w.Lease.Seconds())
	jobs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	for _, job := range jobs {
		w.Log.Warn("took over from a dead worker", "job", job)
	}
	if err != nil {
		return err
	}
	_, err = w.Pool.Exec(ctx, hasten, (2 * longestPatience).Seconds())
	return err
}

// hasten lets a job be tried again that waits longer than patience has any job wait: the
// clock of the worker that put it off, or Postgres's, was wrong.
const hasten = `
update river_job set scheduled_at = now()
where state in ('available', 'retryable', 'scheduled') and scheduled_at > now() + make_interval(secs => $1) and args ? 'recording'`

const stranded = `
select id::text, coalesce((
	select kind from river_job
	where args @> jsonb_build_object('recording', recording.id) and state in ('discarded', 'cancelled')
	order by finalized_at desc limit 1), 'ingest')
from recording
where done is null and failed_in is null and not exists (
	select from river_job
	where args @> jsonb_build_object('recording', recording.id)
		and state in ('available', 'pending', 'retryable', 'running', 'scheduled'))`

// giveUp marks as failed the recordings that nobody works on any more: their job killed its
// worker at every attempt, or was taken out of the queue by hand.
func (w *worker) giveUp(ctx context.Context) error {
	type work struct {
		Recording string
		Stage     pipeline.Stage
	}
	rows, _ := w.Pool.Query(ctx, stranded)
	left, err := pgx.CollectRows(rows, pgx.RowToStructByPos[work])
	for _, s := range left {
		w.Log.Error("gave up", "recording", s.Recording, "stage", s.Stage)
		err = errors.Join(err, store.SetFailed(ctx, w.Pool, s.Recording, s.Stage, fmt.Sprintf(
			"%s was given up: it was cancelled, or each worker that tried it died: see the workers' log, mend that and try again", s.Stage)))
	}
	return err
}
