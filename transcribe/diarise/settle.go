package diarise

import "math"

// spare is how many speakers settle begins with, where there are not more.
const spare = 16

// settle comes from many speakers to few: it moves the borders between them and joins the two
// most alike, in turn (Ajmera and Wooters 2003). fit is as resegment gives it.
func settle(frames []*frame, who []int, many, few int) (settled []int, fit float64) {
	for ; many > few; many-- {
		who, _ = resegment(frames, who, many, 1)
		a, b := mostAlike(voices(frames, who, many))
		for i, s := range who {
			switch s {
			case b:
				who[i] = a
			case many - 1:
				who[i] = b
			}
		}
	}
	return resegment(frames, who, few, 3)
}

// voices gives each speaker's.
func voices(frames []*frame, who []int, speakers int) []cluster {
	all := make([]cluster, speakers)
	for i, f := range frames {
		if s := who[i/block]; f != nil && s != nobody {
			all[s].voice.put(f)
		}
	}
	return all
}

// mostAlike are the two voices, a before b, that lose least by being one, or one that is
// hardly heard and another.
func mostAlike(all []cluster) (a, b int) {
	least := math.Inf(1)
	for j := range all {
		for i := range j {
			loss := joinLoss(&all[i], &all[j])
			if min(all[i].voice.n, all[j].voice.n) < fewest {
				loss -= 1e12
			}
			if loss < least {
				a, b, least = i, j, loss
			}
		}
	}
	return a, b
}
