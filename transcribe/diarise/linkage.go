package diarise

import (
	"math"
	"slices"
)

// A point is a voice heard for a while, as a vector of unit length.
type point struct {
	vector []float32
	weight float64
}

// A centre is the mean of points that are taken to be one speaker's.
type centre struct {
	mean    []float64 // not of unit length: the shorter, the less its points agree
	weight  float64
	members []int // of the points, by index
}

// Points are joined whole in groups first, where there are many, so that the work grows with
// the length of a recording and not with its square.
const (
	pointGroup = 1500
	groupLeft  = 200
)

// centres joins the two nearest centres until they are further apart than apart (centroid
// linkage, Sokal and Michener 1958). Those lighter than small are taken for noise and left
// out, unless all are; of the others there are least to most, as far as the points allow.
func centres(points []point, apart, small float64, least, most int) []centre {
	if len(points) == 0 {
		return nil
	}
	all := make([]centre, len(points))
	for i, p := range points {
		all[i] = centre{make([]float64, len(p.vector)), p.weight, []int{i}}
		for k, v := range p.vector {
			all[i].mean[k] = float64(v)
		}
	}
	for len(all) > pointGroup {
		var fewer []centre
		for some := range slices.Chunk(all, pointGroup) {
			d := newDendrogram(some)
			for d.left > groupLeft {
				d.join()
			}
			fewer = append(fewer, d.kept()...)
		}
		all = fewer
	}
	d := newDendrogram(all)
	for range cut(history(all, small), apart, least, most) {
		d.join()
	}
	kept := d.kept()
	heavy := slices.DeleteFunc(slices.Clone(kept), func(c centre) bool { return c.weight < small })
	if len(heavy) == 0 {
		return kept
	}
	return heavy
}

// A state of the joining: how many centres count, and how far the two are apart that are
// joined next.
type state struct {
	heavy int
	next  float64
}

// history follows the joining of all to its end.
func history(all []centre, small float64) []state {
	var states []state
	for d := newDendrogram(all); ; d.join() {
		heavy := 0
		for _, c := range d.kept() {
			if c.weight >= small {
				heavy++
			}
		}
		states = append(states, state{heavy, d.next()})
		if d.left == 1 {
			return states
		}
	}
}

// cut is how many joinings to do: until the next two are further apart than apart, or the
// nearest number to that at which least to most centres count, or the least too many or few.
func cut(states []state, apart float64, least, most int) int {
	at := slices.IndexFunc(states, func(s state) bool { return s.next > apart })
	target := min(max(states[at].heavy, least), most)
	best, bestOff := at, len(states)*len(states)
	for k, s := range states {
		if off := len(states)*abs(s.heavy-target) + abs(k-at); off < bestOff {
			best, bestOff = k, off
		}
	}
	return best
}

func abs(x int) int { return max(x, -x) }

// A dendrogram joins centres, the nearest two at a time.
type dendrogram struct {
	all     []centre // members nil where it is part of another
	left    int
	far     [][]float64 // between two centres; infinite for those that are gone and for itself
	nearest []int
}

func newDendrogram(all []centre) *dendrogram {
	d := &dendrogram{slices.Clone(all), len(all), make([][]float64, len(all)), make([]int, len(all))}
	for i := range all {
		d.far[i] = make([]float64, len(all))
		for j := range i {
			d.far[i][j] = distance(all[i].mean, all[j].mean)
			d.far[j][i] = d.far[i][j]
		}
		d.far[i][i] = math.Inf(1)
	}
	for i := range all {
		d.nearest[i] = lowest(d.far[i])
	}
	return d
}

func distance(a, b []float64) float64 {
	sum := 0.0
	for k, v := range a {
		sum += (v - b[k]) * (v - b[k])
	}
	return math.Sqrt(sum)
}

// pair is the nearest two.
func (d *dendrogram) pair() (a, b int) {
	for i := range d.all {
		if d.far[i][d.nearest[i]] < d.far[a][d.nearest[a]] {
			a = i
		}
	}
	return a, d.nearest[a]
}

// next is how far the nearest two are apart, infinite when only one is left.
func (d *dendrogram) next() float64 {
	a, b := d.pair()
	return d.far[a][b]
}

// join makes one of the nearest two.
func (d *dendrogram) join() {
	a, b := d.pair()
	one, other := d.all[a], d.all[b]
	joined := centre{make([]float64, len(one.mean)), one.weight + other.weight, slices.Concat(one.members, other.members)}
	for k := range joined.mean {
		joined.mean[k] = (one.mean[k]*one.weight + other.mean[k]*other.weight) / joined.weight
	}
	d.all[a], d.all[b].members = joined, nil
	d.left--
	for i := range d.all {
		d.far[i][b], d.far[b][i] = math.Inf(1), math.Inf(1)
		if i != a && d.all[i].members != nil {
			d.far[i][a] = distance(d.all[i].mean, joined.mean)
			d.far[a][i] = d.far[i][a]
		}
	}
	for i := range d.all {
		if i == a || i == b || d.nearest[i] == a || d.nearest[i] == b {
			d.nearest[i] = lowest(d.far[i])
		} else if d.far[i][a] < d.far[i][d.nearest[i]] {
			d.nearest[i] = a
		}
	}
}

// kept are the centres that are left.
func (d *dendrogram) kept() []centre {
	var left []centre
	for _, c := range d.all {
		if c.members != nil {
			left = append(left, c)
		}
	}
	return left
}

// unit is x at length one; nil where x is nothing.
func unit(x []float32) []float32 {
	length := 0.0
	for _, v := range x {
		length += float64(v) * float64(v)
	}
	if !(length > 0) || math.IsInf(length, 0) {
		return nil
	}
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(float64(v) / math.Sqrt(length))
	}
	return out
}
