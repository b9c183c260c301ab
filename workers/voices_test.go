package workers

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// printer prints each speaker's voice as the number of samples of the recording.
type printer struct{ fail error }

func (p printer) Prints(_ context.Context, sound pipeline.Sound, turns []pipeline.SpeakerTurn) ([]pipeline.Voiceprint, error) {
	var prints []pipeline.Voiceprint
	for _, t := range turns {
		prints = append(prints, pipeline.Voiceprint{Speaker: t.Speaker, Kind: "length", Vector: []float32{float32(sound.Len())}, Least: 0.5})
	}
	return prints, p.fail
}

// Voices are kept of a project that recognises them and of no other; where they cannot be
// printed, the recording goes on.
func TestVoicesAreKeptWhereAskedFor(t *testing.T) {
	for _, test := range []struct {
		name    string
		on      bool
		printer Printer
		want    int
	}{
		{"off", false, printer{}, 0},
		{"on", true, printer{}, 2},
		{"on, and nobody prints", true, nil, 0},
		{"on, and printing fails", true, printer{errors.New("no memory")}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := setup(t)
			b.config.Printer = test.printer
			err := pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
				_, err := store.RecogniseVoices(ctx, tx, b.project, test.on)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			id := b.receive(beep(t, "3"))
			b.work(b.config)
			b.until(id, done)
			var kept int
			if err := b.pool.QueryRow(ctx, `select count(*) from voiceprint where recording = $1 and vector[1] > 40000`, id).Scan(&kept); err != nil || kept != test.want {
				t.Errorf("got %d voices of 3 s, %v, want %d", kept, err, test.want)
			}
		})
	}
}
