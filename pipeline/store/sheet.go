package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Sheet says which sequences of a recording were taken to a FLIP to be talked through.
type Sheet struct {
	Recording string          // its id
	FLIP      string          // the id of the FLIP's recording
	Starts    []time.Duration // of the turns; their numbers may change
	Coder     string          // who took them
	Made      time.Time
}

const putSheet = `
insert into sheet (recording, flip, starts_ms, coder) values ($1, $2, $3, $4)
on conflict (recording, flip) do update set starts_ms = excluded.starts_ms, coder = excluded.coder, made = now()`

// PutSheet notes a sheet, in the place of an earlier one of the same recording for the same FLIP.
func PutSheet(ctx context.Context, db DB, s Sheet) error {
	starts := make([]int64, len(s.Starts))
	for i, start := range s.Starts {
		starts[i] = ms(start)
	}
	_, err := db.Exec(ctx, putSheet, s.Recording, s.FLIP, starts, s.Coder)
	return err
}

const selectSheets = `
select recording::text, flip::text, starts_ms, coder, made
from sheet where recording::text = $1 or flip::text = $1 order by made, recording, flip`

// Sheets lists those of a recording and those that were talked through in it, the oldest first.
func Sheets(ctx context.Context, db DB, recording string) ([]Sheet, error) {
	rows, _ := db.Query(ctx, selectSheets, recording)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Sheet, err error) {
		var starts []int64
		err = row.Scan(&s.Recording, &s.FLIP, &starts, &s.Coder, &s.Made)
		for _, start := range starts {
			s.Starts = append(s.Starts, duration(start))
		}
		return s, err
	})
}
