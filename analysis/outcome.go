package analysis

import (
	"math"
	"slices"
	"strings"

	"lydhor/pipeline"
)

// decideAll decides every citizen-meaning turn.
func (c *Coder) decideAll(in *context) {
	for i := range in.turns {
		if in.turns[i].Has(pipeline.CitizenMeaning) {
			c.decide(in, i)
		}
	}
}

// A verdict is an outcome, the turn that decides it, how sure that is, and why.
type verdict struct {
	outcome    pipeline.Outcome
	by         *heard
	confidence float64
	evidence   []pipeline.Evidence
}

// decide proposes what happened after the citizen-meaning turn i: by the next substantial
// professional turn, or a late grip further on.
func (c *Coder) decide(in *context, i int) {
	self, answer := &in.turns[i], nextAnswer(in.turns, i)
	v := c.answered(in, self, answer)
	if v.outcome == pipeline.Overheard || v.outcome == pipeline.Overridden {
		if late, why := c.gripLater(in.turns, i, answer); late != nil {
			v = verdict{pipeline.GrippedLate, late, v.confidence, why}
		}
	}
	self.Outcome = v.outcome
	if v.by != nil && v.outcome != pipeline.Open {
		self.OutcomeTurn = v.by.N
	}
	self.Evidence[pipeline.OutcomeKey], self.Confidence[pipeline.OutcomeKey] = v.evidence, v.confidence
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

// answered decides what one answer makes of self, all but the late grip.
func (c *Coder) answered(in *context, self, answer *heard) verdict {
	best, evidence, lead := c.outcome(self, answer)
	if answer == nil || best == pipeline.Open || c.model == nil || c.model.Outcomes[pipeline.Gripped] == nil {
		return verdict{best, answer, logistic(lead), evidence}
	}
	features := c.pair(in, self, answer)
	grip, instead := c.model.Outcomes[pipeline.Gripped], c.model.Outcomes[pipeline.Overridden]
	p := grip.probability(grip.logOdds(features))
	if p > 0.5 {
		return verdict{pipeline.Gripped, answer, p, grip.evidence(features, answer.N)}
	}
	q := instead.probability(instead.logOdds(features))
	if q > 0.5 {
		return verdict{pipeline.Overridden, answer, (1 - p) * q, instead.evidence(features, answer.N)}
	}
	return verdict{pipeline.Overheard, answer, (1 - p) * (1 - q), negated(grip.evidence(features, answer.N))}
}

// negated turns what speaks for one thing into what speaks against the other.
func negated(list []pipeline.Evidence) []pipeline.Evidence {
	for i := range list {
		list[i].Weight = -list[i].Weight
	}
	return list
}

// outcome weighs by their cues the outcomes that one answer can have, all but the late grip,
// and says by how many points the best leads.
func (c *Coder) outcome(self, answer *heard) (best pipeline.Outcome, evidence []pipeline.Evidence, lead float64) {
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

// pair are what is heard and measured of an answer to self: the cues of the outcomes, how
// much it takes up, its words, and its place in time.
func (c *Coder) pair(in *context, self, answer *heard) []feature {
	m := make(measure, 0, 48)
	seen := map[string]bool{}
	for _, e := range c.book.Outcomes {
		if id := pipeline.Outcome(e.ID); id == pipeline.GrippedLate || id == pipeline.Open {
			continue
		}
		hits := c.hits(e, self, answer)
		m.add(pointsOf+e.Label.DA, points(hits), "")
		for _, hit := range hits {
			if f := hit.cue.Feature; !seen[hit.cue.Group] && (f == nil || f.Name != "code_score") {
				seen[hit.cue.Group] = true
				m.add(hit.cue.Group, float64(hit.n), hit.text)
			}
		}
	}
	if k, ok := c.index[pipeline.Institutional]; ok {
		m.add("svaret er en institutionel tur", answer.alone[k], "")
	}
	words := shared(self, answer)
	slices.Sort(words)
	m.add("tager borgerens ord op", math.Min(3, float64(len(words))), strings.Join(words, ", "))
	m.add("gentager en stor del af borgerens ord", repeated(self, answer), "")
	m.kinds(answer)
	n := float64(len(answer.words))
	m.add("turens længde", math.Log1p(n), "")
	m.add("spørger", number(answer.asks), "?")
	m.add("spørger åbent", number(answer.opens()), "?")
	m.add("spørger som et skema", number(answer.field()), answer.Text)
	numerals, said := answer.numerals()
	m.add("nævner tal", math.Min(3, numerals), said)
	m.add("begynder med så", number(len(answer.words) > 0 && answer.words[0] == "så"), "så")
	m.add("begynder med borgeren: du", number(you.hears(answer.words[:min(4, len(answer.words))])), "du")
	m.add("begynder med sig selv", number(selfFirst.hears(answer.words[:min(4, len(answer.words))])), "jeg")
	return c.kept(m)
}

var you = newWordList("du dig din dit dine")

// repeated is the share of self's different words that answer says again.
func repeated(self, answer *heard) float64 {
	if len(self.words) == 0 {
		return 0
	}
	n := 0
	for i, w := range self.words {
		if !slices.Contains(self.words[:i], w) && slices.Contains(answer.words, w) {
			n++
		}
	}
	return float64(n) / float64(len(self.words))
}

// trainOutcomes fits when an answer grips, and where it does not, whether something
// institutional takes the place. It gives nothing where too little is labelled.
func (c *Coder) trainOutcomes(talks []*context) map[pipeline.Outcome]*Regression {
	grips, instead := make([][]observation, len(talks)), make([][]observation, len(talks))
	for t, in := range talks {
		for i := range in.turns {
			self := &in.turns[i]
			answer := nextAnswer(in.turns, i)
			if self.Outcome == "" || self.Outcome == pipeline.Open || answer == nil {
				continue
			}
			features := c.pair(in, self, answer)
			grips[t] = append(grips[t], observation{features, self.Outcome == pipeline.Gripped})
			if self.Outcome != pipeline.Gripped {
				instead[t] = append(instead[t], observation{features, self.Outcome == pipeline.Overridden || self.Outcome == pipeline.GrippedLate && answer.Has(pipeline.Institutional)})
			}
		}
	}
	if !both(flat(grips)) || !both(flat(instead)) {
		return nil
	}
	return map[pipeline.Outcome]*Regression{
		pipeline.Gripped:    fit(flat(grips), bestPenalty(grips)),
		pipeline.Overridden: fit(flat(instead), bestPenalty(instead)),
	}
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
