package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// A Doubt says how unsure the machine is of what it proposes in a recording, over the flags
// that a coder has not decided.
type Doubt struct {
	Recording string
	Flags     int     // not decided
	Unsure    int     // of these, those more likely wrong than right
	Mean      float64 // probability that a proposal is wrong: that the turn is none, or the outcome another
}

// A decision is about the turns that it shares time with, which is near enough to sort by.
const selectDoubts = `
with flag as (
	select t.recording, 1 - coalesce((confidence->>'citizen_meaning')::float8, 1) * coalesce((confidence->>'outcome')::float8, 1) as wrong
	from turn t join recording r on r.id = t.recording
	where r.project = $1 and r.done is not null and 'citizen_meaning' = any(codes)
		and not exists (select from assignment a where a.recording = r.id and a.coder = $2 and a.blind and a.done is null)
		and not exists (select from decision d where d.recording = t.recording and d.coder = $2 and d.undoes = ''
			and d.start_ms < t.end_ms and d.end_ms > t.start_ms and (not d.meaning or d.outcome <> '')
			and not exists (select from decision u where u.recording = d.recording and u.coder = d.coder and u.undoes = d.key)))
select recording::text, count(*), count(*) filter (where wrong > 0.5), avg(wrong) from flag group by recording`

// Doubts gives those of a project's recordings that have flags which the coder has not
// decided. A recording that the coder codes blind has none to tell of.
func Doubts(ctx context.Context, db DB, project, coder string) ([]Doubt, error) {
	rows, _ := db.Query(ctx, selectDoubts, project, coder)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Doubt])
}
