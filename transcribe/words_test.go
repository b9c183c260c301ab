package transcribe

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
	"lydhor/transcribe/whisper"
)

const ms = time.Millisecond

// token is a token from start to end, in milliseconds, without a time by DTW.
func token(text string, p float64, start, end time.Duration) whisper.Token {
	return whisper.Token{Text: []byte(text), P: p, Start: start * ms, End: end * ms, Spoken: -1}
}

func word(text string, p float64, start, end time.Duration) pipeline.Word {
	return pipeline.Word{Span: pipeline.Span{Start: start * ms, End: end * ms}, Text: text, P: p}
}

func TestWords(t *testing.T) {
	for _, test := range []struct {
		name   string
		tokens []whisper.Token
		want   []pipeline.Word
	}{
		{"none", nil, nil},
		{"a space begins a word",
			[]whisper.Token{token(" Ja", 0.9, 0, 200), token(",", 0.8, 200, 210), token(" men", 0.7, 300, 500)},
			[]pipeline.Word{word("Ja,", 0.8, 0, 210), word("men", 0.7, 300, 500)}},
		{"the least sure token counts",
			[]whisper.Token{token(" virk", 0.9, 0, 200), token("som", 0.2, 200, 300), token("hed", 0.8, 300, 400)},
			[]pipeline.Word{word("virksomhed", 0.2, 0, 400)}},
		{"half letters are joined first",
			[]whisper.Token{token(" Sk\xc3", 0.9, 0, 100), token("\xa6", 0.9, 100, 150), token("lsk\xc3\xb8r", 0.9, 150, 300)},
			[]pipeline.Word{word("Skælskør", 0.9, 0, 300)}},
		{"a letter left in half is marked",
			[]whisper.Token{token(" b\xc3", 0.9, 0, 100), token(" at", 0.9, 100, 200)},
			[]pipeline.Word{word("b\uFFFD", 0.9, 0, 100), word("at", 0.9, 100, 200)}},
		{"no space at the very start",
			[]whisper.Token{token("Nå", 0.9, 0, 100), token(" ja", 0.9, 100, 200)},
			[]pipeline.Word{word("Nå", 0.9, 0, 100), word("ja", 0.9, 100, 200)}},
		{"empty tokens and lone spaces are nothing",
			[]whisper.Token{token("", 0.9, 0, 10), token(" ", 0.9, 10, 20), token(" ja", 0.9, 100, 200)},
			[]pipeline.Word{word("ja", 0.9, 100, 200)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, words(test.tokens, 0, 0)); diff != "" {
				t.Errorf("words differ (-want +got):\n%s", diff)
			}
		})
	}
}

// Heads follow the sound 100 ms late; a word lasts until the token behind it begins, the last
// one until its segment ends.
func TestWordsBeginWhenSpoken(t *testing.T) {
	tokens := []whisper.Token{token(" ja", 0.9, 0, 500), token(",", 0.9, 0, 500), token(" men", 0.9, 0, 900)}
	for i, at := range []time.Duration{300, 550, 700} {
		tokens[i].Spoken = at * ms
	}
	got := words(tokens, 950*ms, 100*ms)
	if want := []pipeline.Word{word("ja,", 0.9, 200, 600), word("men", 0.9, 600, 950)}; !cmp.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDropInventions(t *testing.T) {
	phrase := func(text string) pipeline.Segment {
		s := pipeline.Segment{Text: text}
		for i, w := range strings.Fields(text) {
			s.Words = append(s.Words, word(w, 1, time.Duration(i), time.Duration(i+1)))
		}
		return s
	}
	tak := phrase("Tak fordi du så med")
	for _, test := range []struct {
		name    string
		in      []pipeline.Segment
		dropped int
	}{
		{"plain talk stays", []pipeline.Segment{phrase("Jeg vil gerne ud på lageret igen")}, 0},
		{"people repeat themselves", []pipeline.Segment{phrase("ja ja ja ja"), phrase("nej nej nej")}, 0},
		{"a segment over and over", []pipeline.Segment{tak, tak, tak, tak, tak, tak}, 2},
		{"words over and over", []pipeline.Segment{phrase("og så er der og så er der og så er der og så er der og så er der")}, 1},
		{"empty segments are nothing", []pipeline.Segment{{}}, 0},
		{"signs are no words", []pipeline.Segment{phrase("."), phrase(". –"), phrase("7.")}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, dropped := dropInventions(test.in, []pipeline.Span{{End: time.Minute}}, nil)
			if got := len(dropped); got != test.dropped {
				t.Errorf("got %d dropped %v, want %d", got, dropped, test.dropped)
			}
		})
	}
}
