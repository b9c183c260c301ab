package whisper

import (
	"math"
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	began := time.Now()
	p := newPace(120*SampleRate, began) // four windows
	for _, test := range []struct{ after, done, want float64 }{
		{5, 0, 0}, // nobody knows how long the first takes
		{10, 0.25, 0.25},
		{15, 0.25, 0.375},
		{19, 0.25, 0.475},
		{30, 0.25, 0.5}, // slower than the first, and not known to be over
		{32, 0.5, 0.5},
		{40, 0.5, 0.625},
		{64, 1, 1},
		{65, 1, 1},
	} {
		got := p.share(test.done, began.Add(time.Duration(test.after*float64(time.Second))))
		if math.Abs(got-test.want) > 1e-9 {
			t.Errorf("after %v s at %v: got %v, want %v", test.after, test.done, got, test.want)
		}
	}
}
