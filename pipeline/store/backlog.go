package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Backlog is the sound that one profile has to transcribe.
type Backlog struct {
	Profile string
	Waiting time.Duration // of sound, less what is heard of it, that no worker is at
	Running time.Duration // the same of what workers are at
	Oldest  time.Duration // since the recording that waits longest was received
}

const backlogs = `
with running as (
	select (args->>'recording')::uuid as recording, (args->>'piece')::int as piece
	from river_job where state = 'running' and kind = 'transcribe')
select profile,
	coalesce(sum((end_ms - start_ms) * (1 - progress)) filter (where running.piece is null), 0)::bigint,
	coalesce(sum((end_ms - start_ms) * (1 - progress)) filter (where running.piece is not null), 0)::bigint,
	coalesce(extract(epoch from now() - min(received) filter (where running.piece is null)) * 1000, 0)::bigint
from stage join recording on id = stage.recording left join running on running.recording = stage.recording and running.piece = stage.piece
where stage = 'transcribe' and ended is null and failed_in is null
group by profile order by profile`

// Backlogs gives the backlog of every profile that has one. Sound that is not decoded yet has
// no known length and is not in it.
func Backlogs(ctx context.Context, db DB) ([]Backlog, error) {
	rows, _ := db.Query(ctx, backlogs)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (b Backlog, err error) {
		var waiting, running, oldest int64
		err = row.Scan(&b.Profile, &waiting, &running, &oldest)
		b.Waiting, b.Running, b.Oldest = duration(waiting), duration(running), duration(oldest)
		return b, err
	})
}

// A Count is how many there are in one state.
type Count struct {
	State string
	N     int
}

const recordingStates = `
select case when failed_in is not null then 'failed' when done is not null then 'done'
	when length_ms is null then 'received' else 'at work' end as state, count(*)
from recording group by state order by state`

// RecordingStates counts the recordings of all projects by where they stand.
func RecordingStates(ctx context.Context, db DB) ([]Count, error) {
	rows, _ := db.Query(ctx, recordingStates)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Count])
}

// JobStates counts the jobs of all kinds by state.
func JobStates(ctx context.Context, db DB) ([]Count, error) {
	rows, _ := db.Query(ctx, `select state::text, count(*) from river_job group by state order by state`)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Count])
}
