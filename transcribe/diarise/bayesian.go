package diarise

import (
	"math"
	"slices"
)

// What resegment leaves is decoded once more by a Bayesian hidden Markov model in the manner of
// Diez, Burget and Matějka (2018). A mixture of all speech is the prior of each speaker's; who
// speaks little stays near it, and who is not needed loses what speech he had. Alone it loses
// short answers, which resegment keeps.
const (
	priorComponents = 32  // of the mixture, where there is enough speech
	relevance       = 1.0 // frames that the prior mean of a component weighs
	telling         = 0.1 // what a frame tells, as part of what it would if it did not resemble its neighbours
	bayesianRounds  = 10
)

// bayesian gives the speaker of each block of frames, from a first idea, who, in which
// speakers from 0 on hold blocks. frames that tell no voice are nil. Some speakers may hold none.
func (k numbers) bayesian(frames []*frame, who []int, speakers int) []int {
	c := newCrowd(frames)
	odds, like := make([][]float64, speakers), make([][]float64, speakers)
	for s := range odds {
		odds[s] = make([]float64, len(who))
		for b, holder := range who {
			if holder == s {
				odds[s][b] = 1
			}
		}
	}
	prior := slices.Repeat([]float64{1 / float64(speakers)}, speakers)
	stays := 1 - math.Exp(-telling*k.change)
	for range bayesianRounds {
		for s := range like {
			like[s] = c.likelihoods(odds[s])
		}
		smooth(odds, like, prior, stays)
		for s := range prior {
			prior[s] = 1e-9
			for _, p := range odds[s] {
				prior[s] += p / float64(len(who))
			}
		}
	}
	return likeliest(odds)
}

// A crowd is the voiced frames of a recording and the mixture of all of them.
type crowd struct {
	mixture []component
	frames  []*frame
	at      []int32          // which frame of the recording each is
	parts   [][nearest]share // how much of each comes from which components
}

func newCrowd(frames []*frame) *crowd {
	c := &crowd{}
	for i, f := range frames {
		if f != nil {
			c.frames, c.at = append(c.frames, f), append(c.at, int32(i))
		}
	}
	c.mixture = mixture(c.frames, min(priorComponents, max(1, len(c.frames)/fewest)))
	c.parts = make([][nearest]share, len(c.frames))
	for i, f := range c.frames {
		copy(c.parts[i][:], shares(c.mixture, f))
	}
	return c
}

// likelihoods is how much likelier each block is, as logarithm, when the means of the mixture
// move to the frames of a speaker, who holds the blocks with these odds.
func (c *crowd) likelihoods(odds []float64) []float64 {
	weight, moved := c.adapted(odds)
	like := make([]float64, len(odds))
	for i, f := range c.frames {
		for _, p := range c.parts[i] {
			m, by := &c.mixture[p.component], &moved[p.component]
			gain := -dims / weight[p.component] / 2 // the mean is not known for certain
			for d, x := range f {
				gain += m.prec[d] * by[d] * (float64(x) - m.mean[d] - by[d]/2)
			}
			like[c.at[i]/block] += telling * float64(p.part) * gain
		}
	}
	return like
}

// adapted is how many frames tell of each component's mean, those of the prior too, and how far
// it moves.
func (c *crowd) adapted(odds []float64) (weight []float64, moved [][dims]float64) {
	weight, moved = slices.Repeat([]float64{relevance}, len(c.mixture)), make([][dims]float64, len(c.mixture))
	for i, f := range c.frames {
		for _, p := range c.parts[i] {
			part := telling * odds[c.at[i]/block] * float64(p.part)
			weight[p.component] += part
			for d, x := range f {
				moved[p.component][d] += part * (float64(x) - c.mixture[p.component].mean[d])
			}
		}
	}
	for i := range moved {
		for d := range dims {
			moved[i][d] /= weight[i]
		}
	}
	return weight, moved
}

// smooth makes odds the probability that each speaker holds each block, by the forward-backward
// algorithm (Baum and others 1970), where the holder of a block stays with that probability and
// else is drawn anew from prior. like becomes densities.
func smooth(odds, like [][]float64, prior []float64, stays float64) {
	densities(like)
	chain := slices.Clone(prior) // of the next block, by what came before
	for b := range odds[0] {
		for s := range chain {
			odds[s][b] = chain[s] * like[s][b]
		}
		sum := sumAt(odds, b)
		for s := range chain {
			odds[s][b] /= sum
			chain[s] = stays*odds[s][b] + (1-stays)*prior[s]
		}
	}
	chain = slices.Repeat([]float64{1}, len(prior)) // of what comes after, by the speaker of the block
	for b := len(odds[0]) - 1; b >= 0; b-- {
		for s := range chain {
			odds[s][b] *= chain[s]
		}
		sum, drawn, top := sumAt(odds, b), 0.0, 0.0
		for s := range chain {
			odds[s][b] /= sum
			chain[s] *= like[s][b]
			drawn += prior[s] * chain[s]
		}
		for s := range chain {
			chain[s] = stays*chain[s] + (1-stays)*drawn
			top = max(top, chain[s])
		}
		for s := range chain {
			chain[s] /= top
		}
	}
}

// densities makes densities of their logarithms, the highest of each block 1.
func densities(like [][]float64) {
	for b := range like[0] {
		top := math.Inf(-1)
		for s := range like {
			top = max(top, like[s][b])
		}
		for s := range like {
			like[s][b] = math.Exp(like[s][b] - top)
		}
	}
}

func sumAt(rows [][]float64, b int) (sum float64) {
	for s := range rows {
		sum += rows[s][b]
	}
	return sum
}

// likeliest is the speaker with the highest odds for each block.
func likeliest(odds [][]float64) []int {
	who := make([]int, len(odds[0]))
	for b := range who {
		for s := range odds {
			if odds[s][b] > odds[who[b]][b] {
				who[b] = s
			}
		}
	}
	return who
}
