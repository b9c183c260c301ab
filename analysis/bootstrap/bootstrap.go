// Package bootstrap says how far a figure would move with other material of the same kind.
package bootstrap

import (
	"math"
	"math/rand/v2"
	"slices"
)

// draws is how often the material is drawn anew; seed makes every run give the same interval.
const (
	draws = 1000
	seed  = 1
)

// Interval gives the 95 % percentile interval of a statistic over units that were sampled
// independently, such as conversations or utterances (Efron and Tibshirani 1993, chapter
// 13). The statistic is called with as many indices of units as there are, drawn with
// replacement; draws for which it is NaN are left out. Both ends are NaN for fewer than two
// units or when no draw gives a figure.
func Interval(units int, statistic func(drawn []int) float64) (low, high float64) {
	if units < 2 {
		return math.NaN(), math.NaN()
	}
	random := rand.New(rand.NewPCG(seed, uint64(units)))
	drawn := make([]int, units)
	var figures []float64
	for range draws {
		for i := range drawn {
			drawn[i] = random.IntN(units)
		}
		if f := statistic(drawn); !math.IsNaN(f) {
			figures = append(figures, f)
		}
	}
	if len(figures) == 0 {
		return math.NaN(), math.NaN()
	}
	slices.Sort(figures)
	return quantile(figures, 0.025), quantile(figures, 0.975)
}

// quantile interpolates between the two nearest of the sorted figures.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
