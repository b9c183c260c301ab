package diarise

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Two speakers at even odds: who holds a block has the next with .5 + .5 · .5 = .75.
func TestSmooth(t *testing.T) {
	three := math.Log(3)
	for _, test := range []struct {
		name       string
		like, want [][]float64
	}{
		{"nothing known", [][]float64{{0, 0}, {0, 0}}, [][]float64{{0.5, 0.5}, {0.5, 0.5}}},
		// .75 of the first block; .75 · .75 + .25 · .25 of the second
		{"first block known", [][]float64{{three, 0}, {0, 0}}, [][]float64{{0.75, 0.625}, {0.25, 0.375}}},
		{"last block known", [][]float64{{0, three}, {0, 0}}, [][]float64{{0.625, 0.75}, {0.375, 0.25}}},
		// 3 · .75 · 3 both, 3 · .25 and .25 · 3 one each, .75 neither
		{"both", [][]float64{{three, three}, {0, 0}}, [][]float64{{7.5 / 9, 7.5 / 9}, {1.5 / 9, 1.5 / 9}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := [][]float64{make([]float64, 2), make([]float64, 2)}
			smooth(got, test.like, []float64{0.5, 0.5}, 0.5)
			if diff := cmp.Diff(test.want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
				t.Errorf("odds differ (-want +got):\n%s", diff)
			}
		})
	}
}
