package pipeline

import (
	"strings"
	"time"
)

// UnknownSpeaker is the label of everybody where speakers could not be told apart.
const UnknownSpeaker = "ukendt"

// Where turns end: see joinRuns.
const (
	interjection = 1500 * time.Millisecond // the longest talk that does not end another's turn
	breath       = 700 * time.Millisecond  // the longest silence of a speaker who talks on through one
	lapse        = 5 * time.Second         // a silence after which the same speaker starts anew
	unknownLapse = time.Second             // the same where nobody knows who speaks
)

// AssembleTurns gives every word to one speaker and joins what a speaker says into turns,
// numbered from 1 and sorted by start. Segments are sorted by start, speakers in any order;
// both may overlap. Roles are Unknown, times are those of the words.
//
// Words go to whoever speaks at that time, all of them weighed together (Viterbi's
// algorithm): a change of speaker is cheap in a pause, dearer at the end of a sentence and
// dearest inside a phrase, so that the first words of an answer do not stick to the
// question when times are a little off. A word in nobody's speaker turn goes to the
// nearest speaker. Without any speakers all is said by UnknownSpeaker.
//
// A turn ends when somebody else speaks or after a lapse. A short interjection is a turn of
// its own but does not end the turn of a speaker who talks on through it: the two overlap.
//
// Time and memory grow with words × speakers.
func AssembleTurns(segments []Segment, speakers []SpeakerTurn) []Turn {
	words := segmentWords(segments)
	if len(words) == 0 {
		return nil
	}
	voices := voicesOf(speakers)
	return joinRuns(runs(words, attribute(words, voices), voices))
}

// A wordRun is consecutive words of one voice without a lapse.
type wordRun struct {
	voice voice
	words []Word
	Span
}

// runs cuts the words where the voice changes and at lapses.
func runs(words []placedWord, who []int, voices []voice) []wordRun {
	limit := lapse
	if len(voices) == 1 && len(voices[0].held) == 0 {
		limit = unknownLapse
	}
	var all []wordRun
	for i, w := range words {
		if i == 0 || who[i] != who[i-1] || w.Start-all[len(all)-1].End > limit {
			all = append(all, wordRun{voice: voices[who[i]], Span: w.Span})
		}
		r := &all[len(all)-1]
		r.words = append(r.words, w.Word)
		r.End = max(r.End, w.End)
	}
	return all
}

// joinRuns makes turns of runs. A run goes on with its speaker's last turn where that
// speaker held the floor between them, hardly stopped, and others only interjected.
func joinRuns(runs []wordRun) []Turn {
	var turns []Turn
	open := map[string]int{} // the turn of each speaker that may still go on
	for _, r := range runs {
		n, ok := open[r.voice.label]
		if !ok || r.Start-turns[n].End > breath || !r.voice.holds(Span{turns[n].End, r.Start}) {
			n = len(turns)
			turns = append(turns, Turn{N: n + 1, Speaker: r.voice.label, Role: Unknown, Span: r.Span})
		}
		turns[n].Words = append(turns[n].Words, r.words...)
		turns[n].End = max(turns[n].End, r.End)
		if r.Dur() > interjection {
			clear(open)
		}
		open[r.voice.label] = n
	}
	for i := range turns {
		turns[i].Text = joinWords(turns[i].Words)
	}
	return turns
}

func joinWords(words []Word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strings.TrimSpace(w.Text))
	}
	return b.String()
}
