package review

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"lydhor/pipeline"
)

// Conversation-analytic notation, after Jefferson (2004), as far as words' times and the
// sound carry it: (0.6) and (.) for pauses, [ ] around what is said at the same time as
// somebody else's words, = where one turn follows the other without a gap, ° ° around what is
// clearly softer than the speaker's usual level. What is not speech stands in (( )): music.
const (
	shortestPause = 100 * time.Millisecond // written as (.)
	leastOverlap  = 50 * time.Millisecond  // of two words; times are no better than that
	latched       = 80 * time.Millisecond  // at most, between two speakers' turns
	softBy        = 8                      // decibels below the middle of the speaker's words
	softWords     = 2                      // in a row at least: one weak syllable is no soft voice
)

// notate writes the turns in notation. Without loudness nothing is soft.
func (c *conversation) notate(loudness pipeline.Loudness) {
	c.Notation = true
	usual := usualLevels(c.Transcript, loudness)
	for i := range c.Turns {
		t := &c.Turns[i]
		if t.Times == "" {
			continue
		}
		soft := softOf(t.Words, loudness, usual[t.Speaker])
		t.Pieces = marked(t.Turn, c.spokenOver(i), soft, t.music)
		t.Latched = i > 0 && c.follows(i)
		if t.Latched {
			before := &c.Turns[i-1]
			before.Pieces[len(before.Pieces)-1].After += "="
			t.Pieces[0].Before = "=" + t.Pieces[0].Before
		}
	}
}

// follows reports whether turn i begins where another speaker's turn before it ends.
func (c *conversation) follows(i int) bool {
	t := c.Turns[i]
	return t.Speaker != c.Turns[i-1].Speaker && t.Gap.Abs() <= latched
}

// overlapTurns is how many turns back and ahead a turn is looked for that is spoken over it.
const overlapTurns = 20

// spokenOver says for each word of turn i whether somebody else speaks at the same time.
func (c *conversation) spokenOver(i int) []bool {
	t := c.Turns[i]
	over := make([]bool, len(t.Words))
	for j := max(0, i-overlapTurns); j < min(len(c.Turns), i+overlapTurns+1); j++ {
		other := c.Turns[j]
		if other.Speaker == t.Speaker || other.Overlap(t.Span) < leastOverlap {
			continue
		}
		for k, w := range t.Words {
			over[k] = over[k] || slices.ContainsFunc(other.Words, func(o pipeline.Word) bool { return o.Overlap(w.Span) >= leastOverlap })
		}
	}
	return over
}

// usualLevels is the middle of the levels of each speaker's words.
func usualLevels(t *pipeline.Transcript, loudness pipeline.Loudness) map[string]float64 {
	levels := map[string][]float64{}
	for _, turn := range t.Turns {
		for _, w := range turn.Words {
			levels[turn.Speaker] = append(levels[turn.Speaker], loudness.Level(w.Span))
		}
	}
	usual := map[string]float64{}
	for speaker, list := range levels {
		slices.SortFunc(list, cmp.Compare[float64])
		usual[speaker] = list[len(list)/2]
	}
	return usual
}

// softOf says for each word whether it is part of something said softly.
func softOf(words []pipeline.Word, loudness pipeline.Loudness, usual float64) []bool {
	soft := make([]bool, len(words))
	for i := 0; i < len(words); {
		end := i
		for end < len(words) && len(loudness) > 0 && loudness.Level(words[end].Span) < usual-softBy {
			end++
		}
		for j := i; j < end && end-i >= softWords; j++ {
			soft[j] = true
		}
		i = max(end, i+1)
	}
	return soft
}

// marked cuts a turn's text, of as many words, at pauses, where a mark begins or ends and where
// music begins.
func marked(t *pipeline.Turn, over, soft []bool, music musicIn) []piece {
	text, words := strings.Fields(t.Text), t.Words
	list := slices.Clone(music[0])
	for i, w := range words {
		first, last := i == 0, i == len(words)-1
		begins := first || over[i] != over[i-1] || soft[i] != soft[i-1] || list[len(list)-1].Pause > 0 || music[i] != nil
		if begins {
			list = append(list, piece{})
		}
		p := &list[len(list)-1]
		if over[i] && (first || !over[i-1]) {
			p.Before += "["
		}
		if soft[i] && (first || !soft[i-1]) {
			p.Before += "°"
		}
		if !begins {
			p.Text += " "
		}
		p.Text += text[i]
		if soft[i] && (last || !soft[i+1]) {
			p.After += "°"
		}
		if over[i] && (last || !over[i+1]) {
			p.After += "]"
		}
		if !last {
			p.Pause = pauseBetween(w, words[i+1])
		}
		list = append(list, music[i+1]...)
	}
	return list
}

// pauseBetween is zero for what is too short to be written.
func pauseBetween(a, b pipeline.Word) time.Duration {
	if pause := b.Start - a.End; pause >= shortestPause {
		return pause
	}
	return 0
}
