package pipeline

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A Correction is one change that a person makes to what the machine heard. Corrections are
// only ever added and applied in order; one that is undone is left out. They hold on to
// times and speakers' labels, not to turn numbers.
type Correction struct {
	Key    string        // made by whoever corrects, so that sending it twice is correcting once
	Coder  string        // who corrected
	Made   time.Time     // when it was received
	Do     Change        // what it changes; empty where it undoes
	Turn   Span          // the turn it is about
	Label  string        // the speaker it is about
	To     string        // the new text, label or role
	From   time.Duration // where a turn is cut
	Undoes string        // the key of the correction that this one takes back
}

// A Change is a kind of correction.
type Change string

const (
	ChangeText    Change = "text"    // the turn says To
	ChangeSpeaker Change = "speaker" // the turn is said by the speaker labelled To
	ChangeRole    Change = "role"    // the speaker Label has the role To
	ChangeLabel   Change = "label"   // the speaker Label is labelled To; with a label that is taken, two become one
	Split         Change = "split"   // the turn's words from From on are a turn of their own
	Join          Change = "join"    // the turn and the next are one
	GiveNext      Change = "next"    // the turn's words from From on belong to the next turn
	GivePrevious  Change = "before"  // the turn's words before From belong to the turn before
)

// Correct gives t with the corrections applied. Codes and outcomes stay with their turns;
// what the changes mean for them is for the next analysis. One that no longer fits, because
// its turn or speaker is gone, changes nothing.
func Correct(t *Transcript, all []Correction) *Transcript {
	fixed := *t
	fixed.Turns = slices.Clone(t.Turns)
	fixed.Speakers = slices.Clone(t.Speakers)
	for _, turn := range t.Turns { // a gold dialogue lists no speakers
		if fixed.Speaker(turn.Speaker) == nil {
			fixed.Speakers = append(fixed.Speakers, Speaker{Label: turn.Speaker, Role: turn.Role})
		}
	}
	for _, c := range standing(all) {
		fixed.apply(c)
	}
	return &fixed
}

// standing are the corrections that are not undone, without those that undo.
func standing(all []Correction) []Correction {
	undone := map[string]bool{}
	for _, c := range slices.Backward(all) {
		if c.Undoes != "" && !undone[c.Key] {
			undone[c.Undoes] = true
		}
	}
	var left []Correction
	for _, c := range all {
		if c.Undoes == "" && !undone[c.Key] {
			left = append(left, c)
		}
	}
	return left
}

func (t *Transcript) apply(c Correction) {
	switch c.Do {
	case ChangeRole:
		t.setRole(c.Label, Role(c.To))
		return
	case ChangeLabel:
		t.relabel(c.Label, c.To)
		return
	}
	turn := t.At(c.Turn)
	if turn == nil {
		return
	}
	switch c.Do {
	case ChangeText:
		turn.Words = retime(turn.Words, strings.Fields(c.To))
		turn.Text = strings.TrimSpace(c.To)
	case ChangeSpeaker:
		t.say(turn, c.To)
	case Split:
		t.split(turn.N, c.From)
	case Join:
		if n := turn.N; n < len(t.Turns) && t.Turns[n].Dur() > turn.Dur() {
			t.join(n, t.Turns[n])
		} else {
			t.join(n, *turn)
		}
	case GiveNext:
		if n := turn.N; n < len(t.Turns) && t.split(n, c.From) {
			t.join(n+1, t.Turns[n+1])
		}
	case GivePrevious:
		if n := turn.N; n > 1 && t.split(n, c.From) {
			t.Turns[n].takeCodes(&t.Turns[n-1])
			t.join(n-1, t.Turns[n-2])
		}
	}
}

// say gives a turn to a speaker, who may be new.
func (t *Transcript) say(turn *Turn, label string) {
	if label = strings.TrimSpace(label); label == "" {
		return
	}
	if t.Speaker(label) == nil {
		t.Speakers = append(t.Speakers, Speaker{Label: label, Role: Unknown})
	}
	turn.Speaker, turn.Role = label, t.Speaker(label).Role
}

// setRole says who a speaker is; a person having said so, it is no proposal any more.
func (t *Transcript) setRole(label string, role Role) {
	s := t.Speaker(label)
	if s == nil || !slices.Contains(Roles, role) {
		return
	}
	*s = Speaker{Label: label, Role: role}
	t.spread(label, *s)
}

// relabel gives a speaker another label. If another speaker has it, that one remains.
func (t *Transcript) relabel(from, to string) {
	s := t.Speaker(from)
	if to = strings.TrimSpace(to); s == nil || to == "" || to == from {
		return
	}
	if other := t.Speaker(to); other != nil {
		t.spread(from, *other)
		t.Speakers = slices.DeleteFunc(t.Speakers, func(s Speaker) bool { return s.Label == from })
		return
	}
	s.Label = to
	t.spread(from, *s)
}

// spread gives the turns of one label to s.
func (t *Transcript) spread(label string, s Speaker) {
	for i := range t.Turns {
		if t.Turns[i].Speaker == label {
			t.Turns[i].Speaker, t.Turns[i].Role = s.Label, s.Role
		}
	}
}

// split makes two turns of turn n, and reports whether there are words on both sides.
func (t *Transcript) split(n int, from time.Duration) bool {
	turn := t.Turns[n-1]
	at := slices.IndexFunc(turn.Words, func(w Word) bool { return w.Start >= from })
	if at < 1 {
		return false
	}
	first, second := turn, Turn{Speaker: turn.Speaker, Role: turn.Role}
	first.Words, second.Words = turn.Words[:at:at], turn.Words[at:]
	second.Span = Span{second.Words[0].Start, turn.End}
	first.End = min(turn.End, first.Words[at-1].End)
	first.Text, second.Text = joinWords(first.Words), joinWords(second.Words)
	t.Turns[n-1] = first
	t.Turns = slices.Insert(t.Turns, n, second)
	t.renumber()
	return true
}

// join makes one turn of turn n and the next, said by whoever says the given one.
func (t *Transcript) join(n int, by Turn) {
	if n >= len(t.Turns) {
		return
	}
	first, second := &t.Turns[n-1], t.Turns[n]
	first.Speaker, first.Role = by.Speaker, by.Role
	if (len(first.Words) > 0) == (len(second.Words) > 0) {
		first.Words = slices.Concat(first.Words, second.Words)
		slices.SortStableFunc(first.Words, func(a, b Word) int { return cmp.Compare(a.Start, b.Start) })
	} else {
		first.Words = nil // half of them would be no turn's
	}
	if len(first.Codes) == 0 {
		first.takeCodes(&second)
	}
	first.Text = strings.TrimSpace(first.Text + " " + second.Text)
	first.End = max(first.End, second.End)
	for i := range t.Turns {
		if t.Turns[i].OutcomeTurn == second.N {
			t.Turns[i].OutcomeTurn = first.N
		}
	}
	t.Turns = slices.Delete(t.Turns, n, n+1)
	t.renumber()
}

// takeCodes moves what from is coded as to t.
func (t *Turn) takeCodes(from *Turn) {
	t.Codes, t.Outcome, t.OutcomeTurn, t.Note, t.Evidence, t.Confidence = from.Codes, from.Outcome, from.OutcomeTurn, from.Note, from.Evidence, from.Confidence
	from.Codes, from.Outcome, from.OutcomeTurn, from.Note, from.Evidence, from.Confidence = nil, "", 0, "", nil, nil
}

// renumber numbers the turns from 1 again; what refers to them follows.
func (t *Transcript) renumber() {
	now := map[int]int{}
	for i := range t.Turns {
		if t.Turns[i].N > 0 {
			now[t.Turns[i].N] = i + 1
		}
		t.Turns[i].N = i + 1
	}
	for i := range t.Turns {
		t.Turns[i].OutcomeTurn = now[t.Turns[i].OutcomeTurn]
	}
}

// retime gives words to a corrected text: those that stayed keep their times, and those
// between them share what time there is.
func retime(old []Word, text []string) []Word {
	if len(old) == 0 || len(text) == 0 {
		return nil
	}
	words := make([]Word, len(text))
	kept := common(old, text)
	for i, s := range text {
		words[i].Text = s
		if at, stayed := kept[i]; stayed {
			words[i].Span, words[i].P = old[at].Span, old[at].P
		}
	}
	for i := 0; i < len(words); {
		if _, stayed := kept[i]; stayed {
			i++
			continue
		}
		end, gap := i, Span{old[0].Start, old[len(old)-1].End}
		for end < len(words) {
			if _, stayed := kept[end]; stayed {
				gap.End = words[end].Start
				break
			}
			end++
		}
		if i > 0 {
			gap.Start = words[i-1].End
		}
		gap.End = max(gap.End, gap.Start)
		share := gap.Dur() / time.Duration(end-i)
		for ; i < end; i++ {
			words[i].Span = Span{gap.Start, gap.Start + share}
			gap.Start += share
		}
	}
	return words
}

// mostCompared bounds the memory of common: more pairs of words than that are not compared.
const mostCompared = 4_000_000

// common finds the longest run of words, in order, that both have, letters' case and the
// marks around them left aside: the place in text to the place in old.
func common(old []Word, text []string) map[int]int {
	bare := func(s string) string { return strings.ToLower(strings.Trim(s, ".,;:!?…\"'»«”“()- ")) }
	same := func(i, j int) bool { return bare(text[i]) == bare(old[j].Text) }
	kept := map[int]int{}
	from := 0
	for from < min(len(text), len(old)) && same(from, from) {
		kept[from] = from
		from++
	}
	toText, toOld := len(text), len(old)
	for toText > from && toOld > from && same(toText-1, toOld-1) {
		toText, toOld = toText-1, toOld-1
		kept[toText] = toOld
	}
	if (toText-from)*(toOld-from) > mostCompared {
		return kept
	}
	length := make([][]int, toText-from+1) // of the common run of text[from+i:toText] and old[from+j:toOld]
	for i := range length {
		length[i] = make([]int, toOld-from+1)
	}
	for i := toText - from - 1; i >= 0; i-- {
		for j := toOld - from - 1; j >= 0; j-- {
			length[i][j] = max(length[i+1][j], length[i][j+1])
			if same(from+i, from+j) {
				length[i][j] = length[i+1][j+1] + 1
			}
		}
	}
	for i, j := 0, 0; from+i < toText && from+j < toOld; {
		switch {
		case same(from+i, from+j):
			kept[from+i] = from + j
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return kept
}
