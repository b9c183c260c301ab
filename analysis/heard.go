package analysis

import (
	"slices"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/english"

	"lydhor/pipeline"
)

// heard is a turn as cues and features see it.
type heard struct {
	*pipeline.Turn
	words     []string
	stems     []stemmed // of content words, each once
	continuer bool
	cues      map[pipeline.Code][]hit   // of the codes that can sit on the turn by itself
	scores    map[pipeline.Code]float64 // points of the codes by their cues alone
	weighed   map[pipeline.Code]float64 // the same by the model, once the turn is coded
}

// stemmed is a word and its stem.
type stemmed struct{ stem, word string }

// hear prepares every turn of t, with what the cues of the codes find in it.
func (c *Coder) hear(t *pipeline.Transcript) []heard {
	list := make([]heard, len(t.Turns))
	for i := range t.Turns {
		turn := &t.Turns[i]
		words := tokens(turn.Text)
		list[i] = heard{
			Turn: turn, words: words, stems: c.stems(words),
			continuer: c.continues(words), cues: map[pipeline.Code][]hit{},
			scores: map[pipeline.Code]float64{}, weighed: map[pipeline.Code]float64{},
		}
		for _, e := range c.book.Codes {
			if id := pipeline.Code(e.ID); e.sitsOn(turn.Role) && e.Requires == "" {
				list[i].cues[id] = c.hits(e, &list[i], nil)
				list[i].scores[id] = points(list[i].cues[id])
			}
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

// mostStems bounds the content words compared of an endless turn.
const mostStems = 200

// stems are the content words by their Snowball stem: words of some length that say more
// than grammar does.
func (c *Coder) stems(words []string) []stemmed {
	stem := danish.Stem
	if c.book.Language == "en" {
		stem = english.Stem
	}
	var list []stemmed
	for _, w := range words {
		if utf8.RuneCountInString(w) < 4 || c.grammar[w] {
			continue
		}
		env := snowballstem.NewEnv(w)
		stem(env)
		s := stemmed{env.Current(), w}
		if len(list) < mostStems && !slices.ContainsFunc(list, func(o stemmed) bool { return o.stem == s.stem }) {
			list = append(list, s)
		}
	}
	return list
}

// shared lists the words of answer that take up a content word of said: the same stem, or
// one that begins with five letters of the other, as the parts of Danish compounds do.
func shared(said, answer *heard) []string {
	var list []string
	for _, a := range answer.stems {
		for _, own := range said.stems {
			if a.stem == own.stem || len(own.stem) >= 5 && len(a.stem) >= 5 && a.stem[:5] == own.stem[:5] {
				list = append(list, a.word)
				break
			}
		}
	}
	return list
}
