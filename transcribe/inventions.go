package transcribe

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"lydhor/pipeline"
)

// repeats is how often the same text in a row is a loop of the decoder rather than a
// person; people say "ja ja ja", so short words may be repeated.
const repeats = 4

// dropInventions parts what was said from what whisper makes up: text without a word, that runs
// in a loop or stands where no voice was heard, or most of it in music.
func dropInventions(segments []pipeline.Segment, voice, music []pipeline.Span) (said []pipeline.Segment, dropped []pipeline.Dropped) {
	run := 0
	for i, s := range segments {
		if i > 0 && s.Text == segments[i-1].Text {
			run++
		} else {
			run = 0
		}
		switch {
		case len(s.Words) == 0:
		case !slices.ContainsFunc(s.Words, isWord):
			dropped = append(dropped, pipeline.Dropped{Span: s.Span, Text: s.Text, Reason: "signs only"})
		case run >= repeats && len(s.Words) > 2:
			dropped = append(dropped, pipeline.Dropped{Span: s.Span, Text: s.Text, Reason: fmt.Sprintf("the same segment %d times in a row", run+1)})
		case loops(s.Words):
			dropped = append(dropped, pipeline.Dropped{Span: s.Span, Text: s.Text, Reason: "a few words in a loop"})
		case !meets(voice, s.Span):
			dropped = append(dropped, pipeline.Dropped{Span: s.Span, Text: s.Text, Reason: "no voice there"})
		case shared(music, s.Span)*2 > s.Dur():
			dropped = append(dropped, pipeline.Dropped{Span: s.Span, Text: s.Text, Reason: "music"})
		default:
			said = append(said, s)
		}
	}
	return said, dropped
}

// isWord reports whether w is more than signs.
func isWord(w pipeline.Word) bool {
	return strings.ContainsFunc(w.Text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

// meets reports whether any of spans, sorted, shares sound with span.
func meets(spans []pipeline.Span, span pipeline.Span) bool {
	i, _ := slices.BinarySearchFunc(spans, span.Start, func(s pipeline.Span, at time.Duration) int {
		return cmp.Compare(s.End, at+1)
	})
	return i < len(spans) && spans[i].Start < max(span.End, span.Start+1)
}

// shared is how much of span lies in spans.
func shared(spans []pipeline.Span, span pipeline.Span) (sum time.Duration) {
	for _, s := range spans {
		sum += s.Overlap(span)
	}
	return sum
}

// loops reports whether words are mostly one phrase of up to six words over and over.
func loops(words []pipeline.Word) bool {
	for period := 1; period <= 6; period++ {
		same := 0
		for i := period; i < len(words); i++ {
			if strings.EqualFold(words[i].Text, words[i-period].Text) {
				same++
			}
		}
		if same >= 8 && same >= 3*period && same*10 >= 8*len(words) {
			return true
		}
	}
	return false
}
