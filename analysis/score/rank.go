package score

import (
	"cmp"
	"math"
	"slices"
)

// Spearman is the rank correlation of two lists of the same length, ties given their mean
// rank; NaN where one of them does not vary.
func Spearman(a, b []float64) float64 { return pearson(ranks(a), ranks(b)) }

// AUC is the share of pairs of a yes and a no in which the yes has the higher figure, ties
// counted half; NaN where all are the same.
func AUC(figures []float64, yes []bool) float64 {
	sum, n, other := 0.0, 0.0, 0.0
	for i, r := range ranks(figures) {
		if yes[i] {
			sum += r
			n++
		} else {
			other++
		}
	}
	return (sum - n*(n+1)/2) / (n * other)
}

// ranks are from 1.
func ranks(list []float64) []float64 {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(list[i], list[j]) })
	ranks := make([]float64, len(list))
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && list[order[to]] == list[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			ranks[i] = float64(from+to+1) / 2
		}
		from = to
	}
	return ranks
}

func pearson(a, b []float64) float64 {
	var sa, sb, saa, sbb, sab float64
	n := float64(len(a))
	for i := range a {
		sa, sb = sa+a[i], sb+b[i]
	}
	for i := range a {
		x, y := a[i]-sa/n, b[i]-sb/n
		saa, sbb, sab = saa+x*x, sbb+y*y, sab+x*y
	}
	return sab / math.Sqrt(saa*sbb)
}
