package analysis

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"lydhor/pipeline"
)

// heard is a turn as cues and features see it.
type heard struct {
	*pipeline.Turn
	words     []string
	known     []word
	stems     []stemmed // of content words, each once
	continuer bool
	asks      bool      // a question, by its mark or by its form
	found     []found   // cues whose wording is in it
	cues      [][]hit   // by code, of those that can sit on the turn
	scores    []float64 // by code: points of the cues
	features  []feature // of the turn, where a model weighs a code on it
	alone     []float64 // by code: how likely by the turn itself; 0 where no model weighs it
}

// stemmed is a word and its stem.
type stemmed struct{ stem, word string }

// found is a cue whose wording stands n times in a turn, the first time as text.
type found struct {
	cue  *Cue
	n    int
	text string
}

// hear prepares every turn of t, with what the cues of the codes find in it.
func (c *Coder) hear(t *pipeline.Transcript) []heard {
	list := make([]heard, len(t.Turns))
	seen := map[string]word{}
	codes := len(c.book.Codes)
	numbers := make([]float64, 2*codes*len(list))
	for i := range t.Turns {
		h := &list[i]
		h.Turn = &t.Turns[i]
		h.words = tokens(h.Text)
		h.known = make([]word, len(h.words))
		for j, w := range h.words {
			h.known[j] = c.known(w, seen)
		}
		h.stems = contentOf(h)
		h.continuer = c.continues(h.words)
		h.asks = asks(h)
		h.found = c.ears[h.Role].listen(h)
		h.cues = make([][]hit, codes)
		h.scores, h.alone, numbers = numbers[:codes], numbers[codes:2*codes], numbers[2*codes:]
		for k, e := range c.book.Codes {
			if e.sitsOn(h.Role) {
				h.cues[k] = c.hits(e, h, nil)
				h.scores[k] = points(h.cues[k])
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

// contentOf are the content words by their Snowball stem: words of some length that say more
// than grammar does.
func contentOf(h *heard) []stemmed {
	var list []stemmed
	for i, k := range h.known {
		s := stemmed{k.stem, h.words[i]}
		if k.stem != "" && len(list) < mostStems && !slices.ContainsFunc(list, func(o stemmed) bool { return o.stem == s.stem }) {
			list = append(list, s)
		}
	}
	return list
}

// shared lists the words of answer that take up a content word of said: the same stem, or a
// part of a compound.
func shared(said, answer *heard) []string {
	var list []string
	for _, a := range answer.stems {
		for _, own := range said.stems {
			if akin(a.stem, own.stem) {
				list = append(list, a.word)
				break
			}
		}
	}
	return list
}

// akin reports whether two stems are the same, begin with the same five letters, or one is
// the last part of the other.
func akin(a, b string) bool {
	switch {
	case a == b:
		return true
	case len(a) < 5 || len(b) < 5:
		return false
	}
	return a[:5] == b[:5] || strings.HasSuffix(a, b) || strings.HasSuffix(b, a)
}

// asks reports whether a turn asks something: by its question mark, or where a text has no
// marks at all, by the word order of a question. Speech recognition leaves marks out.
func asks(h *heard) bool {
	if strings.ContainsRune(h.Text, '?') {
		return true
	}
	if strings.ContainsAny(h.Text, ".!,") {
		return false
	}
	for i := range h.words {
		if h.asksAt(i) {
			return true
		}
	}
	return false
}

// asksAt reports whether a question begins with word i: a question word or a verb before its
// subject, at the beginning or after a word that opens.
func (h *heard) asksAt(i int) bool {
	w := h.words
	if i > 0 && !leads.words[w[i-1]] || i+1 >= len(w) {
		return false
	}
	return hvWords.words[w[i]] && w[i] != "hvis" || finite.words[w[i]] && subjects.words[w[i+1]]
}

// opens reports whether a turn asks for more than a fact.
func (h *heard) opens() bool { return h.asks && opens.hears(h.words) }

// longestEcho is how many words a question can have that only gives words back.
const longestEcho = 4

// echoesAsked reports whether h begins with words of said as a question.
func (h *heard) echoesAsked(said *heard) bool {
	first, _, marked := strings.Cut(h.Text, "?")
	words := h.words
	if marked {
		words = words[:min(len(words), len(strings.Fields(first)))]
	}
	if !h.asks || len(words) == 0 || len(words) > longestEcho || len(strings.Fields(first)) > longestEcho {
		return false
	}
	for i, w := range words {
		if h.known[i].stem != "" && slices.ContainsFunc(said.stems, func(s stemmed) bool { return akin(s.stem, h.known[i].stem) }) || len(w) > 1 && slices.Contains(said.words, w) && !answers.has(w) {
			return true
		}
	}
	return false
}

// numerals counts the numbers in h, and lists them.
func (h *heard) numerals() (n float64, said string) {
	var list []string
	for i, k := range h.known {
		if k.numeral && len(list) < 5 {
			list = append(list, h.words[i])
		}
	}
	return float64(len(list)), strings.Join(list, ", ")
}

// field reports whether a turn asks in the way of a form: a few words without a verb.
func (h *heard) field() bool {
	return h.asks && len(h.words) <= 4 && !finite.hears(h.words) && !hvWords.hears(h.words)
}

// names counts capitals inside sentences, as names have.
func names(text string) (n int, first string) {
	begins := true
	for w := range strings.FieldsSeq(text) {
		r, size := utf8.DecodeRuneInString(w)
		if !begins && unicode.IsUpper(r) && len(w) > size+1 {
			if n++; first == "" {
				first = strings.Trim(w, ".,?!…:;")
			}
		}
		begins = strings.ContainsRune(".?!…:–\"'", lastRune(w))
	}
	return n, first
}

func lastRune(w string) rune {
	r, _ := utf8.DecodeLastRuneInString(w)
	return r
}

// sentences counts the sentences of a text as punctuated; 1 at least.
func sentences(text string) int {
	n := 0
	for w := range strings.FieldsSeq(text) {
		if strings.ContainsRune(".?!", lastRune(w)) && !strings.HasSuffix(w, "...") {
			n++
		}
	}
	return max(1, n)
}
