package analysis

import (
	"errors"
	"math"

	"lydhor/pipeline"
)

// trained are the codes that a model weighs; others go by their cues alone.
var trained = []pipeline.Code{pipeline.CitizenMeaning, pipeline.Institutional}

// penalties are tried in training. They are high, since there are few conversations and the
// next ones are other people's.
var penalties = []float64{3, 6, 12, 24}

// folds is how many parts the conversations are cut into to choose a penalty and a threshold:
// every one is weighed by what was trained on the others.
const folds = 5

// leastTalks is in how many conversations a word is said that is weighed by itself.
const leastTalks = 10

// Train fits a model to coded conversations, in the language and with the cues of c. Penalties
// and thresholds are chosen by cross-validation inside. The same conversations give the same
// model.
func (c *Coder) Train(conversations []*pipeline.Transcript) (*Model, error) {
	m := &Model{Language: c.book.Language, Codebook: c.book.Version,
		Codes: map[pipeline.Code]*Regression{}, Alone: map[pipeline.Code]*Regression{}, Outcomes: map[pipeline.Outcome]*Regression{}}
	var talks []*context
	for _, t := range conversations {
		m.Trained.Conversations = append(m.Trained.Conversations, t.ID)
		talks = append(talks, newContext(c.hear(t)))
	}
	trainee := *c
	trainee.lexicon = commonWords(talks, leastTalks)
	c = &trainee
	for i, t := range conversations {
		talks[i] = newContext(c.hear(t))
		c.measure(talks[i])
	}
	for _, id := range trained {
		k, ok := c.index[id]
		if !ok {
			continue
		}
		r, err := c.trainAlone(talks, k)
		if err != nil {
			return nil, err
		}
		m.Alone[id] = r
	}
	for _, id := range trained {
		k, r := c.index[id], m.Alone[id]
		if r == nil {
			continue
		}
		data := c.observe(talks, k, true)
		m.Codes[id] = fit(flat(data), r.Penalty)
		m.Codes[id].Threshold, m.Codes[id].LeftOutF1 = bestThreshold(data, r.Penalty)
	}
	m.Outcomes = c.trainOutcomes(talks)
	return m, nil
}

// trainAlone fits the weights of code k on turns by themselves, and leaves on every turn what
// the folds without it make of it.
func (c *Coder) trainAlone(talks []*context, k int) (*Regression, error) {
	data := c.observe(talks, k, false)
	if !both(flat(data)) {
		return nil, errors.New("train: the conversations have no turns with and without " + c.book.Codes[k].ID + " on the roles that it sits on")
	}
	penalty := bestPenalty(data)
	weighed := crossed(data, penalty)
	for t, in := range talks {
		n := 0
		for i := range in.turns {
			if c.carries(&in.turns[i], k) {
				in.turns[i].alone[k] = logistic(weighed[t][n])
				n++
			}
		}
	}
	return fit(flat(data), penalty), nil
}

// carries reports whether code k can sit on h, given the codes that h has.
func (c *Coder) carries(h *heard, k int) bool {
	e := c.book.Codes[k]
	return e.sitsOn(h.Role) && (e.Requires == "" || h.Has(pipeline.Code(e.Requires)))
}

// observe makes observations, talk by talk, of every turn that code k can sit on.
func (c *Coder) observe(talks []*context, k int, around bool) [][]observation {
	data := make([][]observation, len(talks))
	for t, in := range talks {
		for i := range in.turns {
			h := &in.turns[i]
			if !c.carries(h, k) {
				continue
			}
			features := h.features
			if around {
				features = c.inTalk(in, i)
			}
			data[t] = append(data[t], observation{features, h.Has(pipeline.Code(c.book.Codes[k].ID))})
		}
	}
	return data
}

func flat(data [][]observation) (list []observation) {
	for _, d := range data {
		list = append(list, d...)
	}
	return list
}

// both reports whether there is something to tell apart.
func both(data []observation) bool {
	is, not := false, false
	for _, o := range data {
		is, not = is || o.is, not || !o.is
	}
	return is && not
}

// crossed gives the log odds of every observation by a fit to the talks in other folds.
func crossed(data [][]observation, penalty float64) [][]float64 {
	list := make([][]float64, len(data))
	for fold := range min(folds, len(data)) {
		var others []observation
		for t, d := range data {
			if t%folds != fold {
				others = append(others, d...)
			}
		}
		r := fit(others, penalty)
		for t := fold; t < len(data); t += folds {
			for _, o := range data[t] {
				list[t] = append(list[t], r.logOdds(o.features))
			}
		}
	}
	return list
}

// bestPenalty is the penalty with the highest likelihood on talks that were left out.
func bestPenalty(data [][]observation) (best float64) {
	highest := math.Inf(-1)
	for _, penalty := range penalties {
		likelihood := 0.0
		for t, odds := range crossed(data, penalty) {
			for i, z := range odds {
				if !data[t][i].is {
					z = -z
				}
				likelihood += math.Log(logistic(z))
			}
		}
		if likelihood > highest {
			best, highest = penalty, likelihood
		}
	}
	return best
}

// bestThreshold is the mean of two estimates of where F1 is highest, on talks that were left
// out: where it was, and half that F1 in log odds, where it would be if the log odds were true
// (Lipton, Elkan and Naryanaswamy 2014). The first alone is ragged. That highest F1 is given too.
func bestThreshold(data [][]observation, penalty float64) (threshold, highest float64) {
	odds := crossed(data, penalty)
	at := 0.0
	for step := -20; step <= 10; step++ {
		over := float64(step) / 10
		var found, right, there float64
		for t := range odds {
			for i, z := range odds[t] {
				found += number(z > over)
				right += number(z > over && data[t][i].is)
				there += number(data[t][i].is)
			}
		}
		if f1 := 2 * right / math.Max(1, found+there); f1 > highest {
			highest, at = f1, over
		}
	}
	half := max(0.1, highest/2)
	return math.Round(50*(at+math.Log(half/(1-half)))) / 100, math.Round(1000*highest) / 1000
}
