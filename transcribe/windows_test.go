package transcribe

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

func TestWindows(t *testing.T) {
	span := pipeline.FromSeconds
	for _, test := range []struct {
		name        string
		voice, want []pipeline.Span
		most        time.Duration
	}{
		{"left to whisper", []pipeline.Span{span(1, 2)}, []pipeline.Span{span(0, 20)}, 0},
		{"with a pause around", []pipeline.Span{span(1, 4)}, []pipeline.Span{span(0.7, 4.3)}, 6 * time.Second},
		{"at the borders of the piece", []pipeline.Span{span(0.1, 19.9)}, []pipeline.Span{span(0, 20)}, 6 * time.Second},
		{"two that fit together", []pipeline.Span{span(1, 3), span(4, 7)}, []pipeline.Span{span(0.7, 7.3)}, 6 * time.Second},
		{"two that do not", []pipeline.Span{span(1, 3), span(4, 7.1)}, []pipeline.Span{span(0.7, 3.3), span(3.7, 7.4)}, 6 * time.Second},
		{"a short pause is halved", []pipeline.Span{span(1, 6), span(6.4, 9)}, []pipeline.Span{span(0.7, 6.2), span(6.2, 9.3)}, 6 * time.Second},
		{"a long voice", []pipeline.Span{span(1, 10), span(12, 13)}, []pipeline.Span{span(0.7, 10.3), span(11.7, 13.3)}, 6 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, windows(test.voice, test.most, 20*time.Second)); diff != "" {
				t.Errorf("windows differ (-want +got):\n%s", diff)
			}
		})
	}
}

// A voice without a pause is cut where it is softest, at 18 s here.
func TestWindowsAreNotTooLong(t *testing.T) {
	sound := make(pipeline.Samples, pipeline.Index(30*time.Second))
	for i := range sound {
		sound[i] = float32(i%7-3) / 10
	}
	clear(sound[pipeline.Index(17900*time.Millisecond):pipeline.Index(18100*time.Millisecond)])
	piece := pipeline.Span{End: 30 * time.Second}
	got, err := (&Transcriber{o: Options{Model: Demo}}).windows(sound, []pipeline.Span{piece}, piece.End)
	if err != nil {
		t.Fatal(err)
	}
	quiet := pipeline.FromSeconds(17.9, 18.1)
	if len(got) != 2 || got[0].Start != 0 || got[1] != (pipeline.Span{Start: got[0].End, End: piece.End}) || got[0].End < quiet.Start || got[0].End > quiet.End {
		t.Errorf("got %v, want two that meet at 18 s", got)
	}
}

func TestUnheard(t *testing.T) {
	span, window := pipeline.FromSeconds, pipeline.FromSeconds(0, 10)
	voice := []pipeline.Span{span(1, 3), span(4, 5), span(11, 12)}
	word := func(text string, start, end float64) pipeline.Word {
		return pipeline.Word{Span: span(start, end), Text: text}
	}
	for _, test := range []struct {
		name  string
		words []pipeline.Word
		want  time.Duration
	}{
		{"no words", nil, 3 * time.Second},
		{"one voice has none", []pipeline.Word{word("hvad", 1.4, 1.8), word("siger", 1.8, 2.3), word("du", 2.3, 2.6)}, time.Second},
		{"the time between two is too short for a word", []pipeline.Word{word("fordi", 1, 1.6), word("jeg", 1.6, 2), word("godt", 2.49, 3), word("vil", 4, 4.4), word("det", 4.6, 4.9)}, 0},
		{"a word of three letters does not last two seconds", []pipeline.Word{word("han", 1, 3), word("taler", 4, 5)}, 1600 * time.Millisecond}, // from 1.4 on
		{"a long word may", []pipeline.Word{word("arbejdsmarkedsuddannelse", 1, 3), word("mener", 4, 5)}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := unheard([]pipeline.Segment{{Words: test.words}}, voice, window); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
