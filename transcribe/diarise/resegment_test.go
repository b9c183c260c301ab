package diarise

import (
	"slices"
	"testing"
)

func TestDecode(t *testing.T) {
	for _, test := range []struct {
		name string
		like [][]float64 // of two speakers
		want []int
	}{
		{"one speaker throughout", [][]float64{{1, 1, 1}, {0, 0, 0}}, []int{0, 0, 0}},
		// 100 for the second speaker's half, less 60 for the change
		{"a change that pays", [][]float64{{50, 50, 0, 0}, {0, 0, 50, 50}}, []int{0, 0, 1, 1}},
		// two changes cost 120 and bring 100, or 130
		{"an interjection too weak for two changes", [][]float64{{50, 0, 50}, {0, 100, 0}}, []int{0, 0, 0}},
		{"an interjection", [][]float64{{99, 0, 99}, {0, 130, 0}}, []int{0, 1, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := usual.decode(test.like); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// Two voices whose border the first idea has wrong by a block.
func TestResegmentMovesBorders(t *testing.T) {
	const each = 40 // blocks
	frames := make([]*frame, 2*each*block)
	for i := range frames {
		f := &frame{}
		for d := range f {
			f[d] = float32((i*(d+3))%7) * 0.1
			if i >= each*block {
				f[d] += 3
			}
		}
		frames[i] = f
	}
	who := slices.Repeat([]int{0}, 2*each)
	for b := each - 4; b < len(who); b++ {
		who[b] = 1
	}
	want := append(slices.Repeat([]int{0}, each), slices.Repeat([]int{1}, each)...)
	if got := usual.resegment(frames, who, 2, 3); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
