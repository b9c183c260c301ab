package pipeline

import (
	"slices"
	"time"
)

// A Decision is what one analyst says of one turn. Decisions are only ever added: the
// latest that is not undone stands. They hold on to times and not to turn numbers, which
// change when a recording is transcribed again or a turn is split.
type Decision struct {
	Key      string    // made by whoever decides, so that sending it twice is deciding once
	Coder    string    // who decided
	Made     time.Time // when it was received
	Turn     Span      // the turn it is about
	Meaning  bool      // whether that is a citizen-meaning utterance
	Outcome  Outcome   // empty until it is decided
	Deciding Span      // the turn that decides the outcome; zero for none
	Note     string    // a comment
	Undoes   string    // the key of the decision that this one takes back; the rest is empty then
}

// Decided reports whether d says all that there is to say of its turn: that it is no
// citizen-meaning utterance, or what came of it.
func (d Decision) Decided() bool { return !d.Meaning || d.Outcome != "" }

// Standing gives the decision that stands for each turn of t, by the turn's number. all is
// one coder's, in the order they were made.
func Standing(t *Transcript, all []Decision) map[int]Decision {
	undone := map[string]bool{}
	for _, d := range slices.Backward(all) {
		if d.Undoes != "" && !undone[d.Key] {
			undone[d.Undoes] = true
		}
	}
	standing := map[int]Decision{}
	for _, d := range all {
		if d.Undoes != "" || undone[d.Key] {
			continue
		}
		if turn := t.At(d.Turn); turn != nil {
			standing[turn.N] = d
		}
	}
	return standing
}

// At gives the turn that shares most time with s, nil where none does.
func (t *Transcript) At(s Span) *Turn {
	var best *Turn
	for i := range t.Turns {
		turn := &t.Turns[i]
		if turn.Start >= s.End {
			break
		}
		if shared := turn.Overlap(s); shared > 0 && (best == nil || shared > best.Overlap(s)) {
			best = turn
		}
	}
	return best
}
