package diarise

import (
	"cmp"
	"math"
	"slices"
	"time"

	"lydhor/pipeline"
)

// Overtones of a voice move within a syllable; those of an instrument stand still for a tone.
// The fine structure of the spectrum, what is left of it without the slow curve that a
// microphone and a room give it, is compared with that of musicLag later.
const (
	musicWindow = 512 // samples at half the rate, 64 ms
	musicHop    = 640 // 80 ms
	musicLag    = 2   // frames: longer than a voice holds a tone
	musicFirst  = 6   // of the frequencies compared: 94 Hz, up to 4 kHz
	musicSmooth = 4   // frequencies on either side that the slow curve is a mean of

	musicSpan   = 38 // frames that are judged together
	musicStep   = 12
	musicLoud   = 30   // dB below the loudest: what is softer is not judged
	musicSteady = 0.48 // and more is music: an even voice reaches it for five seconds
	musicLeast  = 6 * time.Second
)

// Music is where samples are music rather than talk: sorted, apart. Music softer than the talk
// over it is not found, nor what lasts less than some six seconds, or ten where it is drums
// alone. Hands on one drum pass for knocking, a hum that is all there is for music.
func Music(samples pipeline.Samples) []pipeline.Span {
	return merged(append(steadyTones(samples), rhythms(samples)...))
}

// merged is spans by start, those that meet as one. It sorts spans.
func merged(spans []pipeline.Span) (all []pipeline.Span) {
	slices.SortFunc(spans, func(a, b pipeline.Span) int { return cmp.Compare(a.Start, b.Start) })
	for _, s := range spans {
		all = joined(all, s)
	}
	return all
}

// steadyTones is where overtones stand still as those of an instrument do: sorted, apart.
func steadyTones(samples pipeline.Samples) []pipeline.Span {
	over, judged := steadiness(samples)
	for i, ok := range judged {
		if over[i] -= musicSteady; !ok {
			over[i] = 0
		}
	}
	var spans []pipeline.Span
	for _, run := range steadyRuns(over, judged) {
		first, last := weightiest(over[run[0]:run[1]]) // the outer frames may be talk
		span := pipeline.Span{Start: musicTime(run[0] + first), End: musicTime(run[0] + last + musicLag)}
		if span.Dur() >= musicLeast {
			spans = append(spans, span)
		}
	}
	return spans
}

// steadyRuns is from which frame and before which musicSpan after musicSpan is steady.
func steadyRuns(over []float64, judged []bool) (runs [][2]int) {
	for at := 0; at+musicSpan <= len(over); at += musicStep {
		to := at + musicSpan
		if !enough(judged[at:to]) || sum(over[at:to]) < 0 {
			continue
		}
		if last := len(runs) - 1; last >= 0 && at <= runs[last][1] {
			runs[last][1] = to
			continue
		}
		runs = append(runs, [2]int{at, to})
	}
	return runs
}

// weightiest is the stretch of values, from first and before last, that has the greatest sum.
func weightiest(values []float64) (first, last int) {
	sum, most, from := 0.0, 0.0, 0
	for i, v := range values {
		if sum <= 0 {
			sum, from = 0, i
		}
		if sum += v; sum > most {
			most, first, last = sum, from, i+1
		}
	}
	return first, last
}

// enough reports whether a quarter of frames is judged.
func enough(judged []bool) bool {
	n := 0
	for _, ok := range judged {
		if ok {
			n++
		}
	}
	return 4*n >= len(judged)
}

func musicTime(frame int) time.Duration { return pipeline.At(2 * musicHop * frame) }

// steadiness is how much of a frame's fine structure is there musicLag later, from -1 to 1, and
// whether the frame is loud enough to be judged.
func steadiness(samples pipeline.Samples) (steady []float64, judged []bool) {
	fft := newFFT(musicWindow)
	rise := make([]float64, musicWindow)
	for i := range rise {
		rise[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/musicWindow)
	}
	window := make([]float64, musicWindow)
	power := make([]float64, musicWindow/2+1)
	var fine [musicLag + 1][]float64 // of the latest frames
	for i := range fine {
		fine[i] = make([]float64, len(power)-musicFirst)
	}
	var loud []float64
	for at := 0; at+2*musicWindow <= len(samples); at += 2 * musicHop {
		for i := range window {
			window[i] = rise[i] * float64(samples[at+2*i]+samples[at+2*i+1])
		}
		fft.power(window, power)
		n := len(loud)
		loud = append(loud, 10*math.Log10(sum(power)+1e-9))
		now := fine[n%len(fine)]
		fineStructure(now, power[musicFirst:])
		if n < musicLag {
			continue
		}
		c := 0.0
		for k, v := range fine[(n-musicLag)%len(fine)] {
			c += v * now[k]
		}
		steady = append(steady, c)
	}
	if len(steady) == 0 {
		return nil, nil
	}
	least := pipeline.Loudest(loud) - musicLoud
	for i := range steady {
		judged = append(judged, loud[i] >= least && loud[i+musicLag] >= least)
	}
	return steady, judged
}

// fineStructure makes fine, which is as long as power, its logarithm, cut off 40 dB below its
// peak, less its mean over the frequencies around, at length 1.
func fineStructure(fine, power []float64) {
	floor := slices.Max(power)*1e-4 + 1e-12
	sums := make([]float64, len(power)+1) // of the logarithms up to each
	for k, p := range power {
		sums[k+1] = sums[k] + math.Log(p+floor)
	}
	square := 0.0
	for k := range fine {
		from, to := max(0, k-musicSmooth), min(len(power), k+musicSmooth+1)
		fine[k] = sums[k+1] - sums[k] - (sums[to]-sums[from])/float64(to-from)
		square += fine[k] * fine[k]
	}
	length := math.Sqrt(square) + 1e-9
	for k := range fine {
		fine[k] /= length
	}
}

func sum(values []float64) (s float64) {
	for _, v := range values {
		s += v
	}
	return s
}
