package pseudonym

import (
	"strings"

	"lydhor/pipeline"
)

// A Score keeps the parts of recall and precision, by expression.
type Score struct{ Gold, Masked, Found, Right int }

// Add sums scores of several conversations.
func (s *Score) Add(o Score) {
	s.Gold, s.Masked, s.Found, s.Right = s.Gold+o.Gold, s.Masked+o.Masked, s.Found+o.Found, s.Right+o.Right
}

// Recall is the share of the gold expressions masked whole; NaN where there is none.
func (s Score) Recall() float64 { return float64(s.Masked) / float64(s.Gold) }

// Precision is the share of the found mentions that touch a gold expression; NaN where
// nothing is found.
func (s Score) Precision() float64 { return float64(s.Right) / float64(s.Found) }

// A Miss is a gold expression not masked whole, or a mention that is none.
type Miss struct {
	pipeline.PII
	Extra bool
}

// Evaluate compares Find with t.PII, where every expression stands for all its places in
// its turn. Kinds are not compared: a wrong label hides as well as the right one.
func Evaluate(t *pipeline.Transcript) (Score, []Miss) {
	var s Score
	var misses []Miss
	hidden := map[int][]bool{} // bytes found
	gold := map[int][]bool{}   // bytes that should be
	for _, turn := range t.Turns {
		hidden[turn.N], gold[turn.N] = make([]bool, len(turn.Text)), make([]bool, len(turn.Text))
	}
	found := Find(t)
	for _, m := range found {
		mark(hidden[m.Turn], m.Start, m.End)
	}
	for _, p := range t.PII {
		turn := t.Turn(p.Turn)
		if turn == nil || p.Text == "" {
			continue
		}
		whole := strings.Contains(turn.Text, p.Text)
		for at := 0; ; {
			i := strings.Index(turn.Text[at:], p.Text)
			if i < 0 {
				break
			}
			start, end := at+i, at+i+len(p.Text)
			mark(gold[p.Turn], start, end)
			whole = whole && covered(turn.Text[start:end], hidden[p.Turn][start:end])
			at = end
		}
		s.Gold++
		if whole {
			s.Masked++
			continue
		}
		misses = append(misses, Miss{p, false})
	}
	for _, m := range found {
		s.Found++
		if touches(gold[m.Turn][m.Start:m.End]) {
			s.Right++
			continue
		}
		misses = append(misses, Miss{pipeline.PII{Turn: m.Turn, Kind: string(m.Kind), Text: m.Text}, true})
	}
	return s, misses
}

func mark(bytes []bool, start, end int) {
	for i := start; i < end; i++ {
		bytes[i] = true
	}
}

// covered reports whether all of text but its spaces and marks is hidden.
func covered(text string, hidden []bool) bool {
	for i := range text {
		if !hidden[i] && !strings.ContainsRune(" ,.-", rune(text[i])) {
			return false
		}
	}
	return true
}

func touches(bytes []bool) bool {
	for _, b := range bytes {
		if b {
			return true
		}
	}
	return false
}
