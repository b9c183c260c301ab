package analysis

import (
	"strings"
	"testing"
)

func TestExamplesThatFail(t *testing.T) {
	book, err := ReadCodebook(strings.NewReader(`schema: lises-codebook/1
codes:
- id: citizen_meaning
  roles: [citizen]
  threshold: 1
  cues: [{group: g, weight: 1, phrases: [savner]}]
  examples: {positive: [Jeg savner det, Nathold], negative: [Ja, Jeg savner en kuglepen]}
`))
	if err != nil {
		t.Fatal(err)
	}
	tried, failed := New(book).TryExamples()
	if tried != 4 || len(failed) != 2 {
		t.Fatalf("got %d tried and failures %v, want 4 and two", tried, failed)
	}
	if f := failed[0]; f.Example.Citizen != "Nathold" || !f.Positive {
		t.Errorf("got %v first, want the positive example without a cue", f)
	}
	if f := failed[1]; f.Example.Citizen != "Jeg savner en kuglepen" || f.Positive {
		t.Errorf("got %v second, want the negative example with a cue", f)
	}
}
