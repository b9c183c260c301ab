package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
)

const insertDecision = `
insert into decision (recording, key, coder, start_ms, end_ms, meaning, outcome, deciding_start_ms, deciding_end_ms, note, undoes)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (recording, key) do nothing`

// Decide adds d to a recording; a key that is there already changes nothing.
func Decide(ctx context.Context, db DB, recording string, d pipeline.Decision) error {
	_, err := db.Exec(ctx, insertDecision, recording, d.Key, d.Coder, ms(d.Turn.Start), ms(d.Turn.End),
		d.Meaning, d.Outcome, ms(d.Deciding.Start), ms(d.Deciding.End), d.Note, d.Undoes)
	return err
}

const selectDecisions = `
select key, coder, made, start_ms, end_ms, meaning, outcome, deciding_start_ms, deciding_end_ms, note, undoes
from decision where recording::text = $1 and ($2 = '' or coder = $2) order by id`

// Decisions gives one coder's of a recording, or everybody's for coder "", in the order they
// were made.
func Decisions(ctx context.Context, db DB, recording, coder string) ([]pipeline.Decision, error) {
	rows, _ := db.Query(ctx, selectDecisions, recording, coder)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (d pipeline.Decision, err error) {
		var start, end, from, to int64
		err = row.Scan(&d.Key, &d.Coder, &d.Made, &start, &end, &d.Meaning, &d.Outcome, &from, &to, &d.Note, &d.Undoes)
		d.Turn = pipeline.Span{Start: duration(start), End: duration(end)}
		d.Deciding = pipeline.Span{Start: duration(from), End: duration(to)}
		return d, err
	})
}
