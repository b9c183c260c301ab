package score

import (
	"slices"

	"lydhor/pipeline"
)

// ThemesOf counts, by theme, what hyp found of ref's: a theme on a turn is one thing to find.
func ThemesOf(ref, hyp *pipeline.Transcript) map[string]Hits {
	want, got := themesByTurn(ref), themesByTurn(hyp)
	counts := map[string]Hits{}
	for turn, themes := range want {
		for _, id := range themes {
			h := counts[id]
			h.count(true, slices.Contains(got[turn], id))
			counts[id] = h
		}
	}
	for turn, themes := range got {
		for _, id := range themes {
			if !slices.Contains(want[turn], id) {
				h := counts[id]
				h.False++
				counts[id] = h
			}
		}
	}
	return counts
}

func themesByTurn(t *pipeline.Transcript) map[int][]string {
	by := map[int][]string{}
	for _, th := range t.Themes {
		by[th.Turn] = append(by[th.Turn], th.Themes...)
	}
	return by
}
