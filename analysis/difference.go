package analysis

import (
	"slices"

	"lydhor/pipeline"
)

// A Difference is what one turn is coded as before an edit and after it.
type Difference struct {
	Conversation string `json:"conversation"`
	Turn         int    `json:"turn"`
	Of           string `json:"of"`     // a code, or "outcome"
	Before       string `json:"before"` // the outcome, or "yes"; empty for none
	After        string `json:"after"`
}

// Differences lists where before and after, two codings of the same turns, code a turn
// differently: first the codes of a turn, then its outcome.
func Differences(before, after *pipeline.Transcript) []Difference {
	var list []Difference
	for i := range before.Turns {
		b, a := &before.Turns[i], &after.Turns[i]
		codes := slices.Concat(b.Codes, a.Codes)
		slices.Sort(codes)
		for _, code := range slices.Compact(codes) {
			if b.Has(code) != a.Has(code) {
				list = append(list, Difference{before.ID, b.N, string(code), has(b, code), has(a, code)})
			}
		}
		if b.Outcome != a.Outcome {
			list = append(list, Difference{before.ID, b.N, pipeline.OutcomeKey, string(b.Outcome), string(a.Outcome)})
		}
	}
	return list
}

func has(t *pipeline.Turn, code pipeline.Code) string {
	if t.Has(code) {
		return "yes"
	}
	return ""
}

// By gives a coder like c that goes by another codebook. A cue that c's model was not trained
// with counts through the points of its code.
func (c *Coder) By(book *Codebook) *Coder { return New(book).With(c.model) }

// Model is what c weighs by; nil where it goes by cues alone.
func (c *Coder) Model() *Model { return c.model }

// Continues reports whether a text is nothing but tokens that hand the floor back, or empty:
// a turn that no coder is to code.
func (c *Coder) Continues(text string) bool { return c.continues(tokens(text)) }
