package analysis

import (
	"maps"

	"lydhor/pipeline"
)

// decideAll decides every citizen-meaning turn. How institutional an answer is, an outcome
// asks of the model where there is one, on the scale of the codebook's points.
func (c *Coder) decideAll(in *context) {
	for i := range in.turns {
		maps.Copy(in.turns[i].scores, in.turns[i].weighed)
	}
	for i := range in.turns {
		if in.turns[i].Has(pipeline.CitizenMeaning) {
			c.decide(in.turns, i)
		}
	}
}

// decide proposes what happened after the citizen-meaning turn i: the outcome with the most
// points on the next substantial professional turn, or a late grip further on.
func (c *Coder) decide(turns []heard, i int) {
	self := &turns[i]
	answer := nextAnswer(turns, i)
	best, evidence, margin := c.outcome(self, answer)
	deciding := answer
	if best == pipeline.Overheard || best == pipeline.Overridden {
		if late, why := c.gripLater(turns, i, answer); late != nil {
			best, deciding, evidence = pipeline.GrippedLate, late, why
		}
	}
	self.Outcome = best
	if deciding != nil && best != pipeline.Open {
		self.OutcomeTurn = deciding.N
	}
	self.Evidence[pipeline.OutcomeKey], self.Confidence[pipeline.OutcomeKey] = evidence, logistic(margin)
}

// nextAnswer is the next professional turn that is more than a continuer; nil where the talk
// ends first.
func nextAnswer(turns []heard, i int) *heard {
	for j := i + 1; j < len(turns); j++ {
		if turns[j].Role == pipeline.Professional && !turns[j].continuer {
			return &turns[j]
		}
	}
	return nil
}

// outcome weighs the outcomes that one answer can have, all but the late grip, and says by
// how many points the best leads.
func (c *Coder) outcome(self, answer *heard) (best pipeline.Outcome, evidence []pipeline.Evidence, margin float64) {
	best = pipeline.Open
	first, second := 0.0, 0.0
	for _, e := range c.book.Outcomes {
		if pipeline.Outcome(e.ID) == pipeline.GrippedLate {
			continue
		}
		hits := c.hits(e, self, answer)
		if sum := points(hits); sum > first {
			best, evidence, first, second = pipeline.Outcome(e.ID), reasons(hits), sum, first
		} else {
			second = max(second, sum)
		}
	}
	return best, evidence, first - second
}

// furthestGrip is how many turns on a late grip is looked for at most, so that the time taken
// is linear in the length of the talk: half an hour and more.
const furthestGrip = 500

// gripLater looks for a professional turn after the first answer that takes the content up.
func (c *Coder) gripLater(turns []heard, i int, answer *heard) (late *heard, evidence []pipeline.Evidence) {
	if answer == nil {
		return nil, nil
	}
	last := min(len(turns), i+1+furthestGrip)
	if window := c.book.Settings.LateWindowTurns; window != nil {
		last = min(last, i+1+*window)
	}
	for _, e := range c.book.Outcomes {
		if pipeline.Outcome(e.ID) != pipeline.GrippedLate {
			continue
		}
		for j := max(answer.N, i+c.book.Settings.LateMinTurns); j < last; j++ {
			h := &turns[j]
			if h.Role != pipeline.Professional || h.continuer {
				continue
			}
			if hits := c.hits(e, &turns[i], h); points(hits) >= e.Threshold {
				return h, reasons(hits)
			}
		}
	}
	return nil, nil
}
