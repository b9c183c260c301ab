package diarise

import (
	"cmp"
	"slices"
	"time"

	"lydhor/pipeline"
)

// besideReach is how far off a second speaker may be heard alone.
const besideReach = time.Minute

// beside lets a second speaker speak in the turns where several speak at once: who is heard nearest before or
// after (Bullock, Bredin and Garcia-Perera 2020). turns and together are sorted, and so is what it gives.
func beside(turns []pipeline.SpeakerTurn, together []pipeline.Span) []pipeline.SpeakerTurn {
	all := slices.Clone(turns)
	first := 0 // turn that may reach into what follows
	for _, several := range together {
		for first < len(turns) && turns[first].End+besideReach < several.Start {
			first++
		}
		for i := first; i < len(turns) && turns[i].Start < several.End; i++ {
			s := pipeline.Span{Start: max(turns[i].Start, several.Start), End: min(turns[i].End, several.End)}
			if s.Dur() <= 0 {
				continue
			}
			if other := nearestOther(turns[first:], s, turns[i].Speaker); other != "" {
				all = append(all, pipeline.SpeakerTurn{Span: s, Speaker: other})
			}
		}
	}
	return united(all)
}

// nearestOther is who but speaker is heard nearest to s, the earlier of two; nobody beyond besideReach.
func nearestOther(turns []pipeline.SpeakerTurn, s pipeline.Span, speaker string) string {
	nearest, far := "", besideReach
	for _, t := range turns {
		if t.Start >= s.End+far {
			break
		}
		if off := max(0, t.Start-s.End, s.Start-t.End); t.Speaker != speaker && off < far {
			nearest, far = t.Speaker, off
		}
	}
	return nearest
}

// united sorts turns and makes one of those of a speaker that meet.
func united(turns []pipeline.SpeakerTurn) []pipeline.SpeakerTurn {
	slices.SortStableFunc(turns, func(a, b pipeline.SpeakerTurn) int { return cmp.Compare(a.Start, b.Start) })
	last := map[string]int{} // turn of each speaker
	var out []pipeline.SpeakerTurn
	for _, t := range turns {
		if at, ok := last[t.Speaker]; ok && t.Start <= out[at].End {
			out[at].End = max(out[at].End, t.End)
			continue
		}
		last[t.Speaker] = len(out)
		out = append(out, t)
	}
	return out
}
