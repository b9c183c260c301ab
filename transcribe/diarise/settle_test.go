package diarise

import (
	"slices"
	"testing"
)

// talk is frames of voices that take turns, each turn blocks long.
func talk(middles []float32, blocks int) (frames []*frame) {
	for _, m := range middles {
		for i := range blocks * block {
			f := &frame{}
			for d := range f {
				f[d] = m + float32((i*(2*d+3)+d*d)%17)/17
			}
			frames = append(frames, f)
		}
	}
	return frames
}

func TestSettleJoinsWhoSoundsAlike(t *testing.T) {
	const turn = 20
	frames := talk([]float32{0, 5, 0, 5}, turn)
	var who []int // each turn is taken for a speaker of its own
	for s := range 4 {
		who = append(who, slices.Repeat([]int{s}, turn)...)
	}
	got, _ := settle(frames, who, 4, 2)
	if got[0] != got[2*turn] || got[turn] != got[3*turn] || got[0] == got[turn] {
		t.Errorf("got %v, want the first turn's speaker in the third, another in the second and fourth", got)
	}
}

func TestMostAlike(t *testing.T) {
	all := func(middles ...float32) (voices []cluster) {
		for _, m := range middles {
			voices = append(voices, cluster{voice: voice(m, 300)})
		}
		return voices
	}
	hardly := all(0, 5, 9)
	hardly[2].voice = voice(9, fewest-1)
	for _, test := range []struct {
		name   string
		voices []cluster
		a, b   int
	}{
		{"the nearest two", all(0, 5, 9, 0.1), 0, 3},
		{"the last two", all(0, 5, 5.1), 1, 2},
		{"one hardly heard, and who is nearest", hardly, 1, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := mostAlike(test.voices)
			if a != test.a || b != test.b {
				t.Errorf("got %d and %d, want %d and %d", a, b, test.a, test.b)
			}
		})
	}
}
