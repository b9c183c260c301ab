package score

import "strings"

// CER is the character error rate: the edit distance in letters, spaces between words
// included, and the length of the reference.
type CER struct{ Errors, Ref int }

// Add gives the sum of c and d: of one text and the next.
func (c CER) Add(d CER) CER { return CER{c.Errors + d.Errors, c.Ref + d.Ref} }

// Rate is the number of errors for each letter of the reference, NaN for an empty one.
func (c CER) Rate() float64 { return rate(c.Errors, c.Ref) }

// Characters compares the two texts of an alignment letter by letter.
func Characters(pairs []Pair) CER {
	var refs, hyps []string
	for _, p := range pairs {
		if p.Ref != "" {
			refs = append(refs, p.Ref)
		}
		if p.Hyp != "" {
			hyps = append(hyps, p.Hyp)
		}
	}
	ref, hyp := []rune(strings.Join(refs, " ")), []rune(strings.Join(hyps, " "))
	return CER{distance(ref, hyp), len(ref)}
}

// distance is Levenshtein's edit distance, 64 cells of the table at a time (Myers 1999 in
// the form of Hyyrö 2003): len(a) · len(b) / 64 steps and len(a) / 64 words of memory for
// each different element.
func distance[T comparable](a, b []T) int {
	blocks := (len(a) + 63) / 64
	if blocks == 0 {
		return len(b)
	}
	where := map[T][]uint64{} // the places of an element in a, a bit each
	for i, x := range a {
		if where[x] == nil {
			where[x] = make([]uint64, blocks)
		}
		where[x][i/64] |= 1 << (i % 64)
	}
	nowhere := make([]uint64, blocks)
	up, down := make([]uint64, blocks), make([]uint64, blocks) // where a column rises by one, falls by one
	for i := range up {
		up[i] = ^uint64(0)
	}
	last := uint64(1) << ((len(a) - 1) % 64)
	total := len(a)
	for _, x := range b {
		match, ok := where[x]
		if !ok {
			match = nowhere
		}
		rises, falls := uint64(1), uint64(0) // along the row above: the first row rises with each of b
		for i, equal := range match {
			plus, minus := up[i], down[i]
			free := equal | minus
			equal |= falls
			diagonal := ((equal & plus) + plus) ^ plus | equal
			across, back := minus|^(diagonal|plus), plus&diagonal
			if i == blocks-1 {
				total += one(across&last != 0) - one(back&last != 0)
			}
			rises, across = across>>63, across<<1|rises
			falls, back = back>>63, back<<1|falls
			up[i], down[i] = back|^(free|across), across&free
		}
	}
	return total
}

// one counts what is true.
func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
