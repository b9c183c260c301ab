package diarise

import (
	"math"
	"testing"

	"lydhor/pipeline"
)

func TestPeriodicity(t *testing.T) {
	const rate = pipeline.SampleRate / thin
	of := func(sound func(i int) float64) []float32 {
		x := make([]float32, thinWindow+longest)
		for i := range x {
			x[i] = float32(sound(i))
		}
		return x
	}
	tone := func(hz float64, i int) float64 { return math.Sin(2 * math.Pi * hz * float64(i) / rate) }
	hiss := noise(1, 0.1)
	for _, test := range []struct {
		name        string
		sound       func(i int) float64
		least, most float32
	}{
		{"silence", func(int) float64 { return 0 }, 0, 0},
		{"direct current", func(int) float64 { return 0.5 }, 0, 0.01},
		{"hiss", func(i int) float64 { return float64(hiss[i]) }, 0, 0.6},
		{"a deep voice", func(i int) float64 { return tone(100, i) + tone(200, i)/2 }, 0.98, 1.01},
		{"a high voice", func(i int) float64 { return tone(250, i) + tone(500, i)/2 }, 0.98, 1.01},
		{"a voice without its pitch, as by telephone", func(i int) float64 { return tone(400, i) + tone(500, i) }, 0.98, 1.01},
		{"a soft voice with direct current", func(i int) float64 { return 0.2 + tone(120, i)/50 }, 0.95, 1.01},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, _ := periodicity(of(test.sound)); !(got >= test.least && got <= test.most) {
				t.Errorf("got %v, want %v to %v", got, test.least, test.most)
			}
		})
	}
}

// A second tone is left when the first is taken away, a multiple of its period is not.
func TestOtherPeriod(t *testing.T) {
	const rate = pipeline.SampleRate / thin
	for _, test := range []struct {
		name        string
		hz          []float64
		least, most float32
	}{
		{"one voice", []float64{100, 200, 300, 400}, 0, 0.3},
		{"two voices", []float64{110, 220, 330, 175, 350, 525}, 0.7, 1.01},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := make([]float32, thinWindow+longest)
			for i := range x {
				for _, hz := range test.hz {
					x[i] += float32(math.Sin(2*math.Pi*hz*float64(i)/rate)) / 10
				}
			}
			if _, got := periodicity(x); !(got >= test.least && got <= test.most) {
				t.Errorf("got %v, want %v to %v", got, test.least, test.most)
			}
		})
	}
}

func TestVoiced(t *testing.T) {
	const n, at = 200, 100
	for _, test := range []struct {
		name     string
		periodic float32
		frames   int
		rise     float32
		near     float32 // the weight 40 frames off
	}{
		{"a vowel", 0.8, 5, 1, 2},
		{"a step", 0.7, 5, 1, 0.5},
		{"a breath that is periodic by chance", 0.95, 4, 1, 0.5},
		{"a hum below what counts", 0.95, 50, 0.4, 0.5},
	} {
		t.Run(test.name, func(t *testing.T) {
			rises, periodic := make([]float32, n), make([]float32, n)
			for i := range rises {
				rises[i] = test.rise
			}
			last := at + test.frames - 1
			for i := at; i <= last; i++ {
				periodic[i] = test.periodic
			}
			voiced(rises, periodic)
			for _, frame := range []struct {
				i    int
				want float32
			}{{at - 41, 0.5}, {at - 40, test.near}, {at, test.near}, {last + 40, test.near}, {last + 41, 0.5}} {
				if got := rises[frame.i]; got != frame.want*test.rise {
					t.Errorf("frame %d: got %v, want %v", frame.i, got, frame.want*test.rise)
				}
			}
		})
	}
}
