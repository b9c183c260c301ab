package diarise

import "math"

const triangle = dims * (dims + 1) / 2

// A gaussian is the sums that a full-covariance Gaussian of frames needs; two Add up.
type gaussian struct {
	n      float64
	sum    [dims]float64
	square [triangle]float64 // lower triangle of Σ x xᵀ, row by row
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

// spread is the lower triangle of g's covariance, zero where g has no frames.
func (g *gaussian) spread() (c [triangle]float64) {
	if g.n == 0 {
		return c
	}
	at := 0
	for i := range dims {
		for j := range i + 1 {
			c[at] = g.square[at]/g.n - g.sum[i]/g.n*g.sum[j]/g.n
			at++
		}
	}
	return c
}

// cholesky is the lower triangular root of the covariance c, which is kept from becoming
// singular by adding ridge to its diagonal.
func cholesky(c *[triangle]float64) (root [dims][dims]float64) {
	at := 0
	for i := range dims {
		for j := range i + 1 {
			v := c[at]
			at++
			for k := range j {
				v -= root[i][k] * root[j][k]
			}
			if i > j {
				root[i][j] = v / root[j][j]
				continue
			}
			root[i][i] = math.Sqrt(max(v+ridge, 1e-6))
		}
	}
	return root
}

// logDet is the logarithm of the determinant of the covariance.
func (g *gaussian) logDet() float64 {
	c := g.spread()
	root, det := cholesky(&c), 0.0
	for i := range dims {
		det += 2 * math.Log(root[i][i])
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
const parameters = dims + triangle

func (g *gaussian) sub(h *gaussian) {
	g.n -= h.n
	for i, v := range h.sum {
		g.sum[i] -= v
	}
	for i, v := range h.square {
		g.square[i] -= v
	}
}
