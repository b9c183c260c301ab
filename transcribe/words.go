package transcribe

import (
	"strings"
	"time"

	"lydhor/pipeline"
	"lydhor/transcribe/whisper"
)

// words joins tokens into words. A word begins with a space; bytes are joined before they
// become text, since a token can hold half an æ, ø or å. A word's probability is that of its
// least sure token.
func words(tokens []whisper.Token) []pipeline.Word {
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
	for _, t := range tokens {
		if len(t.Text) == 0 {
			continue
		}
		if t.Text[0] == ' ' || len(text) == 0 {
			flush()
			word = pipeline.Word{Span: pipeline.Span{Start: spoken(t), End: t.End}, P: t.P}
		}
		text = append(text, t.Text...)
		word.End = max(word.End, t.End)
		word.P = min(word.P, t.P)
	}
	flush()
	return list
}

// spoken is when a token begins, by DTW where there is one.
func spoken(t whisper.Token) time.Duration {
	if t.Spoken >= 0 {
		return t.Spoken
	}
	return t.Start
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
