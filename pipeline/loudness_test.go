package pipeline

import (
	"math"
	"testing"
	"time"
)

// A second of a sine of amplitude 1 (power 1/2, -3.01 dB), one of amplitude 0.1 (-23.01 dB)
// and one of silence.
func TestLoudness(t *testing.T) {
	var sound Samples
	for _, amplitude := range []float64{1, 0.1, 0} {
		for i := range SampleRate {
			sound = append(sound, float32(amplitude*math.Sin(2*math.Pi*200*float64(i)/SampleRate)))
		}
	}
	l, err := MeasureLoudness(sound)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(l), int(3*time.Second/LoudnessStep); got != want {
		t.Fatalf("got %d steps, want %d", got, want)
	}
	for _, test := range []struct {
		name       string
		start, end float64
		want       float64
	}{
		{"full scale", 0, 1, -3.01},
		{"a word in it", 0.31, 0.52, -3.01},
		{"a tenth", 1, 2, -23.01},
		{"half and half", 0.5, 1.5, -5.98}, // 10 log10((0.5 + 0.005) / 2)
		{"silence", 2, 3, -127.5},
		{"behind the end", 9, 10, -127.5},
		{"empty", 1, 1, -127.5},
	} {
		if got := l.Level(FromSeconds(test.start, test.end)); math.Abs(got-test.want) > 0.26 { // half decibels
			t.Errorf("%s: got %.2f dB, want %.2f", test.name, got, test.want)
		}
	}
	for i, want := range []float64{1 - 6.0/120, 1 - 46.0/120, 0} {
		if got := l.Outline(3)[i]; math.Abs(got-want) > 1e-9 {
			t.Errorf("outline %d: got %v, want %v", i, got, want)
		}
	}
}

func TestLoudnessOfShortSound(t *testing.T) {
	for _, n := range []int{0, 1, 799, 801} {
		l, err := MeasureLoudness(make(Samples, n))
		if want := (n + 799) / 800; err != nil || len(l) != want {
			t.Errorf("%d samples: got %d steps and error %v, want %d", n, len(l), err, want)
		}
		if got := len(l.Outline(1000)); n > 0 && got != 1000 {
			t.Errorf("%d samples: got an outline of %d, want 1000", n, got)
		}
	}
}
