package diarise

import "math"

// A gaussian is the sums that a full-covariance Gaussian of frames needs; two Add up.
type gaussian struct {
	n      float64
	sum    [dims]float64
	square [dims * (dims + 1) / 2]float64 // lower triangle of Σ x xᵀ, row by row
}

func (g *gaussian) put(f *frame) {
	g.n++
	at := 0
	for i, x := range f {
		g.sum[i] += float64(x)
		for j := range i + 1 {
			g.square[at] += float64(x) * float64(f[j])
			at++
		}
	}
}

func (g *gaussian) add(h *gaussian) {
	g.n += h.n
	for i, v := range h.sum {
		g.sum[i] += v
	}
	for i, v := range h.square {
		g.square[i] += v
	}
}

// ridge is added to the diagonal of covariances.
const ridge = 0.1

// logDet is the logarithm of the determinant of the covariance, which is kept from
// becoming singular by adding ridge to its diagonal.
func (g *gaussian) logDet() float64 {
	var l [dims][dims]float64 // Cholesky
	det, at := 0.0, 0
	for i := range dims {
		for j := range i + 1 {
			v := g.square[at]/g.n - g.sum[i]/g.n*g.sum[j]/g.n
			at++
			if i == j {
				v += ridge
			}
			for k := range j {
				v -= l[i][k] * l[j][k]
			}
			if i > j {
				l[i][j] = v / l[j][j]
				continue
			}
			l[i][i] = math.Sqrt(max(v, 1e-6))
			det += 2 * math.Log(l[i][i])
		}
	}
	return det
}

// cost is half the negative log-likelihood of g's frames under its own Gaussian, constants
// left out.
func (g *gaussian) cost() float64 {
	if g.n == 0 {
		return 0
	}
	return g.n / 2 * g.logDet()
}

// parameters is how many numbers a Gaussian has.
const parameters = dims + dims*(dims+1)/2

func (g *gaussian) sub(h *gaussian) {
	g.n -= h.n
	for i, v := range h.sum {
		g.sum[i] -= v
	}
	for i, v := range h.square {
		g.square[i] -= v
	}
}
