package store

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
)

// A Talk is a recording as it reads now, with people's corrections, and all that was decided
// of it.
type Talk struct {
	*pipeline.Transcript
	Decisions []pipeline.Decision
	Corrected bool // whether the codes are those of a text that was corrected since
}

const doneRecordings = `select id::text from recording where project = $1 and done is not null order by received, id`

// Talks gives a project's recordings that are done, one after another, the oldest first.
func Talks(ctx context.Context, db DB, project string) iter.Seq2[*Talk, error] {
	return talks(ctx, db, doneRecordings, project)
}

// talks gives the recordings of the ids that a query gives.
func talks(ctx context.Context, db DB, query, project string) iter.Seq2[*Talk, error] {
	return func(yield func(*Talk, error) bool) {
		rows, _ := db.Query(ctx, query, project)
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			yield(nil, err)
			return
		}
		for _, id := range ids {
			t, err := talk(ctx, db, id)
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}

func talk(ctx context.Context, db DB, id string) (*Talk, error) {
	t, err := Transcript(ctx, db, id)
	if err != nil {
		return nil, err
	}
	corrections, err := Corrections(ctx, db, id)
	if err != nil {
		return nil, err
	}
	if len(corrections) > 0 {
		t = pipeline.Correct(t, corrections)
	}
	made, err := Decisions(ctx, db, id, "")
	return &Talk{t, made, len(corrections) > 0}, err
}
