package pipeline

import (
	"testing"
	"time"
)

func TestMaskedLeavesNothingOfTheSpans(t *testing.T) {
	sound := make(Samples, 5*SampleRate)
	for i := range sound {
		sound[i] = 0.5
	}
	m := Masked(sound, []Span{{Start: 2 * time.Second, End: 3 * time.Second}, {Start: 4900 * time.Millisecond, End: time.Hour}, {Start: time.Hour, End: 2 * time.Hour}})
	got, err := Read(m, Span{End: 5 * time.Second})
	if err != nil || len(got) != len(sound) {
		t.Fatalf("got %d samples, %v", len(got), err)
	}
	for i, v := range got {
		at := time.Duration(i) * time.Second / SampleRate
		hidden := at >= 1800*time.Millisecond && at < 3200*time.Millisecond || at >= 4700*time.Millisecond
		if hidden == (v == 0.5) {
			t.Fatalf("at %v: got %v, hidden %t", at, v, hidden)
		}
	}
	part := make(Samples, 10)
	if _, err := m.ReadAt(part, Index(2*time.Second)); err != nil || part[0] == 0.5 {
		t.Errorf("read from the middle of a span: got %v, %v", part, err)
	}
}

func TestRenditionOfLastsAsLong(t *testing.T) {
	dir := t.TempDir()
	out := dir + "/out.m4a"
	if err := RenditionOf(t.Context(), Masked(make(Samples, 3*SampleRate), []Span{{End: time.Second}}), out); err != nil {
		t.Fatal(err)
	}
	sound, err := Decode(t.Context(), out, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer sound.Close()
	if got := Dur(sound); got < 2900*time.Millisecond || got > 3200*time.Millisecond {
		t.Errorf("got %v, want 3 s", got)
	}
	loud, _ := Read(sound, Span{Start: 300 * time.Millisecond, End: 900 * time.Millisecond})
	quiet, _ := Read(sound, Span{Start: 1500 * time.Millisecond, End: 2500 * time.Millisecond})
	if peak(loud) < 0.05 || peak(quiet) > 0.01 {
		t.Errorf("got peaks %v masked and %v beside it, want a tone and silence", peak(loud), peak(quiet))
	}
}

func peak(s Samples) (p float32) {
	for _, v := range s {
		p = max(p, v, -v)
	}
	return p
}
