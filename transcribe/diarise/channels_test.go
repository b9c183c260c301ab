package diarise

import (
	"testing"

	"lydhor/analysis/score"
	"lydhor/pipeline"
)

// A channel for each of the two, who hear each other 12 dB down.
func TestChannels(t *testing.T) {
	samples, ref := conversation(t)
	channels := []pipeline.Sound{}
	label := map[string]string{}
	for _, turn := range ref {
		if label[turn.Speaker] != "" {
			continue
		}
		near := make(pipeline.Samples, len(samples))
		for i, x := range samples {
			near[i] = x / 4
		}
		for _, own := range ref {
			if own.Speaker == turn.Speaker {
				copy(near[pipeline.Index(own.Start):pipeline.Index(own.End)], samples[pipeline.Index(own.Start):])
			}
		}
		channels = append(channels, near)
		label[turn.Speaker] = "channel " + string(rune('0'+len(channels)))
	}
	voices, err := Channels(t.Context(), channels, func(pipeline.Stage, float64) {})
	if err != nil {
		t.Fatal(err)
	}
	for i := range ref {
		ref[i].Speaker = label[ref[i].Speaker]
	}
	if got := score.Diarisation(ref, voices.Turns, score.DEROptions{}).Rate(); got > 0.08 {
		t.Errorf("got DER %.3f, want at most 0.08", got)
	}
	for _, turn := range voices.Turns {
		for _, other := range ref {
			if turn.Speaker != other.Speaker && turn.Start >= other.Start && turn.End <= other.End {
				t.Errorf("%s at %v is %s's", turn.Speaker, turn.Span, other.Speaker)
			}
		}
	}
}

func TestChannelsOfNobody(t *testing.T) {
	voices, err := Channels(t.Context(), []pipeline.Sound{make(pipeline.Samples, 1000), noise(3, 0.001)}, func(pipeline.Stage, float64) {})
	if err != nil || len(voices.Turns) != 0 {
		t.Errorf("got %v, %v, want nobody", voices, err)
	}
}
