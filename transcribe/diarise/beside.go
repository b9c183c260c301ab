package diarise

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"lydhor/pipeline"
)

// besideReach is how far off another speaker may be heard alone.
const besideReach = time.Minute

// surely finds stretches in which several are so plain to hear that there may be a third. In read speech of one voice it
// finds none.
var surely = detector{
	step: byNetwork.step, likely: 0.95, certain: 0.95,
	least: byNetwork.least, pause: byNetwork.pause,
}

// manyAtOnce lets one more speak in turns where several do, and two where that is sure, who need not be heard elsewhere.
// No more than most are heard in all.
func manyAtOnce(turns []pipeline.SpeakerTurn, several, sure []pipeline.Span, most int) []pipeline.SpeakerTurn {
	turns = beside(turns, several, 2, nil)
	return beside(turns, sure, 3, strangers(turns, most))
}

// strangers are labels for up to two voices that are heard only beside others, so that there are no more than most with
// those of turns.
func strangers(turns []pipeline.SpeakerTurn, most int) []string {
	known := map[string]bool{}
	for _, t := range turns {
		known[t.Speaker] = true
	}
	var labels []string
	for n := len(known) + 1; n <= min(most, len(known)+2); n++ {
		labels = append(labels, fmt.Sprintf("S%d", n))
	}
	return labels
}

// beside lets others speak in the turns where several do, until voices are heard at once: who is heard nearest before or
// after (Bullock, Bredin and Garcia-Perera 2020), then strangers. turns and several are sorted, and so is what it gives.
func beside(turns []pipeline.SpeakerTurn, several []pipeline.Span, voices int, strangers []string) []pipeline.SpeakerTurn {
	all := slices.Clone(turns)
	first := 0 // turn that may reach into what follows
	for _, s := range several {
		for first < len(turns) && turns[first].End+besideReach < s.Start {
			first++
		}
		for _, c := range companies(turns[first:], s) {
			for len(c.speakers) < voices {
				other := nearestOther(turns[first:], c, strangers)
				if other == "" {
					break
				}
				c.speakers = append(c.speakers, other)
				all = append(all, pipeline.SpeakerTurn{Span: c.Span, Speaker: other})
			}
		}
	}
	return united(all)
}

// A company is who speaks in a stretch.
type company struct {
	pipeline.Span
	speakers []string
}

// companies cuts s where one of turns, which are sorted, begins or ends, and leaves out where nobody speaks.
func companies(turns []pipeline.SpeakerTurn, s pipeline.Span) []company {
	var within []pipeline.SpeakerTurn
	borders := []time.Duration{s.Start, s.End}
	for _, t := range turns {
		if t.Start >= s.End {
			break
		}
		if t.Overlap(s) > 0 {
			within = append(within, t)
			borders = append(borders, max(t.Start, s.Start), min(t.End, s.End))
		}
	}
	slices.Sort(borders)
	var all []company
	for i, end := range borders[1:] {
		c := company{Span: pipeline.Span{Start: borders[i], End: end}}
		for _, t := range within {
			if t.Overlap(c.Span) > 0 && !slices.Contains(c.speakers, t.Speaker) {
				c.speakers = append(c.speakers, t.Speaker)
			}
		}
		if len(c.speakers) > 0 {
			all = append(all, c)
		}
	}
	return all
}

// nearestOther is who else is heard nearest to c, the earlier of two; a stranger where nobody is within besideReach.
func nearestOther(turns []pipeline.SpeakerTurn, c company, strangers []string) string {
	nearest, far := "", besideReach
	for _, t := range turns {
		if t.Start >= c.End+far {
			break
		}
		if off := max(0, t.Start-c.End, c.Start-t.End); off < far && !slices.Contains(c.speakers, t.Speaker) {
			nearest, far = t.Speaker, off
		}
	}
	for _, s := range strangers {
		if nearest == "" && !slices.Contains(c.speakers, s) {
			nearest = s
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
