package pipeline

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSplice(t *testing.T) {
	sound := background(20*time.Second, 0, 0.5, FromSeconds(2, 4), FromSeconds(4.2, 5), FromSeconds(15, 16))
	s, err := splice(sound)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Span{FromSeconds(1.7, 5.3), FromSeconds(14.7, 16.3)}, s.kept); diff != "" {
		t.Errorf("kept differs (-want +got):\n%s", diff)
	}
	got, err := Read(s, Span{End: Dur(s)})
	if err != nil {
		t.Fatal(err)
	}
	want := append(append(Samples(nil), sound[Index(s.kept[0].Start):Index(s.kept[0].End)]...), sound[Index(s.kept[1].Start):Index(s.kept[1].End)]...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("samples differ (-want +got):\n%s", diff)
	}
	for _, test := range []struct {
		name     string
		in, want Span
	}{
		{"in the first stretch", FromSeconds(0.3, 1), FromSeconds(2, 2.7)},
		{"in the second", FromSeconds(3.9, 4.9), FromSeconds(15, 16)},
		{"over the border, mostly before it", FromSeconds(3, 3.8), FromSeconds(4.7, 5.3)},
		{"over the border, mostly behind it", FromSeconds(3.5, 4.3), FromSeconds(14.7, 15.4)},
		{"over the end", FromSeconds(5, 9), FromSeconds(16.1, 16.3)},
	} {
		if got := s.original(test.in); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestSpliceOfSilence(t *testing.T) {
	s, err := splice(make(Samples, SampleRate))
	if err != nil || s.Len() != 0 {
		t.Errorf("got %d samples, %v, want none", s.Len(), err)
	}
}
