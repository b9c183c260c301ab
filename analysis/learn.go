package analysis

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"lydhor/pipeline"
)

// A Lesson is a conversation as people coded it.
type Lesson struct {
	*pipeline.Transcript
	Says map[int]Said // of the turns that people said something of, by number
}

// Said is what people say of one turn.
type Said struct {
	Meaning bool             // whether it is citizen meaning
	Outcome pipeline.Outcome // what came of it; empty where it is none or nobody said
}

// A Trial counts how a coder does on lessons.
type Trial struct {
	Turns    int     `json:"turns"` // that people said something of
	There    int     `json:"there"` // of these citizen meaning
	Found    int     `json:"found"` // by the coder
	Right    int     `json:"right"` // of the found
	Loss     float64 `json:"loss"`  // sum of -log of the probability given to what people say
	Outcomes int     `json:"outcomes"`
	AsPeople int     `json:"outcomes_as_people"` // two-way, told which turns are citizen meaning
}

// Add adds two counts.
func (t Trial) Add(o Trial) Trial {
	return Trial{t.Turns + o.Turns, t.There + o.There, t.Found + o.Found, t.Right + o.Right, t.Loss + o.Loss, t.Outcomes + o.Outcomes, t.AsPeople + o.AsPeople}
}

// F1 is that of finding citizen meaning, 0 where there is none.
func (t Trial) F1() float64 {
	if t.There+t.Found == 0 {
		return 0
	}
	return 2 * float64(t.Right) / float64(t.There+t.Found)
}

// MeanLoss is the loss a turn.
func (t Trial) MeanLoss() float64 { return t.Loss / math.Max(1, float64(t.Turns)) }

// betterThan is the rule by which a model is kept: surer of what people say, and no worse at
// finding it and at what came of it.
func (t Trial) betterThan(o Trial) bool {
	return t.MeanLoss() < o.MeanLoss() && t.F1() >= o.F1() && t.AsPeople >= o.AsPeople
}

// Learned says what came of learning.
type Learned struct {
	Model   *Model `json:"-"`
	Lessons int    `json:"lessons"`
	Turns   int    `json:"turns"`   // labelled, in all lessons
	Fresh   int    `json:"fresh"`   // lessons that the present model was not trained on
	Present Trial  `json:"present"` // on those
	New     Trial  `json:"new"`     // on those, each weighed by what was learned from the others
	Better  bool   `json:"better"`
}

// leastFresh is how many conversations a comparison with the present model needs.
const leastFresh = 3

// Why nothing can be learned.
var (
	ErrNoModel   = errors.New("there is no model in that language to learn from people with")
	ErrFewFresh  = fmt.Errorf("it takes at least %d that the present model has not learned from: decide more of them", leastFresh)
	ErrOneAnswer = errors.New("people said the same of every turn: there is nothing to tell apart")
)

// Learn adapts c, whose model is the starter's, to lessons, and compares it with the present
// coder on lessons that neither learned from: those that the present model did not know, each
// weighed by what was learned from other conversations.
func (c *Coder) Learn(lessons []Lesson, present *Coder) (*Learned, error) {
	if !c.weighsMeaning() || !present.weighsMeaning() {
		return nil, ErrNoModel
	}
	fresh := func(l Lesson) bool { return !slices.Contains(present.model.Trained.Conversations, l.ID) }
	result := &Learned{Lessons: len(lessons)}
	for _, l := range lessons {
		result.Turns += len(l.Says)
		if fresh(l) {
			result.Fresh++
		}
	}
	if result.Fresh < leastFresh {
		return nil, ErrFewFresh
	}
	parts := min(len(lessons), 10)
	for part := range parts {
		var others, left []Lesson
		for i, l := range lessons {
			switch {
			case i%parts != part:
				others = append(others, l)
			case fresh(l):
				left = append(left, l)
			}
		}
		m, err := c.adapt(others)
		if err != nil {
			return nil, err
		}
		for _, l := range left {
			result.Present = result.Present.Add(present.try(l))
			result.New = result.New.Add(c.With(m).try(l))
		}
	}
	var err error
	result.Model, err = c.adapt(lessons)
	result.Better = result.New.betterThan(result.Present)
	return result, err
}

func (c *Coder) weighsMeaning() bool {
	k, there := c.index[pipeline.CitizenMeaning]
	return there && c.regression(k) != nil
}

// held is the penalty on moving a weight away from the starter's: a hundred turns that agree
// move it, ten do not.
const held = 30

// adapt fits the weights near those of c's model.
func (c *Coder) adapt(lessons []Lesson) (*Model, error) {
	m := *c.model
	m.Codes, m.Outcomes = maps.Clone(m.Codes), maps.Clone(m.Outcomes)
	m.Trained.Conversations = slices.Clone(m.Trained.Conversations)
	var meaning, grips, instead []observation
	for _, l := range lessons {
		m.Trained.Conversations = append(m.Trained.Conversations, l.ID)
		in := c.prepare(l.Transcript.Uncoded())
		for i := range in.turns {
			label, is := l.Says[in.turns[i].N]
			if !is {
				continue
			}
			meaning = append(meaning, observation{c.inTalk(in, i), label.Meaning})
			answer := nextAnswer(in.turns, i)
			if _, decided := label.Outcome.TwoWay(); !decided || answer == nil {
				continue
			}
			features := c.pair(in, &in.turns[i], answer)
			grips = append(grips, observation{features, label.Outcome == pipeline.Gripped})
			if label.Outcome == pipeline.Overheard || label.Outcome == pipeline.Overridden {
				instead = append(instead, observation{features, label.Outcome == pipeline.Overridden})
			}
		}
	}
	if !both(meaning) {
		return nil, ErrOneAnswer
	}
	m.Codes[pipeline.CitizenMeaning] = fitNear(meaning, m.Codes[pipeline.CitizenMeaning], held)
	for outcome, data := range map[pipeline.Outcome][]observation{pipeline.Gripped: grips, pipeline.Overridden: instead} {
		if was := m.Outcomes[outcome]; was != nil && len(data) > 0 {
			m.Outcomes[outcome] = fitNear(data, was, held)
		}
	}
	return &m, nil
}

// try counts how c does on a lesson.
func (c *Coder) try(l Lesson) Trial {
	var t Trial
	r := c.regression(c.index[pipeline.CitizenMeaning])
	given := l.Transcript.Uncoded()
	in := c.prepare(given)
	for i := range in.turns {
		label, is := l.Says[in.turns[i].N]
		if !is {
			continue
		}
		z := r.logOdds(c.inTalk(in, i))
		p := r.probability(z)
		if !label.Meaning {
			p = 1 - p
		}
		t.Turns++
		t.Loss -= math.Log(math.Max(p, 1e-9))
		found := z > r.Threshold
		t.There += int(number(label.Meaning))
		t.Found += int(number(found))
		t.Right += int(number(found && label.Meaning))
	}
	for n, label := range l.Says {
		if turn := given.Turn(n); turn != nil && label.Meaning {
			turn.Codes = []pipeline.Code{pipeline.CitizenMeaning}
		}
	}
	c.Outcomes(given)
	for n, label := range l.Says {
		want, decided := label.Outcome.TwoWay()
		turn := given.Turn(n)
		if turn == nil || !decided {
			continue
		}
		got, _ := turn.Outcome.TwoWay()
		t.Outcomes++
		t.AsPeople += int(number(got == want))
	}
	return t
}
