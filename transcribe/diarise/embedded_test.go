package diarise

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"lydhor/pipeline"
)

// noise is seconds of white noise of that standard deviation.
func noise(seconds, deviation float64) pipeline.Samples {
	random := rand.New(rand.NewPCG(3, 4))
	s := make(pipeline.Samples, int(seconds*pipeline.SampleRate))
	for i := range s {
		s[i] = float32(deviation * random.NormFloat64())
	}
	return s
}

func hear(t *testing.T, sound pipeline.Sound, speakers pipeline.Speakers) *pipeline.Voices {
	t.Helper()
	voices, err := Embedded{}.Diarise(t.Context(), sound, speakers, func(pipeline.Stage, float64) {})
	if err != nil {
		t.Fatal(err)
	}
	return voices
}

func TestNobodySpeaks(t *testing.T) {
	steady := make(pipeline.Samples, 5*pipeline.SampleRate)
	for i := range steady {
		steady[i] = 0.5
	}
	tests := []struct {
		name  string
		sound pipeline.Samples
	}{
		{"no sound", nil},
		{"less than a frame", make(pipeline.Samples, 100)},
		{"digital silence", make(pipeline.Samples, 5*pipeline.SampleRate)},
		{"direct current", steady},
		{"soft noise", noise(5, 0.001)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := hear(t, test.sound, pipeline.Speakers{Min: 2, Max: 2}).Turns; len(got) != 0 {
				t.Errorf("heard %v", got)
			}
		})
	}
}

func TestDiariseStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Embedded{}.Diarise(ctx, noise(2, 0.1), pipeline.Speakers{}, func(pipeline.Stage, float64) {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
