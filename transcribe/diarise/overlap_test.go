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
		{"of another shape", `{"prior": 0.3, "mean": [1], "spread": [1], "layers": [{"dilation": 1, "weights": [[1]], "bias": [0]}]}`, "19 inputs"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := readOverlapNet([]byte(test.file)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %q", err, test.want)
			}
		})
	}
}

// smallNet has one number between its layers.
func smallNet() *overlapNet {
	return &overlapNet{
		Prior: 0.4, Mean: []float32{10}, Spread: []float32{2},
		Layers: []dilated{
			{1, [][]float32{{1}, {2}, {3}}, []float32{0.5}},
			{2, [][]float32{{1}, {-1}, {2}}, []float32{0}},
			{1, [][]float32{{2}}, []float32{-1}},
		},
	}
}

func TestOverlapOdds(t *testing.T) {
	for _, test := range []struct {
		name         string
		inputs, want []float32 // want is before the odds are made of it
	}{
		// 0, 1 and -1 spreads from the mean. The first layer makes 0·2+1·3+0.5, 0·1+1·2-1·3+0.5 and 1·1-1·2+0.5,
		// which end as 3.5, 0, 0; to these the second adds -3.5 ended, 0 and 3.5.
		{"three steps", []float32{10, 12, 8}, []float32{2*3.5 - 1, -1, 2*3.5 - 1}},
		{"no farther than four spreads", []float32{1000}, []float32{2*8.5 - 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var x [][]float32
			for _, v := range test.inputs {
				x = append(x, []float32{v})
			}
			for i, got := range smallNet().odds(x) {
				if want := 1 / (1 + math.Exp(-float64(test.want[i]))); math.Abs(float64(got)-want) > 1e-6 {
					t.Errorf("step %d: got %v, want %v", i, got, want)
				}
			}
		})
	}
}

// The gradient is how the loss changes with each weight.
func TestTeach(t *testing.T) {
	n := smallNet()
	l := lesson{[][]float32{{0.3}, {-0.2}, {0.4}, {0.1}}, []int{1, 2, 0, 2}}
	loss := func() (sum float64) {
		_, made := n.through(l.steps)
		for t, y := range made[2] {
			if p := 1 / (1 + math.Exp(-float64(y[0]))); l.voices[t] > 1 {
				sum -= math.Log(p)
			} else if l.voices[t] > 0 {
				sum -= math.Log(1 - p)
			}
		}
		return sum
	}
	gradient := n.blank()
	n.teach(l, gradient)
	want := gradient.rows()
	for r, row := range n.rows() {
		const little = 1.0 / 256
		kept := row[0]
		row[0] = kept + little
		more := loss()
		row[0] = kept - little
		if got := (more - loss()) / (2 * little); math.Abs(got-float64(want[r][0])) > 0.01*max(1, math.Abs(got)) {
			t.Errorf("row %d: the loss changes by %v, the gradient is %v", r, got, want[r][0])
		}
		row[0] = kept
	}
}

// Of a thousand steps so many are certainly overlap; one that told nothing, at the prior of 0.4, is as likely as overlap is
// in the recording, in which ten of 25 steps known before count, too.
func TestAdapt(t *testing.T) {
	for _, test := range []struct {
		several int
		want    float64
	}{{0, 10.0 / 1025}, {500, 510.0 / 1025}, {1000, 1010.0 / 1025}} {
		odds := []float32{0, 0.4} // of nobody judged, and that one
		for i := range 1000 {
			odds = append(odds, 1e-9)
			if i < test.several {
				odds[len(odds)-1] = 1
			}
		}
		smallNet().adapt(odds)
		if odds[0] != 0 || math.Abs(float64(odds[1])-test.want) > 0.002 {
			t.Errorf("%d of 1000: got %v, want 0 and %v", test.several, odds[:2], test.want)
		}
	}
}

// Stretches are judged as the whole is.
func TestOverlapStretches(t *testing.T) {
	samples, _ := conversation(t)
	f, err := listen(t.Context(), samples, func(float64) {})
	if err != nil {
		t.Fatal(err)
	}
	const cut = 1501
	usual, n := f.usualVoice(), len(f.frames)
	whole, parts := make([]float32, n/overlapEvery+1), make([]float32, n/overlapEvery+1)
	f.overlapOdds(hearsOverlap(), &usual, 0, n, whole)
	f.overlapOdds(hearsOverlap(), &usual, 0, cut, parts)
	f.overlapOdds(hearsOverlap(), &usual, cut, n, parts)
	for i := range whole {
		if math.Abs(float64(whole[i]-parts[i])) > 1e-5 {
			t.Fatalf("step %d: got %v, want %v", i, parts[i], whole[i])
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
