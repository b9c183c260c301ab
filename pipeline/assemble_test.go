package pipeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// said makes a segment of "word start end" lines, in seconds.
func said(t testing.TB, lines string) Segment {
	t.Helper()
	var s Segment
	for line := range strings.Lines(lines) {
		var word string
		var start, end float64
		if strings.TrimSpace(line) == "" {
			continue
		}
		if _, err := fmt.Sscan(line, &word, &start, &end); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		s.Words = append(s.Words, Word{Span: FromSeconds(start, end), Text: word})
	}
	s.Start, s.End = s.Words[0].Start, s.Words[len(s.Words)-1].End
	return s
}

func speaks(speaker string, start, end float64) SpeakerTurn {
	return SpeakerTurn{FromSeconds(start, end), speaker}
}

func TestAssembleTurns(t *testing.T) {
	for _, test := range []struct {
		name     string
		segments []Segment
		speakers []SpeakerTurn
		want     string // one "speaker start-end: text" a line
	}{
		{name: "nothing in, nothing out"},
		{
			name:     "nothing said",
			speakers: []SpeakerTurn{speaks("A", 0, 2)},
		},
		{
			name:     "nobody told apart",
			segments: []Segment{said(t, "Hvad 0 0.3\n siger 0.3 0.6\n du? 0.6 0.9\n Det 1.2 1.4"), said(t, "Nå. 3 3.3")},
			want:     "ukendt 0-1.4: Hvad siger du? Det\nukendt 3-3.3: Nå.",
		},
		{
			name:     "two speakers one after the other",
			segments: []Segment{said(t, "Hej. 0 0.5\n Goddag. 1 1.5")},
			speakers: []SpeakerTurn{speaks("A", 0, 0.6), speaks("B", 0.9, 1.6)},
			want:     "A 0-0.5: Hej.\nB 1-1.5: Goddag.",
		},
		{
			name:     "first word of the answer 0.2 s early stays with the answer",
			segments: []Segment{said(t, "Vil 0 0.3\n du 0.3 0.6\n det? 0.6 1.0\n Ja 1.4 1.7\n meget 1.7 2.1\n gerne. 2.1 2.5")},
			speakers: []SpeakerTurn{speaks("A", 0, 1.7), speaks("B", 1.7, 2.7)},
			want:     "A 0-1: Vil du det?\nB 1.4-2.5: Ja meget gerne.",
		},
		{
			name:     "last word of the question 0.3 s late stays with the question",
			segments: []Segment{said(t, "Vil 0 0.3\n du 0.3 0.7\n det 0.7 1.3\n Ja 1.7 1.9\n gerne 1.9 2.3")},
			speakers: []SpeakerTurn{speaks("A", 0, 1.0), speaks("B", 1.0, 2.3)},
			want:     "A 0-1.3: Vil du det\nB 1.7-2.3: Ja gerne",
		},
		{
			name:     "without a pause the sentence decides",
			segments: []Segment{said(t, "Sidst 0 0.5\n sagde 0.5 1.0\n du. 1.0 1.2\n Og 1.2 1.4\n jeg 1.4 1.6\n mente 1.6 2.0")},
			speakers: []SpeakerTurn{speaks("A", 0, 1.4), speaks("B", 1.4, 2.0)},
			want:     "A 0-1.2: Sidst sagde du.\nB 1.2-2: Og jeg mente",
		},
		{
			name:     "an island of one word inside a phrase is smoothed away",
			segments: []Segment{said(t, "jeg 0 0.3\n vil 0.3 0.6\n gerne 0.6 0.9\n have 0.9 1.2\n det 1.2 1.5")},
			speakers: []SpeakerTurn{speaks("A", 0, 0.6), speaks("B", 0.6, 0.9), speaks("A", 0.9, 1.5)},
			want:     "A 0-1.5: jeg vil gerne have det",
		},
		{
			name:     "an interjection between pauses is a turn of its own",
			segments: []Segment{said(t, "jeg 0 0.3\n tror 0.3 0.8\n mm 1.2 1.5\n at 1.9 2.2\n det 2.2 2.5")},
			speakers: []SpeakerTurn{speaks("A", 0, 0.9), speaks("B", 1.2, 1.5), speaks("A", 1.8, 2.6)},
			want:     "A 0-0.8: jeg tror\nB 1.2-1.5: mm\nA 1.9-2.5: at det",
		},
		{
			name:     "a speaker who talks on through an interjection keeps the turn",
			segments: []Segment{said(t, "jeg 0 0.3\n tror 0.3 1.0\n at 1.7 1.9\n det 1.9 2.5"), said(t, "mm 1.25 1.45")},
			speakers: []SpeakerTurn{speaks("A", 0, 1.1), speaks("A", 1.1, 2.6), speaks("B", 1.1, 1.6), speaks("A", 1.0, 1.2)},
			want:     "A 0-2.5: jeg tror at det\nB 1.25-1.45: mm",
		},
		{
			name:     "a speaker who waits for a short answer does not, whatever the diarisation glued",
			segments: []Segment{said(t, "Var 0 0.3\n du 0.3 0.6\n der? 0.6 1.0\n Og 2.4 2.7\n så? 2.7 3.0"), said(t, "Ja, 1.3 1.6\n lidt. 1.6 2.0")},
			speakers: []SpeakerTurn{speaks("A", 0, 3.1), speaks("B", 1.2, 2.1)},
			want:     "A 0-1: Var du der?\nB 1.3-2: Ja, lidt.\nA 2.4-3: Og så?",
		},
		{
			name:     "a word in nobody's turn goes to the nearest speaker",
			segments: []Segment{said(t, "Hej. 0 0.5\n Øh 3.5 3.8\n ja 4.4 4.7")},
			speakers: []SpeakerTurn{speaks("A", 0, 0.5), speaks("B", 4.3, 4.8)},
			want:     "A 0-0.5: Hej.\nB 3.5-4.7: Øh ja",
		},
		{
			name:     "long talk over another's ends the other's turn",
			segments: []Segment{said(t, "et 0 0.5\n to 3.0 3.3"), said(t, "nu 0.9 1.2\n er 1.2 1.8\n det 1.8 2.2\n mig 2.2 2.6")},
			speakers: []SpeakerTurn{speaks("A", 0, 0.7), speaks("A", 2.9, 3.4), speaks("B", 0.8, 2.7)},
			want:     "A 0-0.5: et\nB 0.9-2.6: nu er det mig\nA 3-3.3: to",
		},
		{
			name:     "a lapse starts a new turn of the same speaker",
			segments: []Segment{said(t, "Ja. 0 0.5\n Nå. 6 6.5")},
			speakers: []SpeakerTurn{speaks("A", 0, 0.5), speaks("A", 6, 6.5)},
			want:     "A 0-0.5: Ja.\nA 6-6.5: Nå.",
		},
		{
			// 8 letters in 4 s: half a second each
			name:     "words without times are spread over their segment",
			segments: []Segment{{Span: FromSeconds(0, 4), Text: " Hvad nu, så "}},
			speakers: []SpeakerTurn{speaks("A", 0, 4)},
			want:     "A 0-4: Hvad nu, så",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, turn := range AssembleTurns(test.segments, test.speakers) {
				start, end := turn.Seconds()
				got = append(got, fmt.Sprintf("%s %v-%v: %s", turn.Speaker, start, end, turn.Text))
			}
			if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("turns differ (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzAssembleTurns(f *testing.F) {
	f.Add([]byte{0, 3, 1, 4, 0, 2, 9, 9}, []byte{0, 5, 1, 5, 4, 0})
	f.Add([]byte{255, 0, 0, 255}, []byte{})
	f.Fuzz(func(t *testing.T, wordBytes, turnBytes []byte) {
		var segment Segment
		for i := 0; i+1 < len(wordBytes); i += 2 {
			start := time.Duration(wordBytes[i]) * 100 * time.Millisecond
			segment.Words = append(segment.Words, Word{Text: "x", Span: Span{start, start + time.Duration(wordBytes[i+1])*10*time.Millisecond}})
		}
		var speakers []SpeakerTurn
		for i := 0; i+2 < len(turnBytes); i += 3 {
			start := time.Duration(turnBytes[i]) * 100 * time.Millisecond
			speakers = append(speakers, SpeakerTurn{Span{start, start + time.Duration(turnBytes[i+1])*50*time.Millisecond}, string('A' + rune(turnBytes[i+2]%5))})
		}
		words := 0
		var last time.Duration
		for i, turn := range AssembleTurns([]Segment{segment}, speakers) {
			if turn.N != i+1 || turn.Start < last || turn.End < turn.Start {
				t.Fatalf("turn %d of the list is %d, %v after %v", i+1, turn.N, turn.Span, last)
			}
			last = turn.Start
			words += len(turn.Words)
		}
		if words != len(segment.Words) {
			t.Errorf("got %d words in the turns, want %d", words, len(segment.Words))
		}
	})
}

func BenchmarkAssembleTurns(b *testing.B) {
	var segments []Segment
	var speakers []SpeakerTurn
	for i := range 30_000 { // three hours of talk, twelve speakers
		start := time.Duration(i) * 360 * time.Millisecond
		segments = append(segments, Segment{Words: []Word{{Text: "ord", Span: Span{start, start + 300*time.Millisecond}}}})
		if i%10 == 0 {
			speakers = append(speakers, SpeakerTurn{Span{start, start + 4*time.Second}, string('A' + rune(i/10%12))})
		}
	}
	for b.Loop() {
		AssembleTurns(segments, speakers)
	}
}
