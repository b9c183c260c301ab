package score

import (
	"math"
	"slices"
	"time"

	"lydhor/pipeline"
)

// DER is the diarisation error rate in its parts (NIST RT-09 evaluation plan; md-eval.pl):
// time of reference speech that nobody is said to speak, time said to be speech that is
// none, time given to the wrong speaker, and all reference speech. Where several speak at
// once, each counts.
type DER struct{ Missed, FalseAlarm, Confusion, Total time.Duration }

// Add gives the sum of d and e: of one recording and the next.
func (d DER) Add(e DER) DER {
	return DER{d.Missed + e.Missed, d.FalseAlarm + e.FalseAlarm, d.Confusion + e.Confusion, d.Total + e.Total}
}

// Rate is the share of reference speech that is wrong; above 1 with many false alarms, NaN
// without any reference speech.
func (d DER) Rate() float64 {
	if d.Total == 0 {
		return math.NaN()
	}
	return float64(d.Missed+d.FalseAlarm+d.Confusion) / float64(d.Total)
}

// DEROptions says what of a recording is scored.
type DEROptions struct {
	Region      []pipeline.Span // of a UEM file, apart from each other; nil for all the reference
	Collar      time.Duration   // not scored on both sides of each reference border
	SkipOverlap bool            // score only where at most one reference speaker speaks
}

// Diarisation compares who spoke when in one recording with the reference. Speakers are
// matched one to one so that matched speakers share the most time in the region, before
// collars are taken out, as md-eval does.
func Diarisation(ref, hyp []pipeline.SpeakerTurn, opt DEROptions) DER {
	t := newTimeline(ref, hyp, opt.Region)
	match := assign(t.shared())
	if opt.Collar > 0 {
		t.ignoreCollars(ref, opt.Collar)
	}
	var d DER
	t.each(func(dur time.Duration, refs, hyps []int) {
		if opt.SkipOverlap && len(refs) > 1 {
			return
		}
		right := 0
		for _, r := range refs {
			if slices.Contains(hyps, match[r]) {
				right++
			}
		}
		nref, nhyp := len(refs), len(hyps)
		d.Total += dur * time.Duration(nref)
		d.Missed += dur * time.Duration(max(0, nref-nhyp))
		d.FalseAlarm += dur * time.Duration(max(0, nhyp-nref))
		d.Confusion += dur * time.Duration(min(nref, nhyp)-right)
	})
	return d
}

// shared gives, as costs, the time that each two speakers share.
func (t *timeline) shared() [][]float64 {
	cost := table(len(t.refs), len(t.hyps))
	t.each(func(dur time.Duration, refs, hyps []int) {
		for _, r := range refs {
			for _, h := range hyps {
				cost[r][h] -= float64(dur)
			}
		}
	})
	return cost
}
