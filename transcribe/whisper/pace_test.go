package whisper

import (
	"math"
	"testing"
)

// even is a call on 280 s of sound that encodes each window of 28 s in 2 s, decodes it in 3 s, as
// is usual, and writes the usual number of tokens: 50 s in all. It gives where that is after so
// many seconds.
func even(after float64) (pace, stand) {
	windows := math.Floor(after / 5)
	s := stand{done: windows / 10, windows: windows, tokens: windows * usualTokens * 28, encoded: 2 * windows, decoded: 3 * windows}
	s.current = after - 5*windows
	s.encoding = s.current < 2
	if !s.encoding {
		s.current -= 2
		s.encoded += 2
		s.written = usualTokens * 28 * s.current / 3
	}
	return pace{length: 280, window: 28}, s
}

func TestPaceOfEvenWork(t *testing.T) {
	for _, after := range []float64{0, 1.9, 2, 3, 5, 6, 8, 24, 26, 29, 45, 46.5, 48, 49.9} {
		p, s := even(after)
		want := after / 50
		if after < 2 { // nobody knows how long the first encoding takes
			want = 0
		}
		if got := p.share(s); math.Abs(got-want) > 1e-9 {
			t.Errorf("after %v s of 50: got %v, want %v", after, got, want)
		}
	}
}

func TestPaceKnowsEarlierCalls(t *testing.T) {
	var known rates
	p, s := even(50)
	s.encoding = true // the next, which does not come
	known.learn(p.sums(s))
	p, s = even(1)
	p.known = known.now()
	if got, want := p.share(s), 1.0/50; math.Abs(got-want) > 1e-9 {
		t.Errorf("while the first window is encoded: got %v, want %v", got, want)
	}
}

// A window of 7 s after some of 28 s: a quarter of the encoding and of the talk.
func TestPaceOfShortWindow(t *testing.T) {
	var known rates
	p, s := even(50)
	s.encoding = true
	known.learn(p.sums(s))
	short := pace{length: 7, window: 7, known: known.now()}
	if got, want := short.share(stand{encoding: true, current: 0.25}), 0.2; math.Abs(got-want) > 1e-9 {
		t.Errorf("after a quarter of a second: got %v, want %v", got, want)
	}
}

func TestPaceCorrectsItself(t *testing.T) {
	p := pace{length: 56, window: 28}
	slow := stand{done: 0.5, windows: 1, tokens: 1, encoded: 2, decoded: 8, encoding: true}
	if got, want := p.share(slow), 10/(10+2+8*0.5+3*0.5); math.Abs(got-want) > 1e-9 {
		t.Errorf("after a slow window: got %v, want %v", got, want)
	}
	slow.listened = 3
	if got, want := p.share(slow), 13/(13+2+8*0.5+3*0.5); math.Abs(got-want) > 1e-9 {
		t.Errorf("after three seconds for the spectrum: got %v, want %v", got, want)
	}
	over := stand{done: 0.5, windows: 1, tokens: usualTokens * 28, encoded: 4, decoded: 3, current: 9, written: 1000}
	if got := p.share(over); got != 1 {
		t.Errorf("when more is written than was expected: got %v, want 1", got)
	}
	if got := p.share(stand{done: 1.02, windows: 2, encoded: 4, decoded: 6, encoding: true}); got != 1 {
		t.Errorf("at the end: got %v, want 1", got)
	}
}
