package score

import (
	"math"
	"slices"
)

// A Pair is one step of an alignment: a word of the reference beside the word of the
// hypothesis that stands for it. Ref is empty for an insertion, Hyp for a deletion. Words
// that differ but count as right are Forgiven.
type Pair struct {
	Ref, Hyp string
	Forgiven bool
}

// weights say what an alignment minimises.
type weights struct{ substitution, indel int32 }

// sclite and levenshtein weigh as NIST's sclite does, so that a wrong word costs less than
// a lost and an invented one, and as the plain edit distance does, which meeteval uses.
func sclite() weights      { return weights{4, 3} }
func levenshtein() weights { return weights{1, 1} }

// Align gives the alignment that sclite would choose, ties included: first a pair of words,
// then an insertion, then a deletion, seen from the end. Memory grows with the length times
// its square root, time with the length times the number of errors.
func Align(ref, hyp []string) []Pair { return align(ref, hyp, sclite()) }

// align looks for the way in a band around the diagonal (Ukkonen 1985), so wide that any
// way that leaves it costs more than the edit distance allows.
func align(ref, hyp []string, w weights) []Pair {
	a, b := number(ref, hyp)
	longer, shorter := max(len(a), len(b)), min(len(a), len(b))
	bound := distance(a, b) * int(max(w.substitution, w.indel))
	band := max(0, (bound/int(w.indel)-(longer-shorter))/2)
	g := grid{ref: a, hyp: b, w: w, below: band + max(0, len(a)-len(b)), above: band + max(0, len(b)-len(a))}
	return pairs(ref, hyp, g.backward(g.forward()))
}

// number replaces equal words by equal numbers.
func number(ref, hyp []string) (a, b []int32) {
	seen := map[string]int32{}
	numbers := func(words []string) []int32 {
		out := make([]int32, len(words))
		for i, w := range words {
			n, ok := seen[w]
			if !ok {
				n = int32(len(seen))
				seen[w] = n
			}
			out[i] = n
		}
		return out
	}
	return numbers(ref), numbers(hyp)
}

// A grid is the table of the least costs of aligning the first i words of ref with the
// first j of hyp, for i - below ≤ j ≤ i + above.
type grid struct {
	ref, hyp     []int32
	w            weights
	below, above int
}

// A step leads into a cell of the grid.
type step byte

const (
	pairUp step = iota
	insert
	remove
)

// unreachable is a cost above all others that can still be added to.
const unreachable = math.MaxInt32 / 2

// columns is the part of row i that lies in the band, first and last included.
func (g *grid) columns(i int) (first, last int) {
	return max(0, i-g.below), min(len(g.hyp), i+g.above)
}

// forward fills the grid row by row and keeps every block-th row, from which backward fills
// a part again. It gives those rows.
func (g *grid) forward() (marks [][]int32) {
	row := g.firstRow()
	for i := range g.ref {
		if i%g.block() == 0 {
			marks = append(marks, slices.Clone(row))
		}
		g.fill(row, i+1, nil)
	}
	return marks
}

func (g *grid) block() int { return 1 + int(math.Sqrt(float64(len(g.ref)))) }

func (g *grid) firstRow() []int32 {
	row := make([]int32, len(g.hyp)+1)
	_, last := g.columns(0)
	for j := range row {
		row[j] = unreachable
		if j <= last {
			row[j] = int32(j) * g.w.indel
		}
	}
	return row
}

// fill replaces row i-1 by row i and, where steps is not nil, notes how each cell was
// reached.
func (g *grid) fill(row []int32, i int, steps []step) {
	first, last := g.columns(i)
	diagonal, left := int32(unreachable), int32(unreachable)
	if first > 0 {
		diagonal = row[first-1]
		row[first-1] = unreachable
	} else {
		diagonal = row[0]
		row[0] += g.w.indel
		left = row[0]
		if steps != nil {
			steps[0] = remove
		}
		first = 1
	}
	word := g.ref[i-1]
	for j := first; j <= last; j++ {
		up := row[j]
		least, by := diagonal, pairUp
		if g.hyp[j-1] != word {
			least += g.w.substitution
		}
		if c := left + g.w.indel; c < least {
			least, by = c, insert
		}
		if c := up + g.w.indel; c < least {
			least, by = c, remove
		}
		row[j] = least
		if steps != nil {
			steps[j] = by
		}
		diagonal, left = up, least
	}
}

// backward gives the steps of the best way, from the start.
func (g *grid) backward(marks [][]int32) []step {
	var way []step
	block := g.block()
	steps := make([][]step, block)
	for i := range steps {
		steps[i] = make([]step, len(g.hyp)+1)
	}
	j := len(g.hyp)
	for m := len(marks) - 1; m >= 0; m-- {
		top := m * block // the row that marks[m] holds
		bottom := min(top+block, len(g.ref))
		for i := top + 1; i <= bottom; i++ {
			g.fill(marks[m], i, steps[i-top-1])
		}
		for i := bottom; i > top; {
			by := steps[i-top-1][j]
			way = append(way, by)
			if by != remove {
				j--
			}
			if by != insert {
				i--
			}
		}
	}
	for ; j > 0; j-- {
		way = append(way, insert)
	}
	slices.Reverse(way)
	return way
}

// pairs writes the steps out with their words.
func pairs(ref, hyp []string, way []step) []Pair {
	out := make([]Pair, len(way))
	for n, by := range way {
		if by != insert {
			out[n].Ref, ref = ref[0], ref[1:]
		}
		if by != remove {
			out[n].Hyp, hyp = hyp[0], hyp[1:]
		}
	}
	return out
}
