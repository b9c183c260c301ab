package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"lydhor/pipeline"
)

// ears hear the wording of all cues that can matter on a role's turns.
type ears struct {
	cues   []*Cue
	starts map[string][]start // by the word that a pattern begins with
	open   map[string][]start // by the beginning of that word
	any    []start            // patterns that any word can begin
	raw    []*Cue             // cues with regular expressions
}

// start is a pattern of a cue.
type start struct{ cue, pattern int }

func newEars(cues []*Cue) *ears {
	e := &ears{cues: cues, starts: map[string][]start{}, open: map[string][]start{}}
	for i, cue := range cues {
		for j, p := range cue.spoken {
			begins := wordList{words: map[string]bool{}}
			p.beginIn(&begins)
			for w := range begins.words {
				e.starts[w] = append(e.starts[w], start{i, j})
			}
			for _, w := range begins.prefixes {
				if w == "" {
					e.any = append(e.any, start{i, j})
					continue
				}
				e.open[w] = append(e.open[w], start{i, j})
			}
		}
		if len(cue.raw) > 0 {
			e.raw = append(e.raw, cue)
		}
	}
	return e
}

// listen lists the cues whose wording is in h.
func (e *ears) listen(h *heard) []found {
	if e == nil {
		return nil
	}
	var at []occurrence
	for i, w := range h.words {
		at = e.tryAll(at, e.starts[w], h, i)
		for end := range w {
			if end > 0 {
				at = e.tryAll(at, e.open[w[:end]], h, i)
			}
		}
		at = e.tryAll(at, e.open[w], h, i)
		at = e.tryAll(at, e.any, h, i)
	}
	slices.SortFunc(at, func(a, b occurrence) int {
		return cmp.Or(a.cue-b.cue, a.pattern-b.pattern, a.from-b.from, b.to-a.to)
	})
	var list []found
	for n := 0; n < len(at); {
		next := n
		for next < len(at) && at[next].cue == at[n].cue {
			next++
		}
		if f := e.count(at[n:next], h); f.n >= f.cue.Least {
			list = append(list, f)
		}
		n = next
	}
	for _, cue := range e.raw {
		list = hearRaw(list, cue, h.Text)
	}
	return list
}

// occurrence is a pattern that fits words [from, to).
type occurrence struct {
	start
	from, to int
}

func (e *ears) tryAll(list []occurrence, starts []start, h *heard, i int) []occurrence {
	for _, s := range starts {
		cue := e.cues[s.cue]
		from, to := 0, len(h.words)
		switch cue.Where {
		case "start":
			to = min(to, cue.Words)
		case "end":
			from = max(0, to-cue.Words)
		}
		if i < from || i >= to {
			continue
		}
		if n := cue.spoken[s.pattern].reach(h.words[i:to]); n > 0 {
			list = append(list, occurrence{s, i, i + n})
		}
	}
	return list
}

// count counts the occurrences of one cue, up to its max, none over another of the same
// pattern.
func (e *ears) count(at []occurrence, h *heard) found {
	f := found{cue: e.cues[at[0].cue]}
	pattern, end := -1, 0
	for _, o := range at {
		if o.pattern != pattern {
			pattern, end = o.pattern, 0
		}
		if o.from < end || f.n == f.cue.Max {
			continue
		}
		f.text = cmp.Or(f.text, strings.Join(h.words[o.from:o.to], " "))
		f.n++
		end = o.to
	}
	return f
}

// hearRaw adds what the cue's regular expressions find in text.
func hearRaw(list []found, cue *Cue, text string) []found {
	i := slices.IndexFunc(list, func(f found) bool { return f.cue == cue })
	f := found{cue: cue}
	if i >= 0 {
		f = list[i]
	}
	for _, re := range cue.raw {
		if f.n >= cue.Max {
			break
		}
		for _, m := range re.find(text, cue.Max-f.n) {
			f.n++
			f.text = cmp.Or(f.text, strings.TrimSpace(m))
		}
	}
	switch {
	case i >= 0:
		list[i] = f
	case f.n > 0:
		list = append(list, f)
	}
	return list
}

// A hit is a cue that was heard.
type hit struct {
	cue  *Cue
	turn int
	n    int    // times, up to the cue's max
	text string // the first thing heard
}

func (h hit) weight() float64 { return h.cue.Weight * float64(h.n) }

// hits lists the cues of e heard in self, and in the answer where there is one.
func (c *Coder) hits(e Entry, self, answer *heard) []hit {
	var list []hit
	for _, cue := range e.Cues {
		at := self
		if cue.Of == "response" {
			at = answer
		}
		if at == nil {
			continue
		}
		if n, text := c.heardIn(cue, at, self, answer); n > 0 {
			list = append(list, hit{cue, at.N, n, text})
		}
	}
	return list
}

// points is what hits add up to.
func points(hits []hit) (sum float64) {
	for _, h := range hits {
		sum += h.weight()
	}
	return sum
}

// reasons are hits as people read them.
func reasons(hits []hit) []pipeline.Evidence {
	var list []pipeline.Evidence
	for _, h := range hits {
		list = append(list, pipeline.Evidence{Group: h.cue.Group, Text: h.text, Turn: h.turn, Weight: h.weight()})
	}
	return list
}

// heardIn counts how often a cue is heard in at, up to its max, and gives the first thing
// heard: its wording and its feature, both where it has both.
func (c *Coder) heardIn(cue *Cue, at, self, answer *heard) (n int, text string) {
	if cue.Asks != nil && *cue.Asks != at.asks {
		return 0, ""
	}
	worded := len(cue.spoken)+len(cue.raw) > 0
	if worded {
		i := slices.IndexFunc(at.found, func(f found) bool { return f.cue == cue })
		if i < 0 {
			return 0, ""
		}
		n, text = at.found[i].n, at.found[i].text
	}
	if cue.Feature != nil {
		within, said := c.measured(cue.Feature, at, self, answer)
		if !within {
			return 0, ""
		}
		if !worded {
			return 1, said
		}
	}
	if !worded && cue.Asks != nil {
		return 1, "?"
	}
	return n, text
}

// measured reports whether a feature lies within its bounds, and what was measured.
func (c *Coder) measured(f *Feature, at, self, answer *heard) (within bool, said string) {
	value := 0.0
	switch f.Name {
	case "word_count":
		value = float64(len(at.words))
	case "numerals":
		value, said = at.numerals()
	case "echoed":
		value = number(answer != nil && answer.echoesAsked(self))
		if answer != nil {
			said, _, _ = strings.Cut(answer.Text, "?")
			said += "?"
		}
	case "is_continuer":
		value = number(at.continuer)
	case "last_turn":
		value = number(answer == nil)
	case "shared_stems":
		if answer == nil {
			return false, ""
		}
		words := shared(self, answer)
		slices.Sort(words)
		value, said = float64(len(words)), strings.Join(words, ", ")
	case "gap", "overlap_onset":
		if answer == nil {
			return false, ""
		}
		value = (answer.Start - self.End).Seconds()
		if f.Name == "overlap_onset" {
			value = -value
		}
		said = fmt.Sprintf("%.1f s", value)
	case "code_score":
		if k, ok := c.index[pipeline.Code(f.Code)]; ok {
			value = at.scores[k]
		}
	}
	if f.Equals != nil {
		return (value != 0) == *f.Equals, said
	}
	return (f.Min == nil || value >= *f.Min) && (f.Max == nil || value <= *f.Max), said
}
