package diarise

import "math"

// A cluster is the segments, by index, that are taken to be one speaker's.
type cluster struct {
	voice   gaussian
	members []int
}

// agglomerate joins clusters, the two that lose least first, until joining the next two
// would lose more than a Gaussian costs, within at least least and at most most clusters
// (Chen and Gopalakrishnan 1998).
func agglomerate(all []cluster, least, most int) []cluster {
	n := len(all)
	loss := make([][]float64, n)
	costs := make([]float64, n)
	for i := range all {
		costs[i] = all[i].voice.cost()
		loss[i] = make([]float64, n)
		for j := range i {
			loss[i][j] = joinLoss(&all[i], &all[j], costs[i]+costs[j])
		}
	}
	gone := make([]bool, n)
	for left := n; left > least; left-- {
		a, b, best := -1, -1, math.Inf(1)
		for i := range all {
			for j := range i {
				if !gone[i] && !gone[j] && loss[i][j] < best {
					a, b, best = j, i, loss[i][j]
				}
			}
		}
		if a < 0 || best > 0 && left <= most {
			break
		}
		all[a].voice.add(&all[b].voice)
		all[a].members = append(all[a].members, all[b].members...)
		gone[b] = true
		costs[a] = all[a].voice.cost()
		for i := range all {
			if gone[i] || i == a {
				continue
			}
			loss[max(i, a)][min(i, a)] = joinLoss(&all[i], &all[a], costs[i]+costs[a])
		}
	}
	var kept []cluster
	for i, c := range all {
		if !gone[i] {
			kept = append(kept, c)
		}
	}
	return kept
}

// joinLoss is what a and b lose by being one, less what the second Gaussian cost.
func joinLoss(a, b *cluster, apart float64) float64 {
	both := a.voice
	both.add(&b.voice)
	return both.cost() - apart - penalty(both.n)
}
