package score

import (
	"slices"
	"strings"
)

// A Lattice is a text with alternatives, as sclite's transcripts write them: the middle of
// "a { b / c d / @ } e" is b, or c d, or nothing.
type Lattice struct {
	arcs []arc // the first is the start; an arc stands behind all that may precede it
	ends []int // the arcs that may end the text
}

// An arc is one word, empty for nothing said, and the arcs that may stand before it.
type arc struct {
	word     string
	optional bool // may be left out without being wrong
	fragment bool // stands for every word that it begins ("ha-") or ends ("-de")
	before   []int
}

// ParseLattice reads a text with alternatives in braces: a slash outside them is a letter,
// and a brace that is never closed ends with the text.
func ParseLattice(text string, opt TRNOptions) Lattice {
	p := latticeParser{tokens: latticeTokens(text), opt: opt, arcs: []arc{{}}}
	ends := []int{0}
	for len(p.tokens) > 0 { // more than once only after a closing brace that nothing opened
		ends = p.sequence(ends)
		if len(p.tokens) > 0 {
			p.tokens = p.tokens[1:]
		}
	}
	return Lattice{p.arcs, ends}
}

// Chain is a text without alternatives.
func Chain(words []string) Lattice {
	l := Lattice{arcs: make([]arc, 1, len(words)+1), ends: []int{len(words)}}
	for i, w := range words {
		l.arcs = append(l.arcs, arc{word: w, before: []int{i}})
	}
	return l
}

// latticeTokens cuts text at spaces and braces, and at slashes inside braces.
func latticeTokens(text string) []string {
	var spaced strings.Builder
	depth := 0
	for _, r := range text {
		switch {
		case r == '{':
			depth++
		case r == '}':
			depth--
		case r == '/' && depth > 0:
		default:
			spaced.WriteRune(r)
			continue
		}
		spaced.WriteString(" " + string(r) + " ")
	}
	return strings.Fields(spaced.String())
}

type latticeParser struct {
	tokens []string
	opt    TRNOptions
	arcs   []arc
	depth  int
}

// sequence reads words and alternatives behind the given arcs up to what ends the sequence,
// and gives the arcs that it may end with.
func (p *latticeParser) sequence(ends []int) []int {
	for len(p.tokens) > 0 {
		token := p.tokens[0]
		if token == "}" || token == "/" && p.depth > 0 {
			return ends
		}
		p.tokens = p.tokens[1:]
		switch token {
		case "{":
			ends = p.alternatives(ends)
		case "@":
			ends = p.add(arc{before: ends})
		default:
			for _, a := range p.opt.arcs(token) {
				a.before = ends
				ends = p.add(a)
			}
		}
	}
	return ends
}

// alternatives reads up to the closing brace. Behind an empty alternative comes what comes
// behind the start.
func (p *latticeParser) alternatives(start []int) []int {
	p.depth++
	defer func() { p.depth-- }()
	var ends []int
	for token := "{"; token != "}"; {
		ends = append(ends, p.sequence(start)...)
		if len(p.tokens) == 0 {
			break
		}
		token, p.tokens = p.tokens[0], p.tokens[1:]
	}
	slices.Sort(ends)
	return slices.Compact(ends)
}

func (p *latticeParser) add(a arc) []int {
	p.arcs = append(p.arcs, a)
	return []int{len(p.arcs) - 1}
}

// words gives the words of a text without alternatives, fragments and words that may be left
// out; false if there are some.
func (l Lattice) words() ([]string, bool) {
	words := make([]string, 0, len(l.arcs))
	for i, a := range l.arcs[1:] {
		if a.word == "" || a.optional || a.fragment || len(a.before) != 1 || a.before[0] != i {
			return nil, false
		}
		words = append(words, a.word)
	}
	return words, len(l.ends) == 1 && l.ends[0] == len(words)
}
