package diarise

import (
	"slices"
	"testing"
	"time"

	"lydhor/pipeline"
)

// blocks is who holds what in runs of blocks, 50 ms each: speaker, blocks, speaker, blocks, …
func blocks(runs ...int) (who []int) {
	for i := 0; i < len(runs); i += 2 {
		who = append(who, slices.Repeat([]int{runs[i]}, runs[i+1])...)
	}
	return who
}

func TestNamed(t *testing.T) {
	s := pipeline.FromSeconds
	for _, test := range []struct {
		name   string
		speech []pipeline.Span
		who    []int
		faint  pipeline.Span // where breath is heard
		want   []pipeline.SpeakerTurn
	}{
		{"one speaker", []pipeline.Span{s(0.02, 1)}, blocks(3, 20), pipeline.Span{},
			[]pipeline.SpeakerTurn{{Span: s(0.02, 1), Speaker: "S1"}}},
		{"labels in the order they begin", []pipeline.Span{s(0, 1), s(2, 3)}, blocks(1, 30, 0, 30), pipeline.Span{},
			[]pipeline.SpeakerTurn{{Span: s(0, 1), Speaker: "S1"}, {Span: s(2, 3), Speaker: "S2"}}},
		{"a breath", []pipeline.Span{s(0, 1), s(1.4, 2)}, blocks(0, 40), pipeline.Span{},
			[]pipeline.SpeakerTurn{{Span: s(0, 2), Speaker: "S1"}}},
		{"a silence", []pipeline.Span{s(0, 1), s(1.5, 2)}, blocks(0, 40), pipeline.Span{},
			[]pipeline.SpeakerTurn{{Span: s(0, 1), Speaker: "S1"}, {Span: s(1.5, 2), Speaker: "S1"}}},
		// 0.24 of the 0.8 s are heard, which is three tenths
		{"a sigh", []pipeline.Span{s(0, 1), s(1.8, 2)}, blocks(0, 40), s(1.2, 1.44),
			[]pipeline.SpeakerTurn{{Span: s(0, 2), Speaker: "S1"}}},
		{"too long for a sigh", []pipeline.Span{s(0, 1), s(2.1, 3)}, blocks(0, 60), s(1, 2.1),
			[]pipeline.SpeakerTurn{{Span: s(0, 1), Speaker: "S1"}, {Span: s(2.1, 3), Speaker: "S1"}}},
		{"a border a little after a pause lies in it", []pipeline.Span{s(0, 1), s(1.2, 3)}, blocks(0, 28, 1, 32), pipeline.Span{},
			[]pipeline.SpeakerTurn{{Span: s(0, 1), Speaker: "S1"}, {Span: s(1.2, 3), Speaker: "S2"}}},
		{"a border a little before a pause lies in it", []pipeline.Span{s(0, 1), s(1.2, 3)}, blocks(0, 16, 1, 44), pipeline.Span{},
			[]pipeline.SpeakerTurn{{Span: s(0, 1), Speaker: "S1"}, {Span: s(1.2, 3), Speaker: "S2"}}},
		{"an interjection on its own stays", []pipeline.Span{s(0, 1), s(1.2, 1.4), s(1.6, 3)}, blocks(0, 22, 1, 8, 0, 30), pipeline.Span{},
			[]pipeline.SpeakerTurn{{Span: s(0, 1), Speaker: "S1"}, {Span: s(1.2, 1.4), Speaker: "S2"}, {Span: s(1.6, 3), Speaker: "S1"}}},
		// Both speak for 0.2 s before and after 1.5.
		{"no pause", []pipeline.Span{s(0, 3)}, blocks(0, 30, 1, 30), pipeline.Span{},
			[]pipeline.SpeakerTurn{{Span: s(0, 1.7), Speaker: "S1"}, {Span: s(1.3, 3), Speaker: "S2"}}},
		{"beyond the last block", []pipeline.Span{s(0, 1.02)}, blocks(0, 20), pipeline.Span{},
			[]pipeline.SpeakerTurn{{Span: s(0, 1.02), Speaker: "S1"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			odds := make([]float32, 400)
			for i := int(test.faint.Start / frameDur); i < int(test.faint.End/frameDur); i++ {
				odds[i] = 0.3
			}
			if got := usual.named(test.speech, test.who, odds); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestWithin(t *testing.T) {
	const step = 100 * time.Millisecond
	d := detector{step: step, likely: 0.2, certain: 0.5, least: 2 * step, pause: 5 * step, padding: step / 2}
	// An utterance of 0.95 to 2.45 s with a pause of 0.4 s in it, and a click that is none.
	all := odds(run(0, 10), run(0.9, 5), run(0, 4), run(0.9, 5), run(0, 10), run(0.9, 1), run(0, 5))
	spoken := d.speech(all, time.Duration(len(all))*step)
	want := []pipeline.Span{pipeline.FromSeconds(0.95, 1.55), pipeline.FromSeconds(1.85, 2.45)}
	if got := d.within(spoken, all, time.Duration(len(all))*step); !slices.Equal(got, want) {
		t.Errorf("got %v within %v, want %v", got, spoken, want)
	}
}
