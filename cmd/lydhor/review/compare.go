package review

import (
	"net/http"
	"slices"
	"strings"

	"lydhor/analysis/agreement"
	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// notMeaning is what a comparison calls a turn that is no citizen-meaning utterance.
const notMeaning = "not_meaning"

// compare shows a recording's turns that its coders coded differently, with what each said
// and what they settle on. Coders stay blind to each other until they are done: who has not
// decided every flag sees nothing.
func (s *server) compare(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	t, err := s.shown(r, id)
	if err != nil {
		return err
	}
	if err := s.done(r, t); err != nil {
		return err
	}
	made, err := s.Decisions.Decisions(r.Context(), id, "")
	if err != nil {
		return err
	}
	assigned, err := s.assignments(r.Context(), id)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "compare", comparePage{id, newComparison(t, made, assigned)})
}

type comparePage struct {
	ID string
	comparison
}

// A comparison holds what the coders who are done said of each turn that any of them, or
// the machine, took for a citizen-meaning utterance.
type comparison struct {
	Coders    []string
	Differing []compared
	Alike     int
	Alpha     float64 // Krippendorff's, over those turns
	HasAlpha  bool    // whether it is defined
}

// A compared is one such turn.
type compared struct {
	*pipeline.Turn
	After   []pipeline.Turn // the two turns after it
	Until   pipeline.Span   // from its start to the end of the last of these
	Codings []coding
	Settled *pipeline.Decision
}

// A coding is what one coder said of it.
type coding struct {
	Coder string
	Code  string // an outcome or notMeaning
	Note  string
}

func newComparison(t *pipeline.Transcript, made []pipeline.Decision, assigned map[string]store.Assignment) comparison {
	var c comparison
	standing := map[string]map[int]pipeline.Decision{}
	for coder, own := range pipeline.ByCoder(made) {
		standing[coder] = pipeline.Standing(t, own)
		if pipeline.IsPerson(coder) && isDone(t, standing[coder], assigned, coder) {
			c.Coders = append(c.Coders, coder)
		}
	}
	for coder, a := range assigned { // who took no turn for a citizen-meaning utterance
		if a.Done != nil && standing[coder] == nil && pipeline.IsPerson(coder) {
			c.Coders = append(c.Coders, coder)
		}
	}
	slices.Sort(c.Coders)
	var units []agreement.Unit
	for i := range t.Turns {
		turn := &t.Turns[i]
		unit := compared{Turn: turn, After: t.Turns[i+1 : min(i+3, len(t.Turns))]}
		codes := agreement.Unit{Conversation: t.ID}
		meant := turn.Has(pipeline.CitizenMeaning)
		for _, coder := range c.Coders {
			d := standing[coder][turn.N] // nothing said of a turn the machine did not flag: no such utterance
			code := string(d.Outcome)
			if !d.Meaning {
				code = notMeaning
			}
			meant = meant || d.Meaning
			unit.Codings = append(unit.Codings, coding{coder, code, d.Note})
			codes.Codes = append(codes.Codes, code)
		}
		if !meant || len(c.Coders) < 2 {
			continue
		}
		units = append(units, codes)
		if len(slices.Compact(slices.Sorted(slices.Values(codes.Codes)))) == 1 {
			c.Alike++
			continue
		}
		if d, settled := standing[pipeline.Consensus][turn.N]; settled && d.Decided() {
			unit.Settled = &d
		}
		unit.Until = turn.Span
		for _, after := range unit.After {
			unit.Until.End = max(unit.Until.End, after.End)
		}
		c.Differing = append(c.Differing, unit)
	}
	alpha, err := agreement.AlphaKrippendorff(units)
	c.Alpha, c.HasAlpha = alpha, err == nil
	return c
}

// isDone reports whether a coder has handed in, or has decided every flag where nothing is to
// be handed in.
func isDone(t *pipeline.Transcript, standing map[int]pipeline.Decision, assigned map[string]store.Assignment, coder string) bool {
	if a, is := assigned[coder]; is {
		return a.Done != nil
	}
	return pipeline.Undecided(t, standing) == 0
}

// coderOf is in whose name a decision is made: the caller's own, or the consensus of coders
// who have talked it through.
func (s *server) coderOf(r *http.Request) string {
	if strings.TrimSpace(r.FormValue("as")) == pipeline.Consensus {
		return pipeline.Consensus
	}
	return s.Coder(r)
}
