package score

import (
	"math"
	"testing"
)

func TestSpearman(t *testing.T) {
	for _, test := range []struct {
		name string
		a, b []float64
		want float64
	}{
		{"same order", []float64{1, 2, 3}, []float64{10, 20, 300}, 1},
		{"turned", []float64{1, 2, 3}, []float64{3, 2, 1}, -1},
		// Ranks 1 2 3 4 and 1.5 1.5 3 4: covariance 4.5, variances 5 and 4.5.
		{"ties", []float64{1, 2, 3, 4}, []float64{0, 0, 1, 2}, 4.5 / math.Sqrt(5*4.5)},
	} {
		if got := Spearman(test.a, test.b); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
	if got := Spearman([]float64{1, 1}, []float64{1, 2}); !math.IsNaN(got) {
		t.Errorf("got %v of a constant, want NaN", got)
	}
}

func TestAUC(t *testing.T) {
	// Of the four pairs of yes and no three are in order and one is a tie.
	if got := AUC([]float64{1, 2, 2, 3}, []bool{false, false, true, true}); got != 3.5/4 {
		t.Errorf("got %v, want 0.875", got)
	}
	if got := AUC([]float64{1, 2}, []bool{true, true}); !math.IsNaN(got) {
		t.Errorf("got %v with nothing to tell apart, want NaN", got)
	}
}
