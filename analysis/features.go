package analysis

import (
	"math"
	"slices"
	"strings"

	"lydhor/pipeline"
)

// context is what of a talk a turn's features look at beside the turn.
type context struct {
	turns []heard
	mean  map[string]float64 // words a turn, by speaker
	first map[string]int     // turn in which each stem was first used
}

func newContext(turns []heard) *context {
	c := &context{turns: turns, mean: map[string]float64{}, first: map[string]int{}}
	count := map[string]float64{}
	for i := range turns {
		h := &turns[i]
		c.mean[h.Speaker] += float64(len(h.words))
		count[h.Speaker]++
		for _, s := range h.stems {
			if _, used := c.first[s.stem]; !used {
				c.first[s.stem] = i
			}
		}
	}
	for speaker, n := range count {
		c.mean[speaker] /= n
	}
	return c
}

// before is the turn of another speaker before turn i that is more than a continuer, and
// whether only continuers lie between.
func (c *context) before(i int) (answered *heard, continued bool) {
	for j := i - 1; j >= 0; j-- {
		h := &c.turns[j]
		if h.Speaker == c.turns[i].Speaker {
			continued = true
			continue
		}
		if !h.continuer {
			return h, continued
		}
		continued = true
	}
	return nil, continued
}

// phase is how much the speaker's turns around turn i speak for a code: filling a form and
// telling a story go on over several turns.
func (c *context) phase(i int, code pipeline.Code) float64 {
	sum, n := 0.0, 0.0
	for _, step := range []int{-1, 1} {
		for j, left := i+step, 2; left > 0 && j >= 0 && j < len(c.turns); j += step {
			if h := &c.turns[j]; h.Role == c.turns[i].Role && !h.continuer {
				sum += math.Max(-1, math.Min(2, h.scores[code]))
				n++
				left--
			}
		}
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

// echoes reports whether turn i begins by repeating what was just said, and asks nothing.
func echoes(in *context, i int) bool {
	answered, _ := in.before(i)
	if answered == nil || len(in.turns[i].words) == 0 || strings.Contains(in.turns[i].Text, "?") {
		return false
	}
	said := map[string]bool{}
	for _, w := range answered.words {
		said[w] = true
	}
	first := in.turns[i].words[:min(2, len(in.turns[i].words))]
	for _, w := range first {
		if !said[w] {
			return false
		}
	}
	return true
}

// features are what is heard and measured of turn i: the codebook's cues for the code, the
// turn's form, and what it follows.
func (c *Coder) features(e Entry, in *context, i int) []feature {
	h := &in.turns[i]
	var list []feature
	add := func(name string, value float64, text string) {
		if value != 0 {
			list = append(list, feature{name, value, text})
		}
	}
	for _, hit := range h.cues[pipeline.Code(e.ID)] {
		add("tegn: "+hit.cue.Group, float64(hit.n), hit.text)
	}
	add("kodebogens point", h.scores[pipeline.Code(e.ID)], "")
	n := float64(len(h.words))
	add("længde", math.Log1p(n), "")
	add("længde over egen", math.Log((n+1)/(in.mean[h.Speaker]+1)), "")
	add("under fire ord", number(n < 4), "")
	for _, l := range lexicon {
		hits, text := l.hits(h.words)
		add("ord: "+l.name, math.Min(3, hits), text)
	}
	claim := h.words
	if len(claim) > 0 && answers.has(claim[0]) {
		claim = claim[1:]
	}
	add("siger mere end svaret", number(len(claim) >= 4 && len(claim) < len(h.words)), "")
	add("om jeg", number(selfFirst.hears(claim[:min(3, len(claim))])), "")
	add("spørger", number(strings.Contains(h.Text, "?")), "?")
	add("tal", number(strings.ContainsAny(h.Text, "0123456789")), "")
	add("tøver", math.Min(3, float64(strings.Count(h.Text, "...")+strings.Count(h.Text, "…"))), "...")
	fresh := 0.0
	for _, s := range h.stems {
		if in.first[s.stem] == i {
			fresh++
		}
	}
	add("nye emneord", math.Min(2, fresh/4), "")
	add("nær begyndelsen", number(i < 8), "")
	add("nær slutningen", number(len(in.turns)-i <= 8), "")

	for _, other := range c.book.Codes {
		if other.sitsOn(h.Role) && other.Requires == "" {
			add("fase: "+other.ID, in.phase(i, pipeline.Code(other.ID)), "")
		}
	}
	add("gentager og lukker", number(echoes(in, i)), "")
	add("lukker", number(closes.hears(h.words[max(0, len(h.words)-2):])), "")
	add("spørger lukket", number(strings.Contains(h.Text, "?") && !openQuestion.hears(h.words)), "")

	answered, continued := in.before(i)
	add("fortsætter egen tale", number(continued), "")
	if answered == nil {
		return list
	}
	add("efter åbent spørgsmål", number(openQuestion.hears(answered.words) && strings.Contains(answered.Text, "?")), "")
	add("efter spørgsmål", number(strings.Contains(answered.Text, "?")), "")
	words := shared(answered, h)
	slices.Sort(words)
	add("tager ord op", math.Min(3, float64(len(words))), strings.Join(words, ", "))
	for _, other := range c.book.Codes {
		if id := pipeline.Code(other.ID); id == pipeline.Institutional && h.Role == pipeline.Citizen {
			add("efter institutionel tur", math.Max(-1, math.Min(2, answered.scores[id])), "")
		}
	}
	return list
}
