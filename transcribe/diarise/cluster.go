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

// A group is how many clusters are compared with each other at once: long recordings are
// clustered group by group first, so that the work grows with their length, not its square.
const (
	group     = 300
	groupMost = 40 // clusters that a group leaves at most
)

// speakersOf joins clusters until each is one speaker's, least to most of them.
func speakersOf(all []cluster, least, most int) []cluster {
	for len(all) > group {
		var fewer []cluster
		for some := range slices.Chunk(all, group) {
			fewer = append(fewer, agglomerate(some, least, groupMost)...)
		}
		if len(fewer) == len(all) {
			break
		}
		all = fewer
	}
	return agglomerate(all, least, most)
}

// agglomerate joins the two clusters that lose least, until that would lose more than one
// voice does, within least and most clusters (Chen and Gopalakrishnan 1998).
func agglomerate(all []cluster, least, most int) []cluster {
	loss, nearest := make([][]float64, len(all)), make([]int, len(all))
	for i := range all {
		loss[i] = make([]float64, len(all))
		for j := range i {
			loss[i][j] = joinLoss(&all[i], &all[j])
			loss[j][i] = loss[i][j]
		}
		loss[i][i] = math.Inf(1)
	}
	left := make([]int, len(all))
	for i := range all {
		left[i], nearest[i] = i, lowest(loss[i])
	}
	for len(left) > max(1, least) {
		a := left[0]
		for _, i := range left {
			if loss[i][nearest[i]] < loss[a][nearest[a]] {
				a = i
			}
		}
		b := nearest[a]
		if loss[a][b] > oneVoice(all[a].voice.n+all[b].voice.n) && len(left) <= most {
			break
		}
		all[a].voice.add(&all[b].voice)
		all[a].members = append(all[a].members, all[b].members...)
		left = slices.DeleteFunc(left, func(i int) bool { return i == b })
		for _, i := range left {
			loss[i][b] = math.Inf(1)
			if i != a {
				loss[i][a] = joinLoss(&all[i], &all[a])
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

// oneVoice is the joinLoss that n frames of one voice may have. No voice is quite one Gaussian,
// and what that loses grows faster with n than what a Gaussian costs.
func oneVoice(n float64) float64 {
	const least, upTo = 1.2, 1500 // times the cost in theory, lambda 1, of so many frames
	return (max(least, least*math.Sqrt(n/upTo))/lambda - 1) * penalty(n)
}
