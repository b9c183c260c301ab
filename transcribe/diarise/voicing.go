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
// pitch period that fits best: 1 is a pure tone, 0 noise or silence. other is how periodic what
// is left of x is when each period is taken from the next (de Cheveigné 1993), at periods that
// are no multiple of that one: a second voice leaves its own.
func periodicity(x []float32) (best, other float32) {
	var y [thinWindow + longest]float32
	mean := float32(0)
	for _, v := range x {
		mean += v / float32(len(y))
	}
	for i, v := range x {
		y[i] = v - mean
	}
	best, period := alike(y[:], thinWindow, 0)
	if period == 0 {
		return best, 0
	}
	left := lessPeriod(y[:], period)
	other, _ = alike(left, min(thinWindow, len(left)*2/3), period)
	return best, other
}

// alike is how much y resembles itself, over width samples, after the period at which it does
// most, and that period: zero where there is none. Multiples of but are left out.
func alike(y []float32, width, but int) (best float32, period int) {
	const silence = 1e-9 // what 16-bit rounding and hum leave
	own, later := energy(y[:width]), energy(y[shortest:shortest+width])
	for lag := shortest; lag <= min(longest, len(y)-width); lag++ {
		if but == 0 || !multiple(lag, but) {
			both := float32(0)
			for i, v := range y[lag : lag+width] {
				both += v * y[i]
			}
			if c := both * both / (own*later + silence); both > 0 && c > best {
				best, period = c, lag
			}
		}
		if lag+width < len(y) {
			in, out := y[lag+width], y[lag]
			later = max(0, later+in*in-out*out)
		}
	}
	return float32(math.Sqrt(float64(best))), period
}

func energy(part []float32) (sum float32) {
	for _, v := range part {
		sum += v * v
	}
	return sum
}

// multiple reports whether lag is about one or more times period.
func multiple(lag, period int) bool {
	const about = 0.06 // periods
	times := math.Round(float64(lag) / float64(period))
	return times >= 1 && math.Abs(float64(lag)/float64(period)-times) < about
}

// lessPeriod is what is left of y, in place, when the part of it that a period before resembles is taken
// away; a period shorter than y.
func lessPeriod(y []float32, period int) []float32 {
	left := y[:len(y)-period]
	both := float32(0)
	for i, v := range left {
		both += v * y[i+period]
	}
	gain := float32(0)
	if e := energy(left); e > 0 {
		gain = max(0, min(1, both/e))
	}
	for i, v := range left {
		left[i] = y[i+period] - gain*v
	}
	return left
}
