package pipeline

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Cues follow the usual rules of subtitling: two lines of 42 letters, at most 7 seconds.
const (
	lineLetters = 42
	cueLetters  = 2 * lineLetters
	cueTime     = 7 * time.Second
)

// WriteVTT writes turns as WebVTT (W3C Candidate Recommendation, 4 April 2019): turns are
// cut into cues at their words, and every cue names its speaker.
func WriteVTT(w io.Writer, turns []Turn) error {
	b := bufio.NewWriter(w)
	fmt.Fprint(b, "WEBVTT\n")
	for _, t := range turns {
		for _, c := range cues(t) {
			fmt.Fprintf(b, "\n%s --> %s\n<v %s>%s\n", clock(c.Start, '.'), clock(c.End, '.'),
				escapeVTT(oneLine(t.Speaker)), escapeVTT(twoLines(c.Text)))
		}
	}
	return b.Flush()
}

// WriteSRT writes turns as SubRip: the cues of WriteVTT, numbered, the speaker before the
// text.
func WriteSRT(w io.Writer, turns []Turn) error {
	b := bufio.NewWriter(w)
	n := 0
	for _, t := range turns {
		for _, c := range cues(t) {
			if n++; n > 1 {
				fmt.Fprintln(b)
			}
			fmt.Fprintf(b, "%d\n%s --> %s\n%s: %s\n", n, clock(c.Start, ','), clock(c.End, ','),
				oneLine(t.Speaker), twoLines(c.Text))
		}
	}
	return b.Flush()
}

// cues cuts a turn into stretches short enough to be read: before the word that would make
// one too long, and after a sentence in its second half. A turn without words is spread
// over its time.
func cues(t Turn) []Word {
	words := t.Words
	if len(words) == 0 {
		words = spread(Segment{Span: t.Span, Text: t.Text})
	}
	var cues []Word
	for i, w := range words {
		text := oneLine(w.Text)
		if i == 0 || cueIsFull(cues[len(cues)-1], text, w.Span) {
			cues = append(cues, Word{Span: w.Span, Text: text})
			continue
		}
		c := &cues[len(cues)-1]
		c.Text += " " + text
		c.End = max(c.End, w.End)
	}
	return cues
}

func cueIsFull(cue Word, next string, span Span) bool {
	letters := utf8.RuneCountInString(cue.Text)
	return letters+1+utf8.RuneCountInString(next) > cueLetters ||
		span.End-cue.Start > cueTime ||
		letters >= lineLetters && endsSentence(cue.Text)
}

// twoLines breaks a text that is too long for a line at the space nearest its middle.
func twoLines(text string) string {
	if utf8.RuneCountInString(text) <= lineLetters {
		return text
	}
	at := -1
	for i, r := range text {
		if r == ' ' && (at < 0 || abs(2*i-len(text)) < abs(2*at-len(text))) {
			at = i
		}
	}
	if at < 0 {
		return text
	}
	return text[:at] + "\n" + text[at+1:]
}

func abs(n int) int { return max(n, -n) }

// oneLine joins the fields of s with single spaces: a blank line would end the cue.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func escapeVTT(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// clock writes hours:minutes:seconds and milliseconds after the given mark.
func clock(d time.Duration, mark rune) string {
	ms := d.Round(time.Millisecond).Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d%c%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, mark, ms%1000)
}
