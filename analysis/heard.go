package analysis

import (
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/english"

	"lydhor/pipeline"
)

// heard is a turn as cues and features see it.
type heard struct {
	*pipeline.Turn
	words     []string
	spaced    string
	stems     map[string]string // content words by their stem
	continuer bool
	scores    map[pipeline.Code]float64 // points of the codes by their cues alone
	weighed   map[pipeline.Code]float64 // the same by the model, once the turn is coded
}

// hear prepares every turn of t, with the points that each code's cues alone give it.
func (c *Coder) hear(t *pipeline.Transcript) []heard {
	list := make([]heard, len(t.Turns))
	for i := range t.Turns {
		turn := &t.Turns[i]
		words := tokens(turn.Text)
		list[i] = heard{
			Turn: turn, words: words, spaced: spaced(words), stems: c.stems(words),
			continuer: c.continues(words), scores: map[pipeline.Code]float64{}, weighed: map[pipeline.Code]float64{},
		}
		for _, e := range c.book.Codes {
			list[i].scores[pipeline.Code(e.ID)], _ = c.points(e, &list[i], nil)
		}
	}
	return list
}

// continues reports whether words are nothing but tokens that hand the floor back.
func (c *Coder) continues(words []string) bool {
	for _, w := range words {
		if !c.continuers[w] {
			return false
		}
	}
	return true
}

// stems are the content words by their Snowball stem: words of some length that say more
// than grammar does.
func (c *Coder) stems(words []string) map[string]string {
	stem := danish.Stem
	if c.book.Language == "en" {
		stem = english.Stem
	}
	stems := map[string]string{}
	for _, w := range words {
		if len([]rune(w)) < 4 || c.grammar[w] {
			continue
		}
		env := snowballstem.NewEnv(w)
		stem(env)
		stems[env.Current()] = w
	}
	return stems
}

// shared lists the words of answer that take up a content word of said: the same stem, or
// one that begins with five letters of the other, as the parts of Danish compounds do.
func shared(said, answer *heard) []string {
	var list []string
	for stem, word := range answer.stems {
		for own := range said.stems {
			if stem == own || len(own) >= 5 && len(stem) >= 5 && (stem[:5] == own[:5]) {
				list = append(list, word)
				break
			}
		}
	}
	return list
}
