package analysis

import "lydhor/pipeline"

// A Failure is an example of a codebook that does not come out as the codebook says.
type Failure struct {
	Entry    string
	Example  Example
	Positive bool // should have been suggested, and was not
}

// TryExamples runs the examples of c's codebook by its cues alone. Low points for a positive
// example mean that no sign was found in it, which is so of many implicit turns.
func (c *Coder) TryExamples() (tried int, failed []Failure) {
	cues := c.With(nil)
	for _, e := range c.book.Codes {
		tried += try(e, &failed, func(x Example) bool { return cues.suggests(e, x) })
	}
	for _, e := range c.book.Outcomes {
		tried += try(e, &failed, func(x Example) bool { return cues.follows(e, x) })
	}
	return tried, failed
}

func try(e Entry, failed *[]Failure, is func(Example) bool) (tried int) {
	for _, x := range e.Examples.Positive {
		if !is(x) {
			*failed = append(*failed, Failure{e.ID, x, true})
		}
	}
	for _, x := range e.Examples.Negative {
		if is(x) {
			*failed = append(*failed, Failure{e.ID, x, false})
		}
	}
	return len(e.Examples.Positive) + len(e.Examples.Negative)
}

// suggests reports whether the cues of a code reach its threshold in the example's turn.
func (c *Coder) suggests(e Entry, x Example) bool {
	turns := c.hear(&pipeline.Transcript{Turns: []pipeline.Turn{{N: 1, Role: e.Roles[0], Text: x.Citizen}}})
	return points(c.hits(e, &turns[0], nil)) >= e.Threshold
}

// follows reports whether the example has the outcome: for the late grip, whether the second
// turn would be one.
func (c *Coder) follows(e Entry, x Example) bool {
	turns := c.hear(&pipeline.Transcript{Turns: []pipeline.Turn{
		{N: 1, Speaker: "A", Role: pipeline.Citizen, Text: x.Citizen},
		{N: 2, Speaker: "B", Role: pipeline.Professional, Text: x.Professional},
	}})
	if pipeline.Outcome(e.ID) == pipeline.GrippedLate {
		return points(c.hits(e, &turns[0], &turns[1])) >= e.Threshold
	}
	best, _, _ := c.outcome(&turns[0], &turns[1])
	return best == pipeline.Outcome(e.ID)
}
