package transcribe

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lydhor/pipeline"
)

func TestFit(t *testing.T) {
	voice := []pipeline.Span{{Start: 1000 * ms, End: 3000 * ms}, {Start: 5000 * ms, End: 6000 * ms}}
	for _, test := range []struct {
		name     string
		in, want []pipeline.Word
	}{
		{"nothing", nil, nil},
		{"the first word begins with the voice",
			[]pipeline.Word{word("ja", 1, 1200, 1500), word("men", 1, 1500, 2000)},
			[]pipeline.Word{word("ja", 1, 1000, 1500), word("men", 1, 1500, 2000)}},
		{"a word begun in the pause waits for the voice",
			[]pipeline.Word{word("ja", 1, 2500, 2900), word("men", 1, 4800, 5500)},
			[]pipeline.Word{word("ja", 1, 2500, 2900), word("men", 1, 5000, 5500)}},
		{"a word ends before the voice falls silent",
			[]pipeline.Word{word("ja", 1, 2500, 4000)},
			[]pipeline.Word{word("ja", 1, 2500, 3000)}},
		{"far from any border it stays",
			[]pipeline.Word{word("ja", 1, 4000, 4200), word("men", 1, 5500, 5800)},
			[]pipeline.Word{word("ja", 1, 4000, 4200), word("men", 1, 5500, 5800)}},
		{"order is kept and words do not overlap",
			[]pipeline.Word{word("ja", 1, 2000, 2600), word("men", 1, 1900, 2200)},
			[]pipeline.Word{word("ja", 1, 2000, 2000), word("men", 1, 2000, 2200)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			fit([]pipeline.Segment{{Words: test.in}}, voice)
			if diff := cmp.Diff(test.want, test.in); diff != "" {
				t.Errorf("words differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDropTextWithoutVoice(t *testing.T) {
	voice := []pipeline.Span{{Start: 1 * time.Second, End: 3 * time.Second}, {Start: 10 * time.Second, End: 12 * time.Second}}
	for _, test := range []struct {
		name       string
		start, end float64
		kept       bool
	}{
		{"in it", 1.5, 2, true},
		{"around it", 0, 20, true},
		{"at its edge", 2.9, 5, true},
		{"in the pause", 3, 10, false},
		{"behind it all", 12, 14, false},
		{"before it all", 0, 1, false},
		{"no length, in it", 11, 11, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := pipeline.Segment{Span: pipeline.FromSeconds(test.start, test.end), Words: []pipeline.Word{word("Undertekster", 1, 0, 1)}}
			said, dropped := dropInventions([]pipeline.Segment{s}, voice, nil)
			if (len(said) == 1) != test.kept || len(said)+len(dropped) != 1 {
				t.Errorf("got %v kept and %v dropped, want kept %v", said, dropped, test.kept)
			}
		})
	}
}
