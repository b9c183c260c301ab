package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"lydhor/pipeline"
)

const saveTranscript = `
insert into transcript (recording, language, notices, runs, speakers, dropped, music, themes) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (recording) do update set language = excluded.language, notices = excluded.notices, runs = excluded.runs,
	speakers = excluded.speakers, dropped = excluded.dropped, music = excluded.music, themes = excluded.themes`

var turnColumns = []string{"recording", "n", "speaker", "role", "start_ms", "end_ms", "text", "codes", "outcome", "outcome_turn", "words", "evidence", "confidence"}

// SaveTranscript replaces the machine's reading of a recording by t. What people decided
// stands elsewhere and stays.
func SaveTranscript(ctx context.Context, tx pgx.Tx, recording string, t *pipeline.Transcript) error {
	notices := t.Notices
	if notices == nil {
		notices = []string{}
	}
	if _, err := tx.Exec(ctx, saveTranscript, recording, t.Language, notices, t.Runs, t.Speakers, t.Dropped, t.Music, t.Themes); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from turn where recording = $1`, recording); err != nil {
		return err
	}
	var id pgtype.UUID // CopyFrom takes no text for it
	if err := id.Scan(recording); err != nil {
		return err
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"turn"}, turnColumns, pgx.CopyFromSlice(len(t.Turns), func(i int) ([]any, error) {
		turn := t.Turns[i]
		codes := make([]string, len(turn.Codes))
		for i, c := range turn.Codes {
			codes[i] = string(c)
		}
		return []any{id, turn.N, turn.Speaker, string(turn.Role), ms(turn.Start), ms(turn.End), turn.Text, codes,
			null(string(turn.Outcome)), null(turn.OutcomeTurn), turn.Words, turn.Evidence, turn.Confidence}, nil
	}))
	return err
}

const selectTranscript = `
select r.kind, t.language, t.notices, t.runs, t.speakers, t.dropped, t.music, t.themes
from transcript t join recording r on r.id = t.recording
where r.id::text = $1`

const selectTurns = `
select n, speaker, role, start_ms, end_ms, text, codes, coalesce(outcome, ''), coalesce(outcome_turn, 0), words, evidence, confidence
from turn where recording::text = $1 order by n`

// Transcript gives the machine's newest reading of a recording. ErrNotFound until there is
// one.
func Transcript(ctx context.Context, db DB, recording string) (*pipeline.Transcript, error) {
	t := &pipeline.Transcript{ID: recording}
	err := db.QueryRow(ctx, selectTranscript, recording).Scan(&t.Kind, &t.Language, &t.Notices, &t.Runs, &t.Speakers, &t.Dropped, &t.Music, &t.Themes)
	if err != nil {
		return nil, found(err)
	}
	rows, _ := db.Query(ctx, selectTurns, recording)
	t.Turns, err = pgx.CollectRows(rows, scanTurn)
	return t, err
}

func scanTurn(row pgx.CollectableRow) (t pipeline.Turn, err error) {
	var start, end int64
	var words []wordRow
	err = row.Scan(&t.N, &t.Speaker, &t.Role, &start, &end, &t.Text, &t.Codes, &t.Outcome, &t.OutcomeTurn, &words, &t.Evidence, &t.Confidence)
	t.Span = pipeline.Span{Start: duration(start), End: duration(end)}
	for _, w := range words {
		t.Words = append(t.Words, pipeline.Word{Span: pipeline.FromSeconds(w.Start, w.End), Text: w.Text, P: w.P})
	}
	return t, err
}

// A wordRow is a word as it is stored. Word reads the same, at thrice the time: 36,000 of them
// stand in four hours.
type wordRow struct {
	Start float64 `json:"start"`
	End   float64 `json:"end"`
	Text  string  `json:"word"`
	P     float64 `json:"p"`
}
