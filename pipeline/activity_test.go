package pipeline

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// background is noise of amplitude level, with full noise of amplitude voice in spans.
func background(length time.Duration, level, voice float32, spans ...Span) Samples {
	s := talk(length)
	for i := range s {
		amplitude := level
		for _, span := range spans {
			if span.Contains(At(i)) {
				amplitude = voice
			}
		}
		s[i] *= amplitude
	}
	return s
}

func TestVoiceActivity(t *testing.T) {
	one, next, later := FromSeconds(2, 4), FromSeconds(4.2, 5), FromSeconds(20, 21)
	for _, test := range []struct {
		name  string
		sound Samples
		want  []Span
	}{
		{"nothing", nil, nil},
		{"silence", make(Samples, 40*SampleRate), nil},
		{"steady noise", background(40*time.Second, 0.3, 0), nil},
		{"quiet noise of a recorder", background(40*time.Second, 1e-4, 0), nil},
		// 0.1 s more on each side; 0.2 s between two is a pause in one span.
		{"voices", background(30*time.Second, 0.001, 0.3, one, next, later), []Span{FromSeconds(1.9, 5.1), FromSeconds(19.9, 21.1)}},
		{"a very quiet voice", background(30*time.Second, 1e-4, 1e-3, one), []Span{FromSeconds(1.9, 4.1)}},
		{"in loud noise", background(30*time.Second, 0.1, 0.4, one), []Span{FromSeconds(1.9, 4.1)}},
		{"a click", background(30*time.Second, 0.001, 0.9, FromSeconds(3, 3.04)), nil},
		{"to the very end", background(21*time.Second, 0.001, 0.3, later), []Span{FromSeconds(19.9, 21)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := VoiceActivity(test.sound)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("spans differ (-want +got):\n%s", diff)
			}
		})
	}
}

// A quiet speaker far from the microphone is heard although a loud one spoke a minute before.
func TestVoiceActivityFollowsTheBackground(t *testing.T) {
	loud, quiet := FromSeconds(5, 10), FromSeconds(100, 103)
	sound := background(2*time.Minute, 0.0005, 0.5, loud)
	for i := Index(quiet.Start); i < Index(quiet.End); i++ {
		sound[i] *= 10
	}
	got, err := VoiceActivity(sound)
	if err != nil {
		t.Fatal(err)
	}
	want := []Span{FromSeconds(4.9, 10.1), FromSeconds(99.9, 103.1)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spans differ (-want +got):\n%s", diff)
	}
}
