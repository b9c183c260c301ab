package score

import (
	"fmt"
	"math"
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

// maxCells is how large a table of alternatives may become: 400 MB.
const maxCells = 1 << 25

// AlignLattices aligns the alternatives of both texts that fit best, as sclite does. Where
// there are alternatives, time and memory grow with the product of the lengths: two texts
// for which that is too much are an error.
func AlignLattices(ref, hyp Lattice) ([]Pair, error) {
	refWords, refPlain := ref.words()
	hypWords, hypPlain := hyp.words()
	if refPlain && hypPlain {
		return Align(refWords, hypWords), nil
	}
	if len(ref.arcs)*len(hyp.arcs) > maxCells {
		return nil, fmt.Errorf("alternatives in texts of %d and %d words: cut them into utterances", len(ref.arcs)-1, len(hyp.arcs)-1)
	}
	return newLatticeGrid(ref, hyp).backward(), nil
}

// The costs of sclite in thousandths: leaving out or putting in nothing costs next to
// nothing.
const (
	costSub      = 4000
	costIndel    = 3000
	costOptional = 2000
	costNulls    = 1000
	costNull     = 1
)

// A latticeGrid holds for each arc of ref (row) and of hyp (column) the least cost of the
// texts up to and including both.
type latticeGrid struct {
	ref, hyp Lattice
	cells    []latticeCell
}

type latticeCell struct {
	cost     int32
	ref, hyp int32 // the cell before it; the same row for an insertion, column for a deletion
}

func newLatticeGrid(ref, hyp Lattice) *latticeGrid {
	g := &latticeGrid{ref, hyp, make([]latticeCell, len(ref.arcs)*len(hyp.arcs))}
	for r := range ref.arcs {
		for h := range hyp.arcs {
			*g.at(r, h) = g.least(r, h)
		}
	}
	return g
}

func (g *latticeGrid) at(r, h int) *latticeCell { return &g.cells[r*len(g.hyp.arcs)+h] }

// least finds the cheapest way into a cell: of equal ones a pair of words, then an
// insertion.
func (g *latticeGrid) least(r, h int) latticeCell {
	if r == 0 && h == 0 {
		return latticeCell{}
	}
	a, b := g.ref.arcs[r], g.hyp.arcs[h]
	pair := g.cheapest(a.before, b.before)
	pair.cost += pairCost(a, b)
	insertion := g.cheapest([]int{r}, b.before)
	insertion.cost += indelCost(b)
	deletion := g.cheapest(a.before, []int{h})
	deletion.cost += indelCost(a)
	if pair.cost <= insertion.cost && pair.cost <= deletion.cost {
		return pair
	}
	if insertion.cost <= deletion.cost {
		return insertion
	}
	return deletion
}

// cheapest finds the first of the cheapest cells among rows and columns.
func (g *latticeGrid) cheapest(rows, columns []int) latticeCell {
	least := latticeCell{cost: math.MaxInt32 / 2}
	for _, r := range rows {
		for _, h := range columns {
			if c := g.at(r, h).cost; c < least.cost {
				least = latticeCell{c, int32(r), int32(h)}
			}
		}
	}
	return least
}

func pairCost(ref, hyp arc) int32 {
	switch {
	case ref.word == "" && hyp.word == "":
		return costNulls
	case ref.standsFor(hyp.word), hyp.standsFor(ref.word):
		return 0
	}
	return costSub
}

// standsFor reports whether a is word, or a fragment of it.
func (a arc) standsFor(word string) bool {
	if !a.fragment || word == "" {
		return a.word == word
	}
	if end, ok := strings.CutPrefix(a.word, "-"); ok {
		return strings.HasSuffix(word, end)
	}
	return strings.HasPrefix(word, strings.TrimSuffix(a.word, "-"))
}

// forgiven reports whether a and b differ but count as right.
func forgiven(a, b arc) bool {
	if a.word == "" || b.word == "" {
		return a.optional || b.optional
	}
	return a.word != b.word && pairCost(a, b) == 0
}

func indelCost(a arc) int32 {
	switch {
	case a.word == "":
		return costNull
	case a.optional:
		return costOptional
	}
	return costIndel
}

// backward gives the pairs of the best way, from the start.
func (g *latticeGrid) backward() []Pair {
	end := g.cheapest(g.ref.ends, g.hyp.ends)
	r, h := int(end.ref), int(end.hyp)
	var pairs []Pair
	for r > 0 || h > 0 {
		before := g.at(r, h)
		var a, b arc
		if int(before.ref) != r {
			a = g.ref.arcs[r]
		}
		if int(before.hyp) != h {
			b = g.hyp.arcs[h]
		}
		if a.word != "" || b.word != "" {
			pairs = append(pairs, Pair{a.word, b.word, forgiven(a, b)})
		}
		r, h = int(before.ref), int(before.hyp)
	}
	slices.Reverse(pairs)
	return pairs
}
