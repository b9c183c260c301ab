package diarise

import (
	"math"
	"slices"
	"testing"

	"lydhor/pipeline"
)

// tone is seconds of a sine.
func tone(hz, seconds, amplitude float64) pipeline.Samples {
	s := make(pipeline.Samples, int(seconds*pipeline.SampleRate))
	for i := range s {
		s[i] = float32(amplitude * math.Sin(2*math.Pi*hz*float64(i)/pipeline.SampleRate))
	}
	return s
}

func TestFbank(t *testing.T) {
	b := newFbank()
	if rows := b.of(make(pipeline.Samples, window-1)); rows != nil {
		t.Errorf("less than a frame: got %v", rows)
	}
	// 1 s is (16000-400)/160 + 1 = 98 whole frames. The first half is 1 kHz, the rest silence.
	rows := b.of(append(tone(1000, 0.5, 0.5), make(pipeline.Samples, pipeline.SampleRate/2)...))
	if len(rows) != 98 || len(rows[0]) != fbankBands {
		t.Fatalf("got %d frames of %d bands, want 98 of 80", len(rows), len(rows[0]))
	}
	// Mel(1 kHz) = 1000.0, mel(20 Hz) = 31.7, mel(8 kHz) = 2840.0: a step of 34.67, so 1 kHz
	// is 27.93 steps from the first edge, in the band whose centre is 28 steps from it.
	loudest := 0
	for k := range rows[0] {
		if rows[0][k] > rows[0][loudest] {
			loudest = k
		}
	}
	if loudest != 27 {
		t.Errorf("1 kHz is loudest in band %d, want 27", loudest)
	}
	for k := range fbankBands { // each band's mean over the frames is taken off
		sum := 0.0
		for _, r := range rows {
			sum += float64(r[k])
		}
		if math.Abs(sum) > 0.01 {
			t.Errorf("band %d sums to %v, want 0", k, sum)
		}
	}
	for _, v := range b.of(make(pipeline.Samples, 2*window))[0] { // all at the floor, less the mean
		if v != 0 {
			t.Errorf("silence: got %v, want 0", v)
		}
	}
}

// Every frequency between the first and the last centre counts one in all.
func TestFbankTriangles(t *testing.T) {
	b := newFbank()
	sum := make([]float64, fftSize/2)
	for _, weights := range b.mel {
		for _, w := range weights {
			sum[w.bin] += w.by
		}
	}
	for bin := 2; bin < 248; bin++ { // 62.5 Hz to 7.7 kHz
		if math.Abs(sum[bin]-1) > 1e-9 {
			t.Errorf("bin %d counts %v, want 1", bin, sum[bin])
		}
	}
}

// Windows that overlap, stand apart and reach beyond the end give what each alone would.
func TestRollingFbank(t *testing.T) {
	sound := noise(25, 0.1)
	r := rolling{fbank: newFbank()}
	for _, from := range []int{0, 16000, 16000, 80000, 300000, 384000} {
		got, err := r.window(sound, from)
		if err != nil {
			t.Fatal(err)
		}
		x := make(pipeline.Samples, stretchLen)
		copy(x, sound[from:])
		want := newFbank().of(x)
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("the window from %d on differs", from)
		}
	}
}
