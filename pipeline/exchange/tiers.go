package exchange

import (
	"lydhor/pipeline"
	"slices"
	"strings"
	"time"
)

// A tier is a line of marks that follow each other without overlap, as ELAN and Praat draw
// them.
type tier struct {
	Name  string
	Role  pipeline.Role
	Marks []mark
}

// A mark is labelled time. Of is the turn it belongs to.
type mark struct {
	pipeline.Span
	Text string
	Of   int
}

// A speakersTiers is what one speaker says, word by word where the words' times are known,
// and how it is coded.
type speakersTiers struct{ Turns, Words, Codes tier }

// tiersOf sorts a transcript by its speakers, in the order they are first heard.
func tiersOf(t *pipeline.Transcript) []*speakersTiers {
	var all []*speakersTiers
	of := map[string]*speakersTiers{}
	for _, turn := range t.Turns {
		s := of[turn.Speaker]
		if s == nil {
			name := oneLine(turn.Speaker)
			s = &speakersTiers{tier{name, turn.Role, nil}, tier{name + " words", turn.Role, nil}, tier{name + " codes", turn.Role, nil}}
			of[turn.Speaker] = s
			all = append(all, s)
		}
		s.Turns.add(mark{turn.Span, oneLine(turn.Text), turn.N})
		at := s.Turns.Marks[len(s.Turns.Marks)-1].Span
		if codes := codesOf(turn); len(codes) > 0 {
			s.Codes.Marks = append(s.Codes.Marks, mark{at, strings.Join(codes, "; "), turn.N})
		}
		for _, w := range turn.Words {
			s.Words.add(mark{w.Span, oneLine(w.Text), turn.N})
		}
	}
	return all
}

// add puts m behind the marks that stand there, moved as little as it takes for each to
// last a millisecond.
func (t *tier) add(m mark) {
	m.Start = m.Start.Round(time.Millisecond)
	if n := len(t.Marks); n > 0 {
		m.Start = max(m.Start, t.Marks[n-1].End)
	}
	m.End = max(m.End.Round(time.Millisecond), m.Start+time.Millisecond)
	t.Marks = append(t.Marks, m)
}

// codesOf gives a turn's codes and, behind them, its outcome.
func codesOf(t pipeline.Turn) []string {
	var codes []string
	for _, c := range t.Codes {
		codes = append(codes, string(c))
	}
	if t.Outcome != "" {
		codes = append(codes, string(t.Outcome))
	}
	return codes
}

// named drops tiers without marks and gives those of the same name a number.
func named(all []*speakersTiers) []*tier {
	var list []*tier
	for _, s := range all {
		for _, t := range []*tier{&s.Turns, &s.Words, &s.Codes} {
			if len(t.Marks) == 0 {
				continue
			}
			for slices.ContainsFunc(list, func(other *tier) bool { return other.Name == t.Name }) {
				t.Name += "'"
			}
			list = append(list, t)
		}
	}
	return list
}
