package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
)

// A Piece is one row of work: the whole of a stage, or a stretch of it.
type Piece struct {
	N       int
	Span    pipeline.Span
	Channel int // from 1; 0 is all channels mixed
}

// Mixed are pieces of all channels, numbered from 0.
func Mixed(spans ...pipeline.Span) []Piece {
	var pieces []Piece
	for n, span := range spans {
		pieces = append(pieces, Piece{N: n, Span: span})
	}
	return pieces
}

const planPiece = `
insert into stage (recording, stage, piece, start_ms, end_ms, channel) values ($1, $2, $3, $4, $5, $6)
on conflict (recording, stage, piece) do nothing`

// Plan lays out the pieces of a stage. What is planned or done already stays as it is.
func Plan(ctx context.Context, db DB, recording string, stage pipeline.Stage, pieces []Piece) error {
	for _, p := range pieces {
		if _, err := db.Exec(ctx, planPiece, recording, stage, p.N, ms(p.Span.Start), ms(p.Span.End), p.Channel); err != nil {
			return err
		}
	}
	return nil
}

// Unfinished lists the pieces of a stage that have not ended.
func Unfinished(ctx context.Context, db DB, recording string, stage pipeline.Stage) ([]Piece, error) {
	rows, _ := db.Query(ctx, `select piece, start_ms, end_ms, channel from stage where recording = $1 and stage = $2 and ended is null order by piece`, recording, stage)
	return pgx.CollectRows(rows, scanPiece)
}

// PieceOf gives one piece of a stage.
func PieceOf(ctx context.Context, db DB, recording string, stage pipeline.Stage, n int) (Piece, error) {
	rows, _ := db.Query(ctx, `select piece, start_ms, end_ms, channel from stage where recording = $1 and stage = $2 and piece = $3`, recording, stage, n)
	p, err := pgx.CollectExactlyOneRow(rows, scanPiece)
	return p, found(err)
}

func scanPiece(row pgx.CollectableRow) (p Piece, err error) {
	var start, end int64
	err = row.Scan(&p.N, &start, &end, &p.Channel)
	p.Span = pipeline.Span{Start: duration(start), End: duration(end)}
	return p, err
}

// SetProgress notes how far a piece is. It never goes back.
func SetProgress(ctx context.Context, db DB, recording string, stage pipeline.Stage, n int, done float64) error {
	_, err := db.Exec(ctx, `update stage set progress = greatest(progress, $4) where recording = $1 and stage = $2 and piece = $3`, recording, stage, n, done)
	return err
}

const saveResult = `
insert into stage (recording, stage, piece, progress, run, result, ended) values ($1, $2, $3, 1, $4, $5, now())
on conflict (recording, stage, piece) do update
set progress = 1, run = excluded.run, result = excluded.result, ended = excluded.ended`

// SaveResult ends a piece with what was heard in it.
func SaveResult(ctx context.Context, db DB, recording string, stage pipeline.Stage, n int, run pipeline.Run, result any) error {
	_, err := db.Exec(ctx, saveResult, recording, stage, n, run, result)
	return err
}

const heardAll = `
select not exists (select from stage where recording = $1 and stage = any($2) and ended is null)
	and (select count(distinct stage) from stage where recording = $1 and stage = any($2)) = cardinality($2)`

// HeardAll reports whether the recording is transcribed in all its pieces and diarised. It
// locks the recording until the transaction ends, so that of the workers who end the last
// pieces at the same time exactly one hears yes last.
func HeardAll(ctx context.Context, tx pgx.Tx, recording string) (all bool, err error) {
	if _, err := tx.Exec(ctx, `select from recording where id = $1 for update`, recording); err != nil {
		return false, err
	}
	err = tx.QueryRow(ctx, heardAll, recording, []pipeline.Stage{pipeline.Transcribe, pipeline.Diarise}).Scan(&all)
	return all, err
}

const selectSpeech = `
select channel, start_ms, end_ms, result from stage where recording = $1 and stage = $2 order by channel, piece`

// SpeechOf gives what was heard in all pieces, joined on the recording's clock: a speech for
// each channel, and the only one where they are mixed.
func SpeechOf(ctx context.Context, db DB, recording string) ([]*pipeline.Speech, error) {
	rows, err := db.Query(ctx, selectSpeech, recording, pipeline.Transcribe)
	if err != nil {
		return nil, err
	}
	var pieces [][]pipeline.Span
	var heard [][]pipeline.Speech
	var channel, last int
	var start, end int64
	var speech *pipeline.Speech
	_, err = pgx.ForEachRow(rows, []any{&channel, &start, &end, &speech}, func() error {
		if len(pieces) == 0 || channel != last {
			pieces, heard = append(pieces, nil), append(heard, nil)
		}
		at := len(pieces) - 1
		pieces[at] = append(pieces[at], pipeline.Span{Start: duration(start), End: duration(end)})
		heard[at] = append(heard[at], *speech)
		speech, last = nil, channel
		return nil
	})
	speeches := make([]*pipeline.Speech, len(pieces))
	for i := range pieces {
		speeches[i] = pipeline.JoinSpeech(pieces[i], heard[i])
	}
	return speeches, err
}

// VoicesOf gives who spoke when.
func VoicesOf(ctx context.Context, db DB, recording string) (*pipeline.Voices, error) {
	var v pipeline.Voices
	err := db.QueryRow(ctx, `select result from stage where recording = $1 and stage = $2`, recording, pipeline.Diarise).Scan(&v)
	return &v, found(err)
}
