package diarise

import (
	"math"
	"slices"

	"lydhor/pipeline"
)

// A segment is a short stretch of speech taken to be one speaker's: frames [from, to).
type segment struct {
	from, to int
	voice    gaussian // of its louder frames: the pauses between syllables sound like nobody
}

const (
	longestSegment  = 300 // frames; what is longer is cut where the voice changes most
	shortestSegment = 60
)

// segments cuts speech into segments, by halving each stretch where the two sides differ most
// (generalised likelihood ratio, Gish and Schmidt 1994).
func segments(f *features, speech []pipeline.Span) []segment {
	var out []segment
	for _, s := range speech {
		from, to := int(s.Start/frameDur), min(int(s.End/frameDur), len(f.frames))
		limit := loudPart(f.level[from:to])
		out = f.halve(out, from, to, limit)
	}
	return out
}

// loudPart is the level that the louder three quarters of the frames have.
func loudPart(level []float32) float32 {
	if len(level) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(level))[len(level)/4]
}

func (f *features) halve(out []segment, from, to int, limit float32) []segment {
	if to-from <= 0 {
		return out
	}
	if to-from > longestSegment*4 { // keep the search for a cut from growing with the square
		middle := (from + to) / 2
		return f.halve(f.halve(out, from, middle, limit), middle, to, limit)
	}
	cut, gain := f.cut(from, to, limit)
	if cut > 0 && (to-from > longestSegment || gain > 0) {
		return f.halve(f.halve(out, from, cut, limit), cut, to, limit)
	}
	return append(out, segment{from, to, f.gaussian(from, to, limit)})
}

// gaussian is of the frames [from, to) that reach limit.
func (f *features) gaussian(from, to int, limit float32) gaussian {
	var g gaussian
	for i := from; i < to; i++ {
		if f.level[i] >= limit {
			g.put(&f.frames[i])
		}
	}
	return g
}

// cut is where [from, to) falls best into two voices, zero where it is too short for that,
// and by how much two Gaussians then cost less than one, their own cost (BIC, Chen and
// Gopalakrishnan 1998) counted.
func (f *features) cut(from, to int, limit float32) (at int, gain float64) {
	const grid = 20 // frames between the places tried
	if to-from < 2*shortestSegment {
		return 0, 0
	}
	whole := f.gaussian(from, to, limit)
	left, right := f.gaussian(from, from+shortestSegment, limit), gaussian{}
	gain = math.Inf(-1)
	for i := from + shortestSegment; i <= to-shortestSegment; i += grid {
		right = whole
		right.sub(&left)
		if g := whole.cost() - left.cost() - right.cost() - penalty(whole.n); g > gain {
			at, gain = i, g
		}
		next := f.gaussian(i, min(i+grid, to), limit)
		left.add(&next)
	}
	return at, gain
}

// penalty is what a Gaussian more has to gain on n frames.
func penalty(n float64) float64 { return lambda * parameters / 2 * math.Log(max(n, 2)) }

const lambda = 1.5
