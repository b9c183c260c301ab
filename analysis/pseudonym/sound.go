package pseudonym

import (
	"strings"

	"lydhor/pipeline"
)

// Spans gives the stretches of sound to be made unhearable, sorted by turn: the words that
// hold each mention, or the whole turn where its words do not spell its text.
func Spans(t *pipeline.Transcript) []pipeline.Span {
	var out []pipeline.Span
	for _, m := range Find(t) {
		turn := t.Turn(m.Turn)
		if turn == nil {
			continue
		}
		s, ok := spanOf(m, turn)
		if !ok {
			s = turn.Span
		}
		out = append(out, s)
	}
	return out
}

// spanOf follows the words of a turn through its text and joins those that touch m.
func spanOf(m Mention, turn *pipeline.Turn) (s pipeline.Span, ok bool) {
	at := 0
	for _, w := range turn.Words {
		text := strings.TrimSpace(w.Text)
		i := strings.Index(turn.Text[at:], text)
		if i < 0 || strings.TrimSpace(turn.Text[at:at+i]) != "" {
			return s, false
		}
		start, end := at+i, at+i+len(text)
		at = end
		if end <= m.Start || start >= m.End {
			continue
		}
		if !ok {
			s, ok = w.Span, true
		}
		s.Start, s.End = min(s.Start, w.Start), max(s.End, w.End)
	}
	return s, ok && at >= m.End
}
