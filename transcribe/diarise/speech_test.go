package diarise

import (
	"slices"
	"testing"
	"time"

	"lydhor/pipeline"
)

// odds are runs of equal odds, a step each.
func odds(runs ...struct {
	p     float32
	steps int
}) (all []float32) {
	for _, r := range runs {
		all = append(all, slices.Repeat([]float32{r.p}, r.steps)...)
	}
	return all
}

func run(p float32, steps int) struct {
	p     float32
	steps int
} {
	return struct {
		p     float32
		steps int
	}{p, steps}
}

func TestSpeech(t *testing.T) {
	const step = 100 * time.Millisecond
	d := detector{step: step, likely: 0.2, certain: 0.5, least: 2 * step, pause: 3 * step, padding: step / 2}
	for _, test := range []struct {
		name string
		odds []float32
		want []pipeline.Span
	}{
		{"nothing", nil, nil},
		{"silence", odds(run(0.1, 50)), nil},
		// steps 10 to 14 and half a step on each side
		{"speech", odds(run(0, 10), run(0.9, 5), run(0, 10)), []pipeline.Span{pipeline.FromSeconds(0.95, 1.55)}},
		{"soft beginning and end", odds(run(0, 10), run(0.3, 2), run(0.9, 5), run(0.3, 1), run(0, 10)), []pipeline.Span{pipeline.FromSeconds(0.95, 1.85)}},
		{"a click", odds(run(0, 10), run(0.9, 1), run(0, 10)), nil},
		{"murmur", odds(run(0, 10), run(0.4, 30), run(0, 10)), nil},
		{"a pause", odds(run(0, 10), run(0.9, 2), run(0, 3), run(0.9, 2), run(0, 9)), []pipeline.Span{pipeline.FromSeconds(0.95, 1.75)}},
		{"two utterances", odds(run(0, 10), run(0.9, 2), run(0, 4), run(0.9, 2), run(0, 9)), []pipeline.Span{pipeline.FromSeconds(0.95, 1.25), pipeline.FromSeconds(1.55, 1.85)}},
		{"from first to last step", odds(run(0.9, 20)), []pipeline.Span{pipeline.FromSeconds(0, 2)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			length := time.Duration(len(test.odds)) * step
			if got := d.speech(test.odds, length); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestRises(t *testing.T) {
	// Nine tenths are background at ten levels from least on, step apart; the last tenth is loud.
	background := func(least, step float32) (level []float32) {
		for range 9 {
			for i := range 100 {
				level = append(level, min(-25, least+step*float32(i%10)))
			}
		}
		return append(level, slices.Repeat([]float32{-20}, 100)...)
	}
	for _, test := range []struct {
		name  string
		level []float32
		frame float32 // its level
		want  float32
	}{
		// The background is -60 at every quantile: speech rises by 4 dB, this by 40.
		{"steady background", background(-60, 0), -20, 40.0 / 4},
		// The 2nd percentile is -60, the 10th and 12th -59: 4 dB + 4 × 1 dB, and this is 39.
		{"restless background", background(-60, 1), -20, 39.0 / 8},
		// From -52 by 4 dB + 4 × 8 dB would be -16: -32, 12 below the loudest, is enough.
		{"very restless background", background(-60, 8), -20, 32.0 / 20},
		// -75 is the quietest background there is; speech begins at -20 - 50 = -70.
		{"digital silence", background(-100, 0), -20, 55.0 / 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := rises(test.level)
			if at := slices.Index(test.level, test.frame); got[at] != test.want {
				t.Errorf("got %v, want %v", got[at], test.want)
			}
		})
	}
}

func TestWeigh(t *testing.T) {
	rises := slices.Repeat([]float32{1}, 100) // of 10 ms
	odds := make([]float32, 32)               // of 32 ms
	odds[10] = 0.9                            // frames 32 to 35, and six chunks to each side: 4 to 16
	weigh(rises, odds)
	for _, test := range []struct {
		frame int
		want  float32
	}{
		{0, 0.5},
		{12, 0.5}, // begins at 120 ms, in chunk 3
		{13, 2},   // at 130 ms, in chunk 4
		{33, 2},
		{54, 2},   // at 540 ms, in chunk 16
		{55, 0.5}, // at 550 ms, in chunk 17
		{99, 0.5},
	} {
		if got := rises[test.frame]; got != test.want {
			t.Errorf("frame %d: got %v, want %v", test.frame, got, test.want)
		}
	}
}
