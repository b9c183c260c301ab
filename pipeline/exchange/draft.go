package exchange

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"lydhor/pipeline"
)

// What stands under a turn, on a tier or a line of its own.
const (
	underWords   = "words"
	underCodes   = "codes"
	underThemes  = "themes"
	underOutcome = "outcome"
	underDecided = "decided by" // the deciding turn, as address names it
	underNote    = "note"
)

// address names a turn so that a person finds it and so that it still holds when other
// turns are added: its start and its speaker.
func address(turn *pipeline.Turn) string { return clock(turn.Start) + " " + turn.Speaker }

// clock writes hours:minutes:seconds.milliseconds.
func clock(d time.Duration) string {
	ms := d.Round(time.Millisecond).Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}

func seconds(d time.Duration) float64 {
	s, _ := pipeline.Span{Start: d}.Seconds()
	return s
}

// themesOf gives the themes by the number of their turn.
func themesOf(t *pipeline.Transcript) map[int][]string {
	of := map[int][]string{}
	for _, th := range t.Themes {
		of[th.Turn] = append(of[th.Turn], th.Themes...)
	}
	return of
}

// A draft is a transcript that is being read, its turns in the order of the file.
type draft struct {
	pipeline.Transcript
	themes  map[int][]string // by the turn's place in the file, from 1
	notes   map[int][]string // likewise: lines of its note
	decided map[int]string   // likewise: the address of the turn that decides its outcome
}

func newDraft() draft {
	return draft{themes: map[int][]string{}, notes: map[int][]string{}, decided: map[int]string{}}
}

// add puts a turn behind the others.
func (d *draft) add(turn pipeline.Turn) *pipeline.Turn {
	turn.N = len(d.Turns) + 1
	turn.Role = cmp.Or(turn.Role, pipeline.Unknown)
	d.Turns = append(d.Turns, turn)
	return &d.Turns[len(d.Turns)-1]
}

// attach puts what stands under a turn, be it of our kinds or of another program's, on it.
// What the nouns have no place for becomes a line of the note.
func (d *draft) attach(turn *pipeline.Turn, kind, text string) {
	switch {
	case kind == underCodes:
		turn.Codes = append(turn.Codes, pipeline.Code(text))
	case kind == underThemes:
		d.themes[turn.N] = append(d.themes[turn.N], text)
	case kind == underOutcome && turn.Outcome == "" && slices.Contains(pipeline.Outcomes, pipeline.Outcome(text)):
		turn.Outcome = pipeline.Outcome(text)
	case kind == underDecided && d.decided[turn.N] == "":
		d.decided[turn.N] = text
	case kind == underNote:
		d.notes[turn.N] = append(d.notes[turn.N], text)
	default:
		d.notes[turn.N] = append(d.notes[turn.N], kind+": "+text)
	}
}

// roles sets the roles the file gives to speakers: a person said so.
func (d *draft) roles(of map[string]pipeline.Role) {
	for i := range d.Turns {
		turn := &d.Turns[i]
		role, known := of[turn.Speaker]
		if !known || !slices.Contains(pipeline.Roles, role) || role == pipeline.Unknown {
			continue
		}
		turn.Role = role
		if !slices.ContainsFunc(d.Speakers, func(s pipeline.Speaker) bool { return s.Label == turn.Speaker }) {
			d.Speakers = append(d.Speakers, pipeline.Speaker{Label: turn.Speaker, Role: role})
		}
	}
}

// done sorts music and turns by start, numbers these, and points outcomes and themes to the new
// numbers. A deciding turn that is not there is kept in the note.
func (d *draft) done() (*pipeline.Transcript, error) {
	t := &d.Transcript
	t.Music = pipeline.JoinMusic(t.Music, 0)
	slices.SortStableFunc(t.Turns, func(a, b pipeline.Turn) int { return cmp.Compare(a.Start, b.Start) })
	places, addresses := map[int]int{}, map[string]int{}
	for i := range t.Turns {
		turn := &t.Turns[i]
		if turn.Start < 0 || turn.End < turn.Start {
			return nil, fmt.Errorf("a turn of %s runs from %v to %v", turn.Speaker, turn.Start, turn.End)
		}
		places[turn.N] = i + 1
		addresses[address(turn)] = i + 1
	}
	for i := range t.Turns {
		turn := &t.Turns[i]
		if list := d.themes[turn.N]; list != nil {
			t.Themes = append(t.Themes, pipeline.Themes{Turn: i + 1, Themes: list})
		}
		by := strings.TrimSpace(d.decided[turn.N])
		turn.OutcomeTurn = places[turn.OutcomeTurn]
		if n := addresses[by]; n > 0 {
			turn.OutcomeTurn = n
		} else if by != "" {
			d.attach(turn, underNote, underDecided+": "+by)
		}
		turn.Note = strings.Join(d.notes[turn.N], "\n")
	}
	for i := range t.Turns {
		t.Turns[i].N = i + 1
	}
	return t, nil
}

// A timeline is turns of one speaker, sorted by start.
type timeline []pipeline.Turn

func inLine(turns []pipeline.Turn) timeline {
	return slices.SortedStableFunc(slices.Values(turns), func(a, b pipeline.Turn) int { return cmp.Compare(a.Start, b.Start) })
}

// at is the place in the draft of the turn that shares most time with s, of the two that
// begin before and after s does; -1 where neither shares any.
func (l timeline) at(s pipeline.Span) int {
	after, _ := slices.BinarySearchFunc(l, s.Start, func(t pipeline.Turn, at time.Duration) int {
		if t.Start <= at {
			return -1
		}
		return 1
	})
	best, place := time.Duration(0), -1
	for _, turn := range l[max(0, after-1):min(len(l), after+1)] {
		if shared := turn.Overlap(s); shared > best || turn.Contains(s.Start) && place < 0 {
			best, place = shared, turn.N-1
		}
	}
	return place
}
