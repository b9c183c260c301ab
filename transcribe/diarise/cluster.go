package diarise

import (
	"math"
	"slices"
)

// A cluster is the segments, by index, that are taken to be one speaker's.
type cluster struct {
	voice   gaussian
	members []int
}

// speakersOf joins the clusters of short stretches until each is one speaker's, least to most
// of them: the clusters that lose least by being one Gaussian, until that would lose more than
// one voice does (Chen and Gopalakrishnan 1998). It ends at least clusters but for what is
// plainly one voice.
//
// A full Gaussian of a second or two says more of what was said than of who said it, and the
// largest cluster then swallows the others. So stretches are first joined by their means alone.
func (k numbers) speakersOf(stretches []cluster, least, most int) []cluster {
	var all []cluster
	for some := range slices.Chunk(stretches, group) {
		some = byMeans(some)
		if len(stretches) > groupMost {
			some = k.ofOneVoice(some, least)
		}
		all = append(all, some...)
	}
	return k.byLikelihood(all, least, most)
}

// A group is how many stretches are compared with each other at once: long recordings are
// clustered group by group first, so that the work grows with their length, not its square.
const (
	group     = 300
	groupMost = 40 // clusters that a group leaves at most
)

// byMeans joins the clusters that lose least by having one mean, all having one covariance
// (Ward 1963), until groupMost are left.
func byMeans(all []cluster) []cluster {
	return agglomerate(all, meanLoss(all), func(left int, _, _ float64) bool { return left <= groupMost })
}

// byLikelihood joins the clusters that lose least by being one Gaussian, until the next two
// would lose more by that than one voice does.
func (k numbers) byLikelihood(all []cluster, least, most int) []cluster {
	return agglomerate(all, joinLoss, func(left int, lost, n float64) bool {
		return left <= most && lost > k.oneVoice(n) || left <= least && lost > k.plainly(n)
	})
}

// ofOneVoice joins all clusters that lose no more by being one Gaussian than one voice does,
// also past small ones that differ by chance; down to least but for what is plainly one voice.
func (k numbers) ofOneVoice(all []cluster, least int) []cluster {
	loss := func(a, b *cluster) float64 {
		if lost := joinLoss(a, b); lost <= k.oneVoice(a.voice.n+b.voice.n) {
			return lost
		}
		return math.Inf(1)
	}
	return agglomerate(all, loss, func(left int, lost, n float64) bool {
		return math.IsInf(lost, 1) || left <= least && lost > k.plainly(n)
	})
}

// meanLoss is what two clusters lose by having one mean, in log-likelihood, all of them having
// the covariance that is left of all within each.
func meanLoss(all []cluster) func(a, b *cluster) float64 {
	var within [triangle]float64
	total := 0.0
	for i := range all {
		g := &all[i].voice
		total += g.n
		for at, c := range g.spread() {
			within[at] += g.n * c
		}
	}
	for at := range within {
		within[at] /= max(total, 1)
	}
	root := cholesky(&within)
	return func(a, b *cluster) float64 {
		na, nb := max(a.voice.n, 1), max(b.voice.n, 1)
		var y [dims]float64 // root y = difference of the means
		square := 0.0
		for i := range dims {
			y[i] = a.voice.sum[i]/na - b.voice.sum[i]/nb
			for k := range i {
				y[i] -= root[i][k] * y[k]
			}
			y[i] /= root[i][i]
			square += y[i] * y[i]
		}
		return square * na * nb / (na + nb) / 2
	}
}

// agglomerate joins the two clusters with the lowest loss, until done says of that loss, how
// many clusters are left and the frames of the two that these shall not be joined any more.
func agglomerate(all []cluster, lossOf func(a, b *cluster) float64, done func(left int, lost, n float64) bool) []cluster {
	loss, nearest := make([][]float64, len(all)), make([]int, len(all))
	for i := range all {
		loss[i] = make([]float64, len(all))
		for j := range i {
			loss[i][j] = lossOf(&all[i], &all[j])
			loss[j][i] = loss[i][j]
		}
		loss[i][i] = math.Inf(1)
	}
	left := make([]int, len(all))
	for i := range all {
		left[i], nearest[i] = i, lowest(loss[i])
	}
	for len(left) > 1 {
		a := left[0]
		for _, i := range left {
			if loss[i][nearest[i]] < loss[a][nearest[a]] {
				a = i
			}
		}
		b := nearest[a]
		if done(len(left), loss[a][b], all[a].voice.n+all[b].voice.n) {
			break
		}
		all[a].voice.add(&all[b].voice)
		all[a].members = append(all[a].members, all[b].members...)
		left = slices.DeleteFunc(left, func(i int) bool { return i == b })
		for _, i := range left {
			loss[i][b] = math.Inf(1)
			if i != a {
				loss[i][a] = lossOf(&all[i], &all[a])
				loss[a][i] = loss[i][a]
			}
		}
		loss[a][b] = math.Inf(1)
		for _, i := range left {
			nearest[i] = lowest(loss[i])
		}
	}
	kept := make([]cluster, len(left))
	for k, i := range left {
		kept[k] = all[i]
	}
	return kept
}

func lowest(loss []float64) int {
	at := 0
	for i, l := range loss {
		if l < loss[at] {
			at = i
		}
	}
	return at
}

// joinLoss is what a and b lose by being one, less what the second Gaussian cost.
func joinLoss(a, b *cluster) float64 {
	both := a.voice
	both.add(&b.voice)
	return both.cost() - a.voice.cost() - b.voice.cost() - penalty(both.n)
}

// oneVoice is what n frames of one voice may lose, less what a Gaussian cost. No voice is quite
// one Gaussian, and what that loses grows faster with n than what a Gaussian costs.
func (k numbers) oneVoice(n float64) float64 {
	const upTo, growth = 1500, 0.75 // frames up to which it is k.voice times the cost in theory, lambda 1
	return (k.voice*max(1, math.Pow(n/upTo, growth))/lambda - 1) * penalty(n)
}

// plainly is what n frames lose at most where they are one voice whatever number of speakers was
// told: halfway from where one Gaussian explains them better than two, its cost being that in
// theory, to what one voice may lose. Two voices lose more, once each has spoken for some seconds;
// in half a minute not all who are in the room have.
func (k numbers) plainly(n float64) float64 {
	return ((1/lambda-1)*penalty(n) + k.oneVoice(n)) / 2
}
