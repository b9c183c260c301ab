package diarise

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"lydhor/pipeline"
)

// Channels hears who speaks when in a recording with one microphone per person, channels of
// equal length. Each channel is one speaker, named as pipeline.AssembleChannels names it;
// turns of two may overlap.
func Channels(ctx context.Context, channels []pipeline.Sound, progress pipeline.Progress) (*pipeline.Voices, error) {
	own, err := pipeline.OwnVoices(channels)
	if err != nil {
		return nil, fmt.Errorf("hear who is near to which microphone: %w", err)
	}
	var turns []pipeline.SpeakerTurn
	for c := range own {
		near, err := nearVoice(ctx, channels[c], own[c])
		if err != nil {
			return nil, fmt.Errorf("hear channel %d: %w", c+1, err)
		}
		progress(pipeline.Diarise, float64(c+1)/float64(len(own)))
		first := len(turns)
		for _, s := range near {
			if last := len(turns) - 1; last >= first && s.Start-turns[last].End <= breath {
				turns[last].End = s.End
				continue
			}
			turns = append(turns, pipeline.SpeakerTurn{Span: s, Speaker: fmt.Sprintf("channel %d", c+1)})
		}
	}
	slices.SortStableFunc(turns, func(a, b pipeline.SpeakerTurn) int { return cmp.Compare(a.Start, b.Start) })
	run := pipeline.Run{Stage: pipeline.Diarise, Params: map[string]string{"path": "channels", "channels": strconv.Itoa(len(channels))}}
	return &pipeline.Voices{Run: run, Turns: turns}, ctx.Err()
}

// nearVoice is the speech on channel where own, which is channel without the others' voices,
// is not silenced.
func nearVoice(ctx context.Context, channel, own pipeline.Sound) ([]pipeline.Span, error) {
	all, err := listen(ctx, channel, func(float64) {})
	if err != nil {
		return nil, err
	}
	left, err := listen(ctx, own, func(float64) {})
	if err != nil {
		return nil, err
	}
	rise := rises(all.level)
	for i, level := range left.level {
		if level < all.level[i]-1 {
			rise[i] = 0
		}
	}
	return byLoudness.speech(rise, pipeline.Dur(channel)), nil
}
