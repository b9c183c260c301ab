package pipeline

import (
	"cmp"
	"slices"
	"time"
)

// Music is a stretch of a recording where music is heard, whether or not somebody talks too.
type Music struct{ Span }

// musicApart is how far apart two stretches may be that are one which goes on: at the border of
// a piece less is heard of it.
const musicApart = 2 * time.Second

// JoinMusic sorts list by start and makes one of stretches that are no further apart than apart;
// with 0, of those that meet.
func JoinMusic(list []Music, apart time.Duration) []Music {
	slices.SortFunc(list, func(a, b Music) int { return cmp.Compare(a.Start, b.Start) })
	var joined []Music
	for _, m := range list {
		if n := len(joined); n > 0 && m.Start-joined[n-1].End <= apart {
			joined[n-1].End = max(joined[n-1].End, m.End)
			continue
		}
		joined = append(joined, m)
	}
	return joined
}
