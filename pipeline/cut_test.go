package pipeline

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// talk is noise of full scale with silences of half a second at the given seconds.
func talk(length time.Duration, silences ...float64) Samples {
	s := make(Samples, Index(length))
	state := uint32(1)
	for i := range s {
		state = state*1664525 + 1013904223
		s[i] = float32(state>>8)/(1<<23) - 1
	}
	for _, at := range silences {
		from := Index(duration(at))
		clear(s[from:min(len(s), from+SampleRate/2)])
	}
	return s
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		name  string
		sound Samples
		want  []Span
	}{
		{"nothing", nil, nil},
		{"short", talk(9 * time.Second), []Span{FromSeconds(0, 9)}},
		// 7 s lies within [5, 10]; the silence lasts to 7.5 and the first quiet 0.4 s of it are 7.0 to 7.4.
		{"in the pause", talk(15*time.Second, 3, 7), []Span{FromSeconds(0, 7.18), FromSeconds(7.18, 15)}},
		{"several", talk(26*time.Second, 6, 12, 18.5), []Span{FromSeconds(0, 6.18), FromSeconds(6.18, 12.18), FromSeconds(12.18, 18.68), FromSeconds(18.68, 26)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Cut(test.sound, 10*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("pieces differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCutCovers(t *testing.T) {
	for _, most := range []time.Duration{time.Second, 30 * time.Second, time.Minute} {
		sound := talk(2*time.Minute+777*time.Millisecond, 31, 59)
		pieces, err := Cut(sound, most)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Duration(0)
		for _, p := range pieces {
			if p.Start != at || p.Dur() <= 0 || p.Dur() > most {
				t.Errorf("cut at %v: got piece %v after %v", most, p, at)
			}
			at = p.End
		}
		if at != Dur(sound) {
			t.Errorf("cut at %v: pieces end at %v, want %v", most, at, Dur(sound))
		}
	}
}
