package diarise

import "math"

// The variational Bayes HMM of Diez, Burget, Wang, Rohdin and Černocký (2019): states are
// speakers, each a mixture whose means lie around those of the background mixture with an
// independent Gaussian prior each. Speakers who are not needed lose their weight.
var (
	relevance = 16.0 // frames that a speaker needs to move a mean half way
	weightA   = 0.15 // of the frames, which are not independent of each other (F_A)
	weightB   = 1.0  // of the prior on speakers (F_B)
	stay      = 0.99 // probability that a block's speaker speaks on
	rounds    = 10
)

const block = 5 // frames that have one speaker

// A model is what resegment knows of one speaker: for each component, the mean's shift in
// standard deviations and its precision.
type model struct{ shift, precision [][dims]float64 }

// resegment gives for each block of frames the probability of each speaker, starting from
// the probabilities in q. frames without voice are nil.
func resegment(frames []*frame, ubm []component, q [][]float64) [][]float64 {
	speakers := len(q[0])
	parts := make([][]share, len(frames))
	for i, f := range frames {
		if f != nil {
			parts[i] = shares(ubm, f)
		}
	}
	weights := make([]float64, speakers)
	for s := range weights {
		weights[s] = 1 / float64(speakers)
	}
	for range rounds {
		like := make([][]float64, len(q))
		for b := range like {
			like[b] = make([]float64, speakers)
		}
		for s := range speakers {
			m := adapt(frames, parts, ubm, q, s)
			for b := range like {
				for i := b * block; i < min((b+1)*block, len(frames)); i++ {
					if frames[i] != nil {
						like[b][s] += weightA * m.likelihood(frames[i], parts[i], ubm)
					}
				}
			}
		}
		q, weights = forwardBackward(like, weights)
	}
	return q
}

// adapt fits the model of speaker s to the frames that q gives it.
func adapt(frames []*frame, parts [][]share, ubm []component, q [][]float64, s int) model {
	m := model{make([][dims]float64, len(ubm)), make([][dims]float64, len(ubm))}
	ratio := weightA / weightB
	n := make([]float64, len(ubm))
	for i, f := range frames {
		p := q[i/block][s]
		if f == nil || p < 1e-3 {
			continue
		}
		for _, h := range parts[i] {
			c := &ubm[h.component]
			w := p * float64(h.part)
			n[h.component] += w
			for d, x := range f {
				m.shift[h.component][d] += w * (float64(x) - c.mean[d]) * math.Sqrt(c.prec[d])
			}
		}
	}
	for c := range ubm {
		for d := range dims {
			m.precision[c][d] = 1 + ratio*n[c]/relevance
			m.shift[c][d] *= ratio / math.Sqrt(relevance) / m.precision[c][d]
		}
	}
	return m
}

// likelihood is the expected log-likelihood of f under m over that under the background.
func (m model) likelihood(f *frame, parts []share, ubm []component) float64 {
	sum := 0.0
	for _, h := range parts {
		c := &ubm[h.component]
		shift, precision := &m.shift[h.component], &m.precision[h.component]
		part := 0.0
		for d, x := range f {
			z := (float64(x) - c.mean[d]) * math.Sqrt(c.prec[d])
			part += shift[d]*z/math.Sqrt(relevance) - (shift[d]*shift[d]+1/precision[d])/(2*relevance)
		}
		sum += float64(h.part) * part
	}
	return sum
}

// forwardBackward gives the probability of each speaker in each block, and the speakers'
// weights: how often one begins to speak.
func forwardBackward(like [][]float64, weights []float64) (q [][]float64, next []float64) {
	n, speakers := len(like), len(weights)
	q = make([][]float64, n)
	for b := range q {
		top := math.Inf(-1)
		for _, l := range like[b] {
			top = max(top, l)
		}
		for s := range like[b] {
			like[b][s] = math.Exp(like[b][s] - top)
		}
		q[b] = make([]float64, speakers)
		total := 0.0
		for s, w := range weights {
			before := w
			if b > 0 {
				before = stay*q[b-1][s] + (1-stay)*w
			}
			q[b][s] = before * like[b][s]
			total += q[b][s]
		}
		for s := range q[b] {
			q[b][s] /= max(total, 1e-300)
		}
	}
	next = make([]float64, speakers)
	after := make([]float64, speakers) // p(blocks after b | speaker), scaled
	for s := range after {
		after[s] = 1
	}
	for b := n - 1; b >= 0; b-- {
		// how likely speakers were changed or begun into block b
		into := 0.0
		for s, w := range weights {
			into += w * like[b][s] * after[s]
		}
		for s, w := range weights {
			begun := w * like[b][s] * after[s]
			if b > 0 {
				stayed := q[b-1][s] * like[b][s] * after[s] * stay
				begun *= 1 - stay
				all := 0.0
				for r, v := range weights {
					all += (stay*q[b-1][r] + (1-stay)*v) * like[b][r] * after[r]
				}
				_ = stayed
				next[s] += begun / max(all, 1e-300)
				continue
			}
			next[s] += begun / max(into, 1e-300)
		}
		before := make([]float64, speakers)
		top := 0.0
		for s := range before {
			before[s] = stay*like[b][s]*after[s] + (1-stay)*into
			top = max(top, before[s])
		}
		total := 0.0
		for s := range q[b] {
			q[b][s] *= after[s]
			total += q[b][s]
		}
		for s := range q[b] {
			q[b][s] /= max(total, 1e-300)
		}
		for s := range after {
			after[s] = before[s] / max(top, 1e-300)
		}
	}
	total := 0.0
	for _, w := range next {
		total += w
	}
	for s := range next {
		next[s] /= max(total, 1e-300)
	}
	return q, next
}
