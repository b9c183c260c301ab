package score

import "lydhor/pipeline"

// Hits counts what was found of what is there.
type Hits struct{ True, False, Missed int }

// Add adds two counts.
func (h Hits) Add(o Hits) Hits { return Hits{h.True + o.True, h.False + o.False, h.Missed + o.Missed} }

func (h *Hits) count(ref, hyp bool) {
	switch {
	case ref && hyp:
		h.True++
	case hyp:
		h.False++
	case ref:
		h.Missed++
	}
}

// Precision, Recall and F1 are 0 where nothing was found.
func (h Hits) Precision() float64 { return ratio(h.True, h.True+h.False) }

// Recall is the share of what is there that was found.
func (h Hits) Recall() float64 { return ratio(h.True, h.True+h.Missed) }

// F1 is the harmonic mean of precision and recall.
func (h Hits) F1() float64 { return ratio(2*h.True, 2*h.True+h.False+h.Missed) }

func ratio(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// A Confusion counts pairs of reference and hypothesis.
type Confusion map[[2]pipeline.Outcome]int

// Accuracy is the share of pairs that agree.
func (c Confusion) Accuracy() float64 {
	agree := 0
	for pair, n := range c {
		if pair[0] == pair[1] {
			agree += n
		}
	}
	return ratio(agree, c.N())
}

// N is the number of pairs.
func (c Confusion) N() (n int) {
	for _, k := range c {
		n += k
	}
	return n
}

// MacroF1 is the mean F1 of the outcomes that the reference has.
func (c Confusion) MacroF1() float64 {
	each := map[pipeline.Outcome]Hits{}
	for pair, n := range c {
		if pair[0] == pair[1] {
			each[pair[0]] = each[pair[0]].Add(Hits{True: n})
			continue
		}
		each[pair[0]] = each[pair[0]].Add(Hits{Missed: n})
		each[pair[1]] = each[pair[1]].Add(Hits{False: n})
	}
	sum, outcomes := 0.0, 0
	for _, h := range each {
		if h.True+h.Missed > 0 {
			sum += h.F1()
			outcomes++
		}
	}
	if outcomes == 0 {
		return 0
	}
	return sum / float64(outcomes)
}

// Coding is how well turns are coded.
type Coding struct {
	Codes   map[pipeline.Code]Hits
	TwoWay  Confusion                 // of outcomes, told which turns are citizen meaning; open left out
	FiveWay Confusion                 // the same in full
	Flagged map[pipeline.Outcome]Hits // end to end: the right turn with the right two-way outcome
}

// CodesOf compares hyp with ref turn by turn; given is ref's citizen-meaning turns with
// outcomes proposed by whom is scored. All have the same turns.
func CodesOf(ref, hyp, given *pipeline.Transcript) Coding {
	c := newCoding()
	for i := range ref.Turns {
		r, h, g := &ref.Turns[i], &hyp.Turns[i], &given.Turns[i]
		for _, code := range []pipeline.Code{pipeline.CitizenMeaning, pipeline.LabourMarketPerspective, pipeline.Institutional} {
			hits := c.Codes[code]
			hits.count(r.Has(code), h.Has(code))
			c.Codes[code] = hits
		}
		want, decided := r.Outcome.TwoWay()
		got, _ := h.Outcome.TwoWay()
		for _, outcome := range []pipeline.Outcome{pipeline.Gripped, pipeline.Overridden} {
			hits := c.Flagged[outcome]
			hits.count(want == outcome, got == outcome)
			c.Flagged[outcome] = hits
		}
		if r.Has(pipeline.CitizenMeaning) {
			c.FiveWay[[2]pipeline.Outcome{r.Outcome, g.Outcome}]++
			if two, _ := g.Outcome.TwoWay(); decided {
				c.TwoWay[[2]pipeline.Outcome{want, two}]++
			}
		}
	}
	return c
}

func newCoding() Coding {
	return Coding{map[pipeline.Code]Hits{}, Confusion{}, Confusion{}, map[pipeline.Outcome]Hits{}}
}

// Add gives what both conversations, or sets of them, gave.
func (c Coding) Add(o Coding) Coding {
	sum := newCoding()
	for _, part := range []Coding{c, o} {
		for code, hits := range part.Codes {
			sum.Codes[code] = sum.Codes[code].Add(hits)
		}
		for outcome, hits := range part.Flagged {
			sum.Flagged[outcome] = sum.Flagged[outcome].Add(hits)
		}
		for pair, n := range part.TwoWay {
			sum.TwoWay[pair] += n
		}
		for pair, n := range part.FiveWay {
			sum.FiveWay[pair] += n
		}
	}
	return sum
}
