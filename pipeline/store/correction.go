package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
)

const insertCorrection = `
insert into correction (recording, key, coder, change, start_ms, end_ms, label, new, from_ms, undoes)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (recording, key) do nothing`

// Correct adds c to a recording; a key that is there already changes nothing.
func Correct(ctx context.Context, db DB, recording string, c pipeline.Correction) error {
	_, err := db.Exec(ctx, insertCorrection, recording, c.Key, c.Coder, c.Do, ms(c.Turn.Start), ms(c.Turn.End), c.Label, c.To, ms(c.From), c.Undoes)
	return err
}

const selectCorrections = `
select key, coder, made, change, start_ms, end_ms, label, new, from_ms, undoes
from correction where recording::text = $1 order by id`

// Corrections gives a recording's, in the order they were made.
func Corrections(ctx context.Context, db DB, recording string) ([]pipeline.Correction, error) {
	rows, _ := db.Query(ctx, selectCorrections, recording)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c pipeline.Correction, err error) {
		var start, end, from int64
		err = row.Scan(&c.Key, &c.Coder, &c.Made, &c.Do, &start, &end, &c.Label, &c.To, &from, &c.Undoes)
		c.Turn, c.From = pipeline.Span{Start: duration(start), End: duration(end)}, duration(from)
		return c, err
	})
}
