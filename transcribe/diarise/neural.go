package diarise

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"lydhor/pipeline"
)

// Neural is Embedded with Silero VAD beside loudness, to tell speech from other sounds.
type Neural struct {
	silero *silero
	run    pipeline.Run
}

// sileroFile is where the models folder has the weights of Silero VAD.
const sileroFile = "silero-vad/silero_vad_16k.safetensors"

// OpenNeural reads the weights in the models folder.
func OpenNeural(models string) (*Neural, error) {
	file, err := os.ReadFile(filepath.Join(models, sileroFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no %s in the models folder %s: put Silero VAD there, or use the embedded path: %w", sileroFile, models, err)
	}
	if err != nil {
		return nil, err
	}
	s, err := newSilero(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: download it again", sileroFile, err)
	}
	hash := sha256.Sum256(file)
	return &Neural{s, pipeline.Run{
		Stage: pipeline.Diarise, Model: "silero-vad", ModelHash: hex.EncodeToString(hash[:]),
		Params: map[string]string{"path": "neural"},
	}}, nil
}

// Diarise hears who speaks when, as Embedded does.
func (n *Neural) Diarise(ctx context.Context, sound pipeline.Sound, speakers pipeline.Speakers, progress pipeline.Progress) (*pipeline.Voices, error) {
	f, err := listen(ctx, sound, func(done float64) { progress(pipeline.Diarise, done*0.3) })
	if err != nil {
		return nil, fmt.Errorf("hear who speaks: %w", err)
	}
	odds, err := n.silero.fresh().odds(ctx, sound, gains(f.level), func(done float64) { progress(pipeline.Diarise, 0.3+0.5*min(1, done)) })
	if err != nil {
		return nil, fmt.Errorf("hear where speech is: %w", err)
	}
	spoken := rises(f.level)
	weigh(spoken, odds)
	turns := f.turns(byLoudness.speech(spoken, pipeline.Dur(sound)), speakers)
	progress(pipeline.Diarise, 1)
	return &pipeline.Voices{Run: n.run, Turns: turns}, ctx.Err()
}

// paths are the ways to hear who speaks; auto is the best that the models folder has.
var paths = []string{"auto", "embedded", "neural"}

// Open gives the diariser of that path.
func Open(path, models string) (pipeline.Diariser, error) {
	switch {
	case !slices.Contains(paths, path):
		return nil, fmt.Errorf("unknown path %q: use one of %v", path, paths)
	case path == "embedded":
		return Embedded{}, nil
	}
	n, err := OpenNeural(models)
	if path == "auto" && errors.Is(err, fs.ErrNotExist) {
		return Embedded{}, nil
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}
