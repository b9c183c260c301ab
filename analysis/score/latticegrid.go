package score

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

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
