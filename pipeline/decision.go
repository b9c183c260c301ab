package pipeline

import (
	"slices"
	"strings"
	"time"
)

// Coders that are nobody's account: accounts have small letters alone.
const (
	Consensus = "consensus" // in whose name people settle what they disagreed on
	Lydhor    = "Lydhør"    // the built-in coder
)

// IsPerson reports whether a coder is one person: neither a machine nor the consensus of
// several.
func IsPerson(coder string) bool { return coder != Consensus && coder == strings.ToLower(coder) }

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

// Settled gives what people decided of each turn that they did: the consensus where there is
// one, else what more of them say than anything else; nothing where they are divided. all is
// everybody's, in the order they were made.
func Settled(t *Transcript, all []Decision) map[int]Decision {
	votes := map[int][]Decision{}
	for coder, own := range ByCoder(all) {
		if !IsPerson(coder) {
			continue
		}
		for n, d := range Standing(t, own) {
			if d.Decided() {
				votes[n] = append(votes[n], d)
			}
		}
	}
	settled := map[int]Decision{}
	for n, list := range votes {
		if d, clear := most(list); clear {
			settled[n] = d
		}
	}
	for n, d := range Standing(t, ByCoder(all)[Consensus]) {
		if d.Decided() {
			settled[n] = d
		}
	}
	return settled
}

// most gives a decision of those that say what most say, and whether no other says as many.
func most(list []Decision) (d Decision, clear bool) {
	count := map[Outcome]int{} // "" where it is no citizen-meaning utterance
	for _, d := range list {
		count[d.Outcome]++
	}
	best := 0
	for _, candidate := range list {
		switch n := count[candidate.Outcome]; {
		case n > best:
			d, best, clear = candidate, n, true
		case n == best && candidate.Outcome != d.Outcome:
			clear = false
		}
	}
	return d, clear
}

// Undecided is how many of the machine's flags a coder has not decided.
func Undecided(t *Transcript, standing map[int]Decision) int {
	n := 0
	for i := range t.Turns {
		turn := &t.Turns[i]
		if d, made := standing[turn.N]; turn.Has(CitizenMeaning) && !(made && d.Decided()) {
			n++
		}
	}
	return n
}

// ByCoder sorts decisions by who made them, each coder's in the order they were made.
func ByCoder(all []Decision) map[string][]Decision {
	sorted := map[string][]Decision{}
	for _, d := range all {
		sorted[d.Coder] = append(sorted[d.Coder], d)
	}
	return sorted
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
