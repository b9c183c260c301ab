package workers

import (
	"context"
	"time"

	"lydhor/pipeline/store"
)

// hold runs f under a lease of its job that is renewed until f returns.
func (w *worker) hold(ctx context.Context, job int64, f func(context.Context) error) error {
	if err := store.Hold(ctx, w.Pool, job, w.name); err != nil {
		return err
	}
	renewing, stop := context.WithCancel(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		tick := time.NewTicker(w.lease / 4)
		defer tick.Stop()
		for {
			select {
			case <-renewing.Done():
				return
			case <-tick.C:
				if err := store.Hold(renewing, w.Pool, job, w.name); err != nil && renewing.Err() == nil {
					w.Log.Warn("renew lease", "job", job, "error", err)
				}
			}
		}
	}()
	defer func() {
		stop()
		<-renewed
		store.LetGo(context.WithoutCancel(ctx), w.Pool, job, w.name)
	}()
	return f(ctx)
}

const takeOver = `
update river_job set state = 'available', scheduled_at = now()
where state = 'running' and attempted_at < now() - make_interval(secs => $1)
	and not exists (select from lease where lease.job = river_job.id and renewed > now() - make_interval(secs => $1))
returning id`

// takeOver makes the jobs of dead workers available again: those that run without a lease
// that is renewed. River itself waits for hours, since it knows no heartbeat. A worker that
// was only cut off and comes back finds its job completed or saves the same result.
func (w *worker) takeOver(ctx context.Context) error {
	rows, err := w.Pool.Query(ctx, takeOver, w.lease.Seconds())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var job int64
		if err := rows.Scan(&job); err != nil {
			return err
		}
		w.Log.Warn("took over from a dead worker", "job", job)
	}
	return rows.Err()
}
