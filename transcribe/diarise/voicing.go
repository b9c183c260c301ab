package diarise

import (
	"math"

	"lydhor/pipeline"
)

// A voice swings; steps, doors, paper and hiss do not. How periodic sound is shows in its
// correlation with itself a pitch period on (normalised cross-correlation, Talkin 1995), of
// sound that is thinned out to a quarter of its samples: pitch and its first harmonics.
const (
	thin          = 4
	thinHop       = hop / thin
	thinWindow    = 140 // samples, which is 35 ms
	shortest      = pipeline.SampleRate / thin / 400
	longest       = pipeline.SampleRate / thin / 75
	periodicReach = (thinWindow + longest) * thin // samples that periodicity looks at
)

// thinned is the mean of each thin samples of x.
func thinned(x pipeline.Samples, out []float32) {
	for i := range out {
		sum := float32(0)
		for _, v := range x[i*thin : (i+1)*thin] {
			sum += v
		}
		out[i] = sum / thin
	}
}

// periodicity is how alike x, thinned, periodicReach/thin samples, is to itself after the
// pitch period that fits best: 1 is a pure tone, 0 noise or silence.
func periodicity(x []float32) float32 {
	const silence = 1e-9 // what 16-bit rounding and hum leave
	var y [thinWindow + longest]float32
	mean := float32(0)
	for _, v := range x {
		mean += v / float32(len(y))
	}
	for i, v := range x {
		y[i] = v - mean
	}
	energy := func(part []float32) (sum float32) {
		for _, v := range part {
			sum += v * v
		}
		return sum
	}
	first := y[:thinWindow]
	own, later := energy(first), energy(y[shortest:shortest+thinWindow])
	best := float32(0)
	for lag := shortest; lag <= longest; lag++ {
		both := float32(0)
		for i, v := range y[lag : lag+thinWindow] {
			both += v * first[i]
		}
		if both > 0 {
			best = max(best, both*both/(own*later+silence))
		}
		if lag < longest {
			in, out := y[lag+thinWindow], y[lag]
			later = max(0, later+in*in-out*out)
		}
	}
	return float32(math.Sqrt(float64(best)))
}
