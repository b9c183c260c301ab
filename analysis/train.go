package analysis

import (
	"errors"

	"lydhor/pipeline"
)

// trained are the codes that a model weighs; the others go by their cues alone.
var trained = []pipeline.Code{pipeline.CitizenMeaning, pipeline.Institutional}

// Train fits a model to coded conversations, in the language and with the cues of c. The same
// conversations give the same model.
func (c *Coder) Train(conversations []*pipeline.Transcript) (*Model, error) {
	m := &Model{Language: c.book.Language, Codebook: c.book.Version, Trained: Training{Penalty: penalty}, Codes: map[pipeline.Code]*Regression{}}
	for _, t := range conversations {
		m.Trained.Conversations = append(m.Trained.Conversations, t.ID)
	}
	for _, e := range c.book.Codes {
		id := pipeline.Code(e.ID)
		if !e.weighed() {
			continue
		}
		var data []observation
		for _, t := range conversations {
			data = append(data, c.observe(e, t)...)
		}
		if !both(data) {
			return nil, errors.New("train: the conversations have no turns with and without " + e.ID + " on the roles that it sits on")
		}
		m.Codes[id] = fit(data, penalty)
	}
	return m, nil
}

// both reports whether there is something to tell apart.
func both(data []observation) bool {
	is, not := false, false
	for _, o := range data {
		is, not = is || o.is, not || !o.is
	}
	return is && not
}

// observe makes an observation of every turn of t that the code can sit on.
func (c *Coder) observe(e Entry, t *pipeline.Transcript) []observation {
	in := newContext(c.hear(t))
	var list []observation
	for i := range in.turns {
		if h := &in.turns[i]; e.sitsOn(h.Role) {
			list = append(list, observation{c.features(e, in, i), h.Has(pipeline.Code(e.ID))})
		}
	}
	return list
}
