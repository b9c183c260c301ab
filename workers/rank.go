package workers

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline/store"
)

// Priorities of jobs: those of a lower number go first, of the same number the older ones.
const (
	goesFirst = 1 // the first of a project, and what ends a recording that was begun
	goesLater = 3 // whatever is new, until it is ranked
	goesLast  = 4 // batch
)

func firstPriority(batch bool) int {
	if batch {
		return goesLast
	}
	return goesLater
}

// rankJobs gives the jobs that wait their priorities, so that of the projects that wait in a
// queue each gets as much done as the others, however much one has sent: a job's place is how
// many of its project are due before it, at work or done within a minute, more than of the
// project that got least.
//
// Within a project a job is due at the time its recording was received and four times its
// length: a short conversation passes a long meeting, for some hours and not for ever. Batch
// goes behind all else.
//
// What becomes the first of its project stands behind what ends a recording that was begun and
// waits already: else a long queue of new recordings, each the first in turn, would hold up all
// that are nearly done.
//
// Of a long queue only the jobs of four recordings a project are put in order, and those that
// were ranked before: all others have the place that they were inserted with.
const rankJobs = `
with waiting as (
	select j.queue, r.project, r.batch, array_agg(j.id) as jobs, min(j.id) as first,
		r.received + make_interval(secs => 4 * coalesce(r.length_ms, 0) / 1000.0) as due,
		bool_or(j.priority <> case when r.batch then 4 else 3 end) as ranked
	from river_job j join recording r on r.id = (j.args->>'recording')::uuid
	where j.kind in ('ingest', 'diarise', 'transcribe') and j.state = 'available'
	group by j.queue, r.id),
next as (
	select queue, project, batch, id, row_number() over (partition by queue, project, batch order by due, id) as turn
	from (select *, row_number() over (partition by queue, project, batch order by due, first) as n from waiting) numbered, unnest(jobs) as id
	where n <= 4 or ranked),
done as (
	select queue, project, count(*) as n
	from river_job j join recording r on r.id = (j.args->>'recording')::uuid
	where j.kind in ('ingest', 'diarise', 'transcribe')
		and (j.state = 'running' or j.state = 'completed' and j.finalized_at > now() - interval '1 minute')
	group by queue, project),
got as (
	select queue, project, coalesce(n, 0) - min(coalesce(n, 0)) over (partition by queue) as more
	from (select distinct queue, project from next where not batch) open left join done using (queue, project)),
ranked as (
	select id, case when batch then 4 when turn + more <= 1 then 1 when turn + more <= 4 then 2 else 3 end as place
	from next left join got using (queue, project))
update river_job set priority = place, scheduled_at = case when place = 1 then now() else scheduled_at end from ranked
where river_job.id = ranked.id and state = 'available' and priority <> place`

// rank ranks anew what waits, unless a worker somewhere has just done so.
func (w *worker) rank(ctx context.Context, every time.Duration) error {
	return pgx.BeginFunc(ctx, w.Pool, func(tx pgx.Tx) error {
		mine, err := store.Claim(ctx, tx, "rank", every)
		if err != nil || !mine {
			return err
		}
		if _, err := tx.Exec(ctx, rankJobs); err != nil {
			return fmt.Errorf("rank what waits: %w", err)
		}
		return nil
	})
}
