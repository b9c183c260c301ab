package workers

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline/store"
)

const openJobs = `args @> jsonb_build_object('recording', $1::text) and state in ('available', 'pending', 'retryable', 'running', 'scheduled')`

const stopRecording = `
update recording set problem = 'the work was stopped by hand: try again when it is wanted',
	failed_in = coalesce((select kind from river_job where ` + openJobs + ` order by id limit 1), 'ingest')
where id::text = $1 and project = $2 and done is null and failed_in is null`

// Cancel stops the work on a recording of the project, also what a worker is at: River tells
// it over Postgres at once. What the stages had ended is kept, and Retry goes on from there.
// ErrNotFound where no work is under way.
func (in *Inbox) Cancel(ctx context.Context, project, id string) error {
	return pgx.BeginFunc(ctx, in.pool, func(tx pgx.Tx) error {
		stopped, err := tx.Exec(ctx, stopRecording, id, project)
		if err == nil && stopped.RowsAffected() == 0 {
			err = store.ErrNotFound
		}
		if err != nil {
			return err
		}
		rows, _ := tx.Query(ctx, `select id from river_job where `+openJobs, id)
		jobs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		for _, job := range jobs {
			_, err2 := in.client.JobCancelTx(ctx, tx, job)
			err = errors.Join(err, err2)
		}
		return err
	})
}
