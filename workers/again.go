package workers

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

const doneRecordings = `
select id::text, attempt from recording where project = $1 and done is not null and ($2::text[] is null or id::text = any($2)) order by received`

// onceWaiting lets a job stand in the queue once for the same arguments, and again when it is
// done.
var onceWaiting = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled,
}}

// Analyse has recordings of a project that are done coded again by the codebook and the model
// that the project has chosen, or all of them where none is named. It says how many.
func (in *Inbox) Analyse(ctx context.Context, project string, recordings ...string) (n int, err error) {
	err = pgx.BeginFunc(ctx, in.pool, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, doneRecordings, project, recordings)
		done, err := pgx.CollectRows(rows, pgx.RowToStructByPos[target])
		if err != nil || len(done) == 0 {
			return err
		}
		var jobs []river.InsertManyParams
		for _, of := range done {
			jobs = append(jobs, river.InsertManyParams{Args: analyseArgs{of, true}, InsertOpts: &river.InsertOpts{
				Queue: queueStages, UniqueOpts: onceWaiting, MaxAttempts: MaxAttempts, Priority: 4,
			}})
		}
		n = len(jobs)
		if _, err := in.client.InsertManyTx(ctx, tx, jobs); err != nil {
			return fmt.Errorf("insert the jobs: %w", err)
		}
		return nil
	})
	return n, err
}
