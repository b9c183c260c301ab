package review

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lydhor/analysis"
	"lydhor/pipeline"
)

// Silences from these lengths on are written into the text; shorter ones show only where
// the reader asks for all.
const (
	shownGap   = time.Second            // between two turns
	shownPause = 700 * time.Millisecond // inside a turn
	leastPause = 200 * time.Millisecond // at all
)

// A conversation is a transcript as the pages show it.
type conversation struct {
	*pipeline.Transcript
	Length   time.Duration
	Reviewed bool // whether the reader can decide
	Notation bool // whether it is written in conversation-analytic notation
	Lanes    []lane
	Turns    []turn
	Flags    []*flag
	HasSound bool
	Loudness pipeline.Loudness // empty where it is not known
}

// stretch is how many turns the browser lays out together. Each alone costs more: it watches
// every one for whether it comes near the window.
const stretch = 40

// Stretches are the turns, a stretch at a time.
func (c *conversation) Stretches() [][]turn {
	return slices.Collect(slices.Chunk(c.Turns, stretch))
}

// Decided is how many flags a person has decided.
func (c *conversation) Decided() int {
	n := 0
	for _, f := range c.Flags {
		if f.Decision != nil && f.Decision.Decided() {
			n++
		}
	}
	return n
}

// RolesProposed reports whether a role still waits for a person to confirm it.
func (c *conversation) RolesProposed() bool {
	return slices.ContainsFunc(c.Lanes, func(l lane) bool { return l.Proposed })
}

// A lane is one speaker's line on the map of the conversation.
type lane struct {
	pipeline.Speaker
	Spans []pipeline.Span
}

// mapWidth is how many steps the map of a conversation has.
const mapWidth = 4000

// Path draws the lane for a conversation of the given length, as an SVG path of strokes
// along y = 4 that grow and move from left to right. Neighbours that meet at the map's
// resolution become one.
func (l lane) Path(length time.Duration) string {
	step := func(d time.Duration) int { return int(float64(d) / float64(max(length, 1)) * mapWidth) }
	var b strings.Builder
	at := 0
	b.WriteString("M0 4")
	for _, s := range l.Spans {
		from, to := max(step(s.Start), at), max(step(s.End), step(s.Start)+1)
		if to <= at {
			continue
		}
		if from > at {
			fmt.Fprintf(&b, "m%d 0", from-at)
		}
		fmt.Fprintf(&b, "h%d", to-from)
		at = to
	}
	return b.String()
}

// Wave draws how loud the conversation is from one end to the other, as an SVG path of
// waveSteps steps that fills the upper half of a box 100 high.
func (c *conversation) Wave() string {
	var b strings.Builder
	b.WriteString("M0 50")
	at := 50
	for _, level := range c.Loudness.Outline(waveSteps) {
		if y := 50 - int(50*level); y != at {
			fmt.Fprintf(&b, "V%d", y)
			at = y
		}
		b.WriteString("h1")
	}
	b.WriteString("V50z")
	return b.String()
}

// WaveHeight is how much room the drawing of the sound takes on the map, in pixels.
func (c *conversation) WaveHeight() int {
	if len(c.Loudness) == 0 {
		return 0
	}
	return 32
}

// waveSteps is how many steps the drawing of the sound has.
const waveSteps = 1000

// A turn is one turn as it is read: its text cut at pauses, and a flag where the citizen
// says something that matters.
type turn struct {
	*pipeline.Turn
	Lane   int
	Gap    time.Duration // from the end of all talk before; negative where it overlaps
	Pieces []piece       // one at least
	Times  string        // start of each word after the one before, the first after the turn's, in hundredths of a second
	Flag   *flag
	Themes []string // the codebook's, heard in a FLIP or a meeting
	Quotes []string // words with which the speaker quotes a citizen

	Latched bool // in notation: follows the turn before without a gap
	music   musicIn
}

// A piece is text between two pauses, and how long the pause after it lasts; in notation
// also the marks around it. Or it is music that begins there.
type piece struct {
	Text          string
	Pause         time.Duration
	Before, After string
	Music         pipeline.Music
}

// A flag is a citizen-meaning utterance and what happened next: as the machine proposes it,
// or as the reader decided.
type flag struct {
	*pipeline.Turn
	Decision   *pipeline.Decision
	Proposed   pipeline.Outcome // by the machine; empty where it saw no such utterance
	Outcome    pipeline.Outcome
	Deciding   *pipeline.Turn
	WhyMeaning []pipeline.Evidence
	WhyOutcome []pipeline.Evidence
	Unsure     bool
}

// unsureBelow is the confidence below which a proposal is called unsure.
const unsureBelow = 0.6

// newConversation lays t out for reading. standing is what the reader decided, by turn.
func newConversation(t *pipeline.Transcript, standing map[int]pipeline.Decision) *conversation {
	c := &conversation{Transcript: t, Lanes: lanes(t)}
	music := placed(t)
	themes := map[int][]string{}
	for _, heard := range t.Themes {
		themes[heard.Turn] = heard.Themes
	}
	for i := range t.Turns {
		from := &t.Turns[i]
		view := turn{Turn: from, Themes: themes[from.N], Gap: from.Start - c.Length, Lane: slices.IndexFunc(c.Lanes, func(l lane) bool {
			return l.Label == from.Speaker
		})}
		if i == 0 {
			view.Gap = 0
		}
		view.music = music[i]
		view.Pieces, view.Times = pieces(from, view.music)
		for _, quote := range from.Evidence[analysis.QuotedCitizen] {
			view.Quotes = append(view.Quotes, quote.Text)
		}
		d, decided := standing[from.N]
		if from.Has(pipeline.CitizenMeaning) || decided {
			view.Flag = newFlag(t, from)
			c.Flags = append(c.Flags, view.Flag)
		}
		if decided {
			view.Flag.decide(t, d)
		}
		c.Turns = append(c.Turns, view)
		c.Length = max(c.Length, from.End)
	}
	for _, m := range t.Music {
		c.Length = max(c.Length, m.End)
	}
	return c
}

// musicIn is the music that begins in a turn, as pieces of it, by the number of the words before
// it: 0 is in the silence before the turn. A text whose words' times are not known counts as one.
type musicIn map[int][]piece

// musicBorder is how much later music may begin than it was first heard: words that begin
// within it stand before its mark.
const musicBorder = time.Second

// placed puts all music in its turn, by the turn's place in t.
func placed(t *pipeline.Transcript) map[int]musicIn {
	all := map[int]musicIn{}
	for _, m := range t.Music {
		at, words := m.Start, 0
		if at > 0 {
			at += musicBorder
		}
		i := turnAt(t.Turns, at)
		if i < 0 {
			continue
		}
		if turn := &t.Turns[i]; turn.Start <= at {
			words = wordsBegun(turn, at)
		}
		if all[i] == nil {
			all[i] = musicIn{}
		}
		all[i][words] = append(all[i][words], piece{Music: m})
	}
	return all
}

// turnAt is the place of the turn that is said at that time, the one that began last where there
// are several; else of the next, or where none is to come of the last. -1 is without turns.
func turnAt(turns []pipeline.Turn, at time.Duration) int {
	next := 0
	for next < len(turns) && turns[next].Start <= at {
		next++
	}
	for i, turn := range slices.Backward(turns[:next]) {
		if turn.Contains(at) {
			return i
		}
	}
	return min(next, len(turns)-1)
}

// wordsBegun is how many words of a turn have begun at that time.
func wordsBegun(t *pipeline.Turn, at time.Duration) int {
	if _, timed := wordsOf(t); !timed {
		return 1
	}
	n := 0
	for n < len(t.Words) && t.Words[n].Start < at {
		n++
	}
	return n
}

// wordsOf is the words of a turn's text, and whether each has its time.
func wordsOf(t *pipeline.Turn) (text []string, timed bool) {
	text = strings.Fields(t.Text)
	return text, len(text) > 0 && len(text) == len(t.Words)
}

// lanes gives every speaker once, in the order they are listed or first heard.
func lanes(t *pipeline.Transcript) []lane {
	var list []lane
	for _, s := range t.Speakers {
		list = append(list, lane{Speaker: s})
	}
	for _, turn := range t.Turns {
		i := slices.IndexFunc(list, func(l lane) bool { return l.Label == turn.Speaker })
		if i < 0 {
			i = len(list)
			list = append(list, lane{Speaker: pipeline.Speaker{Label: turn.Speaker, Role: turn.Role}})
		}
		list[i].Spans = append(list[i].Spans, turn.Span)
	}
	for i := range list {
		if !slices.Contains(pipeline.Roles, list[i].Role) {
			list[i].Role = pipeline.Unknown
		}
	}
	return list
}

// pieces cuts a turn's text where the speaker pauses and where music begins. Without a time for
// every word of the text it stays whole, and times is empty.
func pieces(t *pipeline.Turn, music musicIn) (list []piece, times string) {
	list = slices.Clone(music[0])
	fields, timed := wordsOf(t)
	if !timed {
		return append(append(list, piece{Text: t.Text}), music[1]...), ""
	}
	var starts []string
	from, before := 0, int64(0)
	for i, w := range t.Words {
		start := (w.Start - t.Start).Milliseconds() / 10
		starts = append(starts, strconv.FormatInt(start-before, 10))
		before = start
		if i+1 < len(t.Words) {
			pause := t.Words[i+1].Start - w.End
			if pause < leastPause {
				pause = 0
			}
			if pause > 0 || music[i+1] != nil {
				list = append(list, piece{Text: strings.Join(fields[from:i+1], " "), Pause: pause})
				list = append(list, music[i+1]...)
				from = i + 1
			}
		}
	}
	list = append(list, piece{Text: strings.Join(fields[from:], " ")})
	return append(list, music[len(fields)]...), strings.Join(starts, " ")
}

func newFlag(t *pipeline.Transcript, from *pipeline.Turn) *flag {
	proposed := from.Outcome
	if !slices.Contains(pipeline.Outcomes, proposed) && from.Has(pipeline.CitizenMeaning) {
		proposed = pipeline.Open
	}
	confidence, known := from.Confidence[pipeline.OutcomeKey]
	return &flag{
		Turn:       from,
		Proposed:   proposed,
		Outcome:    proposed,
		Deciding:   t.Turn(from.OutcomeTurn),
		WhyMeaning: weightiest(from.Evidence[string(pipeline.CitizenMeaning)]),
		WhyOutcome: weightiest(from.Evidence[pipeline.OutcomeKey]),
		Unsure:     known && confidence < unsureBelow,
	}
}

// decide puts the reader's decision in the place of the proposal.
func (f *flag) decide(t *pipeline.Transcript, d pipeline.Decision) {
	f.Decision = &d
	f.Unsure = false
	if d.Outcome != "" || !d.Meaning {
		f.Outcome = d.Outcome
		f.Deciding = t.At(d.Deciding)
	}
}

// shownReasons is how many reasons a reader is given.
const shownReasons = 6

// weightiest gives the reasons that counted most, whichever way, the weightiest first.
func weightiest(all []pipeline.Evidence) []pipeline.Evidence {
	list := slices.Clone(all)
	slices.SortStableFunc(list, func(a, b pipeline.Evidence) int {
		return -cmp.Compare(max(a.Weight, -a.Weight), max(b.Weight, -b.Weight))
	})
	return list[:min(len(list), shownReasons)]
}

// clock writes a time of the recording as people do: 0:07, 12:34, 1:02:03.
func clock(d time.Duration) string {
	s := int(d / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
