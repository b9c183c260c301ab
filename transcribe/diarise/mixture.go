package diarise

import (
	"math"
	"math/rand/v2"
	"slices"
)

// A component is one diagonal Gaussian of a mixture.
type component struct {
	logWeight  float64 // and the constants of the density
	mean, prec [dims]float64
}

// nearest is how many components a frame is taken to come from.
const nearest = 4

// A share is how much of a frame comes from a component.
type share struct {
	component int32
	part      float32
}

// mixture fits count components to frames by expectation maximisation (Reynolds 1995).
func mixture(frames []*frame, count int) []component {
	const rounds, enough = 12, 5000
	if skip := len(frames) / enough; skip > 1 {
		var some []*frame
		for i := 0; i < len(frames); i += skip {
			some = append(some, frames[i])
		}
		frames = some
	}
	random := rand.New(rand.NewPCG(1, 2))
	variance := variances(frames)
	m := make([]component, count)
	for i := range m {
		f := frames[random.IntN(len(frames))]
		for d := range dims {
			m[i].mean[d], m[i].prec[d] = float64(f[d]), 1/variance[d]
		}
		m[i].logWeight = constant(&m[i], 1/float64(count))
	}
	for range rounds {
		n := make([]float64, count)
		sum, square := make([][dims]float64, count), make([][dims]float64, count)
		for _, f := range frames {
			for _, s := range shares(m, f) {
				p := float64(s.part)
				n[s.component] += p
				for d, x := range f {
					sum[s.component][d] += p * float64(x)
					square[s.component][d] += p * float64(x) * float64(x)
				}
			}
		}
		for i := range m {
			if n[i] < 1 {
				continue
			}
			for d := range dims {
				m[i].mean[d] = sum[i][d] / n[i]
				m[i].prec[d] = 1 / max(square[i][d]/n[i]-m[i].mean[d]*m[i].mean[d], variance[d]/50)
			}
			m[i].logWeight = constant(&m[i], n[i]/float64(len(frames)))
		}
	}
	return m
}

func variances(frames []*frame) (variance [dims]float64) {
	var mean [dims]float64
	for _, f := range frames {
		for d, x := range f {
			mean[d] += float64(x) / float64(len(frames))
		}
	}
	for _, f := range frames {
		for d, x := range f {
			v := float64(x) - mean[d]
			variance[d] += v*v/float64(len(frames)) + 1e-6
		}
	}
	return variance
}

func constant(c *component, weight float64) float64 {
	sum := math.Log(weight)
	for _, p := range c.prec {
		sum += math.Log(p) / 2
	}
	return sum
}

// density is the logarithm of c's weighted density at f, but for a constant.
func (c *component) density(f *frame) float64 {
	sum := 0.0
	for d, x := range f {
		v := float64(x) - c.mean[d]
		sum += v * v * c.prec[d]
	}
	return c.logWeight - sum/2
}

// shares gives the nearest components of f and their parts, which sum to one.
func shares(m []component, f *frame) []share {
	type scored struct {
		i int
		l float64
	}
	var best [nearest]scored
	held := 0
	for i := range m {
		l := m[i].density(f)
		at := held
		for at > 0 && best[at-1].l < l {
			at--
		}
		if at == nearest {
			continue
		}
		held = min(held+1, nearest)
		copy(best[at+1:held], best[at:held-1])
		best[at] = scored{i, l}
	}
	out := make([]share, held)
	total := 0.0
	for i, b := range best[:held] {
		p := math.Exp(b.l - best[0].l)
		total += p
		out[i] = share{int32(b.i), float32(p)}
	}
	for i := range out {
		out[i].part /= float32(total)
	}
	return slices.Clip(out)
}
