package diarise

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"lydhor/pipeline"
)

// Silero is Embedded with Silero VAD beside loudness, to tell speech from other sounds.
type Silero struct {
	vad *silero
	run pipeline.Run
}

// OpenSilero reads the weights in the models folder.
func OpenSilero(models string) (*Silero, error) {
	file, err := os.ReadFile(filepath.Join(models, sileroFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no %s in the models folder %s: put Silero VAD there, or use the embedded path: %w", sileroFile, models, err)
	}
	if err != nil {
		return nil, err
	}
	vad, err := newSilero(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: download it again", sileroFile, err)
	}
	return &Silero{vad, pipeline.Run{
		Stage: pipeline.Diarise, Model: "silero-vad", ModelHash: hashOf(file), Params: map[string]string{"path": "silero"},
	}}, nil
}

// Diarise hears who speaks when, as Embedded does.
func (n *Silero) Diarise(ctx context.Context, sound pipeline.Sound, speakers pipeline.Speakers, progress pipeline.Progress) (*pipeline.Voices, error) {
	f, odds, err := n.speech(ctx, sound, func(done float64) { progress(pipeline.Diarise, done*0.8) })
	if err != nil {
		return nil, err
	}
	turns := f.turns(odds, pipeline.Dur(sound), speakers)
	progress(pipeline.Diarise, 1)
	return &pipeline.Voices{Run: n.run, Turns: turns}, ctx.Err()
}

// speech gives the features of sound and how likely each frame is speech, for byLoudness.
func (n *Silero) speech(ctx context.Context, sound pipeline.Sound, progress func(float64)) (*features, []float32, error) {
	f, err := listen(ctx, sound, func(done float64) { progress(done * 0.4) })
	if err != nil {
		return nil, nil, fmt.Errorf("hear who speaks: %w", err)
	}
	odds, err := n.vad.fresh().odds(ctx, sound, gains(f.level), func(done float64) { progress(0.4 + 0.6*min(1, done)) })
	if err != nil {
		return nil, nil, fmt.Errorf("hear where speech is: %w", err)
	}
	loud := rises(f.level)
	weigh(loud, odds)
	return f, loud, nil
}
