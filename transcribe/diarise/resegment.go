package diarise

import (
	"math"
	"slices"
)

// Resegmentation moves the borders between speakers to where models of all their speech put
// them: a hidden Markov model with a Gaussian mixture for each speaker, fitted and decoded in
// turn (Gauvain, Lamel and Adda 1998).
const (
	block      = 5  // frames that have one speaker
	components = 16 // of a speaker's mixture, where there is enough speech
	fewest     = 50 // frames that a component needs
)

// nobody holds the blocks outside speech.
const nobody = -1

// resegment gives the speaker of each block of frames, from a first idea, who, in which
// speakers from 0 on hold blocks, in so many rounds. frames that tell no voice are nil.
func (k numbers) resegment(frames []*frame, who []int, speakers, rounds int) []int {
	for range rounds {
		like := make([][]float64, speakers)
		for s := range like {
			like[s] = k.likelihoods(frames, who, s)
		}
		who = k.decode(like)
	}
	return who
}

// likelihoods fits a mixture to the frames of speaker s and gives the log-likelihood of each
// block under it.
func (k numbers) likelihoods(frames []*frame, who []int, s int) []float64 {
	var own []*frame
	for i, f := range frames {
		if f != nil && who[i/block] == s {
			own = append(own, f)
		}
	}
	like := make([]float64, len(who))
	if len(own) < fewest {
		for b := range like {
			like[b] = -k.change
		}
		return like
	}
	m := mixture(own, min(components, max(1, len(own)/fewest)))
	for i, f := range frames {
		if f != nil {
			like[i/block] += likelihood(m, f)
		}
	}
	return like
}

// decode is the likeliest way from speaker to speaker (Viterbi 1967).
func (k numbers) decode(like [][]float64) []int {
	speakers, blocks := len(like), len(like[0])
	sum := make([]float64, speakers) // of the likeliest way that ends in each speaker
	from := make([]int32, blocks*speakers)
	for b := range blocks {
		leader := slices.Index(sum, slices.Max(sum))
		changed := sum[leader] - k.change
		for s := range sum {
			from[b*speakers+s] = int32(s)
			if changed > sum[s] {
				from[b*speakers+s], sum[s] = int32(leader), changed
			}
			sum[s] += like[s][b]
		}
	}
	who := make([]int, blocks)
	at := slices.Index(sum, slices.Max(sum))
	for b := blocks - 1; b >= 0; b-- {
		who[b] = at
		at = int(from[b*speakers+at])
	}
	return who
}

// likelihood is the logarithm of the density of m at f, but for a constant.
func likelihood(m []component, f *frame) float64 {
	var logs [components]float64
	top := math.Inf(-1)
	for i := range m {
		logs[i] = m[i].density(f)
		top = max(top, logs[i])
	}
	sum := 0.0
	for _, l := range logs[:len(m)] {
		sum += math.Exp(l - top)
	}
	return top + math.Log(sum)
}
