package exchange

import (
	"cmp"
	"slices"
	"time"

	"lydhor/pipeline"
)

// speakerTiers is one speaker's talk as ELAN and Praat draw it: a tier of turns, and tiers
// under it by what they hold. The marks of a tier follow each other without overlap.
type speakerTiers struct {
	Name    string // the speaker's label; unlike any other tier's name
	Speaker string
	Role    pipeline.Role
	Turns   []mark
	Under   map[string][]mark
}

// A mark is labelled time. Of is the number of the turn it belongs to.
type mark struct {
	pipeline.Span
	Text string
	Of   int
}

// kinds lists the tiers under the turns in the order they are drawn.
var kinds = [...]string{underWords, underCodes, underThemes, underOutcome, underDecided, underNote}

// besideMusic is the tier of music, which belongs to no speaker, and what its marks say.
const besideMusic = "music"

func musicMarks(list []pipeline.Music) (marks []mark) {
	at := time.Duration(0)
	for _, m := range list {
		span := within(m.Span, pipeline.Span{Start: at, End: max(at, m.End) + time.Millisecond})
		marks = append(marks, mark{Span: span, Text: besideMusic})
		at = span.End
	}
	return marks
}

// tiersOf sorts a transcript by its speakers, in the order they are first heard. Where two
// turns of one speaker overlap, or a word reaches out of its turn, marks are moved as little
// as it takes for each to last a millisecond.
func tiersOf(t *pipeline.Transcript) []*speakerTiers {
	var all []*speakerTiers
	of := map[string]*speakerTiers{}
	themes := themesOf(t)
	starts := map[int]time.Duration{}
	for _, turn := range t.Turns {
		s := of[turn.Speaker]
		if s == nil {
			s = &speakerTiers{Name: tierName(turn.Speaker, all), Speaker: turn.Speaker, Role: turn.Role, Under: map[string][]mark{}}
			of[turn.Speaker] = s
			all = append(all, s)
		}
		starts[turn.N] = s.add(turn, themes[turn.N])
	}
	for _, turn := range t.Turns {
		if by := t.Turn(turn.OutcomeTurn); by != nil {
			moved := *by
			moved.Start = starts[by.N]
			s := of[turn.Speaker]
			s.Under[underDecided] = append(s.Under[underDecided], mark{s.turn(turn.N).Span, address(&moved), turn.N})
		}
	}
	return all
}

// tierName makes a name of label so that no tier is called like one of the others'.
func tierName(label string, others []*speakerTiers) string {
	name := cmp.Or(oneLine(label), "?")
	clashes := func(s *speakerTiers) bool {
		for _, kind := range kinds {
			if name == s.Name+" "+kind || s.Name == name+" "+kind {
				return true
			}
		}
		return name == s.Name
	}
	for name == besideMusic || slices.ContainsFunc(others, clashes) {
		name += "'"
	}
	return name
}

// add puts a turn behind the speaker's others and says where it starts then.
func (s *speakerTiers) add(turn pipeline.Turn, heard []string) time.Duration {
	at := time.Duration(0)
	if n := len(s.Turns); n > 0 {
		at = s.Turns[n-1].End
	}
	m := mark{within(turn.Span, pipeline.Span{Start: at, End: max(at, turn.End) + time.Millisecond}), turn.Text, turn.N}
	at = m.Start
	for _, w := range turn.Words {
		span := within(w.Span, pipeline.Span{Start: at, End: m.End})
		at = span.End
		s.Under[underWords] = append(s.Under[underWords], mark{span, w.Text, turn.N})
	}
	m.End = max(m.End, at)
	s.Turns = append(s.Turns, m)
	under := func(kind, text string) { s.Under[kind] = append(s.Under[kind], mark{m.Span, text, turn.N}) }
	for _, code := range turn.Codes {
		under(underCodes, string(code))
	}
	for _, theme := range heard {
		under(underThemes, theme)
	}
	if turn.Outcome != "" {
		under(underOutcome, string(turn.Outcome))
	}
	if turn.Note != "" {
		under(underNote, turn.Note)
	}
	return m.Start
}

// turn gives the mark of turn n.
func (s *speakerTiers) turn(n int) mark {
	i := slices.IndexFunc(s.Turns, func(m mark) bool { return m.Of == n })
	return s.Turns[i]
}

// within moves s into room, to full milliseconds and at least one of them long; where room
// is too small, s reaches out of its end.
func within(s, room pipeline.Span) pipeline.Span {
	start := min(s.Start.Round(time.Millisecond), room.End.Round(time.Millisecond)-time.Millisecond)
	start = max(start, room.Start)
	end := min(s.End, room.End).Round(time.Millisecond)
	return pipeline.Span{Start: start, End: max(end, start+time.Millisecond)}
}
