package transcribe

import (
	"strings"
	"time"

	"lydhor/pipeline"
	"lydhor/transcribe/whisper"
)

// words joins the tokens of a segment that ends at last into words. A word begins with a space; bytes are joined before they
// become text, since a token can hold half an æ, ø or å. A word's probability is that of its
// least sure token.
func words(tokens []whisper.Token, last, lag time.Duration) []pipeline.Word {
	var list []pipeline.Word
	var text []byte
	var word pipeline.Word
	flush := func() {
		word.Text = strings.TrimSpace(strings.ToValidUTF8(string(text), "\uFFFD"))
		if word.Text != "" {
			list = append(list, word)
		}
		text = text[:0]
	}
	for i, t := range tokens {
		if len(t.Text) == 0 {
			continue
		}
		if t.Text[0] == ' ' || len(text) == 0 {
			flush()
			word = pipeline.Word{Span: pipeline.Span{Start: start(t, lag)}, P: t.P}
		}
		text = append(text, t.Text...)
		word.End = max(word.Start, end(tokens[i:], last, lag))
		word.P = min(word.P, t.P)
	}
	flush()
	return list
}

// start is when a token begins, by DTW where there is one. Attention follows the sound with
// a lag.
func start(t whisper.Token, lag time.Duration) time.Duration {
	if t.Spoken >= 0 {
		return max(0, t.Spoken-lag)
	}
	return t.Start
}

// end is when the first of tokens ends: by DTW as the next one begins, or at last.
func end(tokens []whisper.Token, last, lag time.Duration) time.Duration {
	switch {
	case tokens[0].Spoken < 0:
		return tokens[0].End
	case len(tokens) > 1:
		return start(tokens[1], lag)
	}
	return last
}

// sentence is the text of words.
func sentence(words []pipeline.Word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.Text)
	}
	return b.String()
}
