package diarise

import (
	"math"
	"slices"
	"strings"
	"testing"

	"lydhor/pipeline"
)

func TestOverlapFile(t *testing.T) {
	if _, err := readOverlapNet(overlapFile); err != nil {
		t.Error(err)
	}
	for _, test := range []struct{ name, file, want string }{
		{"cut off", `{"mean": [1, 2`, "read the network"},
		{"of another shape", `{"mean": [1], "spread": [1], "hidden": [[1, 0]], "output": [1, 0]}`, "78 inputs"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := readOverlapNet([]byte(test.file)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %q", err, test.want)
			}
		})
	}
}

// Two units see the first input: one it, the other its opposite.
func TestOverlapOdds(t *testing.T) {
	row := func(first, bias float64) []float64 {
		r := make([]float64, overlapInputs+1)
		r[0], r[overlapInputs] = first, bias
		return r
	}
	n := &overlapNet{
		Mean: slices.Repeat([]float64{10}, overlapInputs), Spread: slices.Repeat([]float64{2}, overlapInputs),
		Hidden: [][]float64{row(1, 0), row(-1, 0.5)}, Output: []float64{2, 3, -1},
	}
	for _, test := range []struct{ input, want float64 }{
		{10, 0.5*3 - 1},        // at the mean: the second unit's bias
		{13, 2*1.5 - 1},        // 1.5 spreads above
		{6, 3*2.5 - 1},         // 2 below
		{1000, 2*farthest - 1}, // no farther than that
	} {
		var x [overlapInputs]float64
		x[0] = test.input
		if got, want := n.odds(&x), 1/(1+math.Exp(-test.want)); math.Abs(got-want) > 1e-9 {
			t.Errorf("input %v: got %v, want %v", test.input, got, want)
		}
	}
}

// Of ten frames at 0 and ten at 1, the fifth from the end sees those of its reach that there are.
func TestMarkSums(t *testing.T) {
	m := make([][marks]float64, 20)
	for i := 10; i < 20; i++ {
		m[i][3] = 1
	}
	x := sumsOf(m).inputs(15)    // frames 5 to 19, then all
	const reach = levels + marks // numbers of one
	for _, test := range []struct {
		at   int
		want float64
	}{
		{6, 10.0 / 15}, {7, math.Sqrt(10.0 / 15 * 5 / 15)}, // mean and spread of the fourth mark
		{reach + 6, 0.5}, {reach + 7, 0.5},
	} {
		if math.Abs(x[test.at]-test.want) > 1e-9 {
			t.Errorf("input %d: got %v, want %v", test.at, x[test.at], test.want)
		}
	}
}

// Turns of the two voices of a demo recording, laid over each other after a while, are heard to be two at once there and
// one before.
func TestSeveral(t *testing.T) {
	samples, turns := conversation(t)
	var said [2]pipeline.Samples
	for _, turn := range turns {
		k := 0
		if turn.Speaker != turns[0].Speaker {
			k = 1
		}
		said[k] = append(said[k], samples[pipeline.Index(turn.Start):pipeline.Index(turn.End)]...)
	}
	const alone = 4 * pipeline.SampleRate
	mixture := slices.Clone(said[0][:2*alone])
	for i := range alone {
		mixture[alone+i] += said[1][i]
	}
	f, err := listen(t.Context(), mixture, func(float64) {})
	if err != nil {
		t.Fatal(err)
	}
	var before, after float64
	odds := f.several(hearsOverlap(), []pipeline.Span{{End: pipeline.Dur(mixture)}})
	for _, s := range byNetwork.speech(odds, pipeline.Dur(mixture)) {
		before += s.Overlap(pipeline.FromSeconds(0, 3.5)).Seconds()
		after += s.Overlap(pipeline.FromSeconds(4.5, 8)).Seconds()
	}
	if before > 0.5 || after < 2 {
		t.Errorf("heard two at once for %.2f s of 3.5 in which one speaks, %.2f s of 3.5 in which two do", before, after)
	}
}

// A lone peak at full scale is none; eleven frames with more around one are too many to hear overlap by.
func TestSpoilt(t *testing.T) {
	for _, test := range []struct {
		name string
		x    pipeline.Samples
		want bool
	}{
		{"soft", make(pipeline.Samples, hop), false},
		{"a peak", append(make(pipeline.Samples, hop-2), 1, -1), false},
		{"clipped", append(make(pipeline.Samples, hop-3), 1, 1, -1), true},
	} {
		if got := clipped(test.x); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
	f := &features{clipped: slices.Concat(make([]bool, 50), slices.Repeat([]bool{true}, 11), make([]bool, 200))}
	for _, test := range []struct {
		frame int
		want  bool
	}{{0, true}, {60, true}, {150, true}, {151, false}} {
		if got := f.spoilt(test.frame); got != test.want {
			t.Errorf("frame %d: got %v, want %v", test.frame, got, test.want)
		}
	}
}
