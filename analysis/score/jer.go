package score

import (
	"math"
	"time"

	"lydhor/pipeline"
)

// JER is the Jaccard error rate (Ryant and others, DIHARD II evaluation plan, 2019): for
// each reference speaker the share of the time in which either that speaker or the matched
// one speaks, but not both. Every speaker counts the same, however little is said.
type JER struct {
	Errors   float64 // sum over the speakers of each one's rate
	Speakers int     // in the references
}

// Add gives the sum of j and k: of one recording and the next.
func (j JER) Add(k JER) JER { return JER{j.Errors + k.Errors, j.Speakers + k.Speakers} }

// Rate is the mean over reference speakers, in [0, 1]; NaN where there is none.
func (j JER) Rate() float64 {
	if j.Speakers == 0 {
		return math.NaN()
	}
	return j.Errors / float64(j.Speakers)
}

// frame is the step in which dscore counts.
const frame = 10 * time.Millisecond

// Jaccard compares who spoke when in one recording with the reference, inside region (nil
// for all the reference), in frames of 10 ms as dscore does. Overlap counts; there is no
// collar.
func Jaccard(ref, hyp []pipeline.SpeakerTurn, region []pipeline.Span) JER {
	t := newTimeline(ref, hyp, region)
	for i := range t.changes {
		t.changes[i].at = (t.changes[i].at + frame - 1).Truncate(frame) // frames that begin inside
	}
	refTime, hypTime := make([]float64, len(t.refs)), make([]float64, len(t.hyps))
	t.each(func(dur time.Duration, refs, hyps []int) {
		for _, r := range refs {
			refTime[r] += float64(dur)
		}
		for _, h := range hyps {
			hypTime[h] += float64(dur)
		}
	})
	cost := t.shared()
	for r := range cost {
		for h := range cost[r] {
			both := -cost[r][h]
			if either := refTime[r] + hypTime[h] - both; either > 0 {
				cost[r][h] = -both / either
			}
		}
	}
	var j JER
	for r, h := range assign(cost) {
		if refTime[r] == 0 {
			continue
		}
		j.Speakers++
		j.Errors++
		if h >= 0 {
			j.Errors += cost[r][h]
		}
	}
	return j
}
