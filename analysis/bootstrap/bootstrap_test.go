package bootstrap

import (
	"math"
	"testing"
)

func TestIntervalOfAMeanComesNearItsStandardError(t *testing.T) {
	// 400 zeros and ones, half of each: the standard error of the mean is
	// sqrt(0.5 · 0.5 / 400) = 0.025, so the interval is 0.5 ± 1.96 · 0.025.
	mean := func(drawn []int) float64 {
		ones := 0
		for _, i := range drawn {
			ones += i % 2
		}
		return float64(ones) / float64(len(drawn))
	}
	low, high := Interval(400, mean)
	if math.Abs(low-0.451) > 0.008 || math.Abs(high-0.549) > 0.008 {
		t.Errorf("got %.3f to %.3f, want about 0.451 to 0.549", low, high)
	}
	if again, _ := Interval(400, mean); again != low {
		t.Errorf("got %v the second time, want %v again", again, low)
	}
}

func TestIntervalIsUndefined(t *testing.T) {
	for name, units := range map[string]int{"no unit": 0, "one unit": 1, "only undefined draws": 5} {
		t.Run(name, func(t *testing.T) {
			low, high := Interval(units, func([]int) float64 { return math.NaN() })
			if !math.IsNaN(low) || !math.IsNaN(high) {
				t.Errorf("got %v to %v, want NaN", low, high)
			}
		})
	}
}
