package pseudonym

import (
	"slices"
	"testing"

	"lydhor/pipeline"
)

func TestSpans(t *testing.T) {
	word := func(text string, start, end float64) pipeline.Word {
		return pipeline.Word{Text: text, Span: pipeline.FromSeconds(start, end)}
	}
	tests := []struct {
		name  string
		text  string
		words []pipeline.Word
		want  []pipeline.Span
	}{
		{"one word", "Hej Ditte.", []pipeline.Word{word("Hej", 1, 2), word("Ditte.", 2, 3)}, []pipeline.Span{pipeline.FromSeconds(2, 3)}},
		{"several words", "Hos Dalby Byg.", []pipeline.Word{word(" Hos", 1, 2), word(" Dalby", 2, 3), word(" Byg.", 3, 4)}, []pipeline.Span{pipeline.FromSeconds(2, 4)}},
		{"turn without words", "Hej Ditte.", nil, []pipeline.Span{pipeline.FromSeconds(1, 9)}},
		{"words of another text", "Hej Ditte.", []pipeline.Word{word("Hej", 1, 2), word("Bitte", 2, 3)}, []pipeline.Span{pipeline.FromSeconds(1, 9)}},
		{"words that stop too early", "Hos Dalby Byg.", []pipeline.Word{word("Hos", 1, 2), word("Dalby", 2, 3)}, []pipeline.Span{pipeline.FromSeconds(1, 9)}},
		{"words with a gap", "Hej søde Ditte.", []pipeline.Word{word("Hej", 1, 2), word("Ditte.", 2, 3)}, []pipeline.Span{pipeline.FromSeconds(1, 9)}},
		{"nothing to hide", "Hej.", []pipeline.Word{word("Hej.", 1, 2)}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := talk(tt.text)
			in.Turns[0].Span, in.Turns[0].Words = pipeline.FromSeconds(1, 9), tt.words
			if got := Spans(in); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
