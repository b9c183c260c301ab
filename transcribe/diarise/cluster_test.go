package diarise

import (
	"math"
	"testing"
)

// voice is n frames around a middle, with the spread of a voice.
func voice(middle float32, n int) gaussian {
	var g gaussian
	for i := range n {
		var f frame
		for d := range f {
			f[d] = middle + float32((i*(2*d+3)+d*d)%17)/17
		}
		g.put(&f)
	}
	return g
}

func TestSpeakersOf(t *testing.T) {
	for _, test := range []struct {
		name        string
		middles     []float32 // of the segments' voices
		least, most int
		want        int
	}{
		{"one voice", []float32{0, 0, 0, 0}, 1, 20, 1},
		{"two voices", []float32{0, 5, 0, 5}, 1, 20, 2},
		{"no more than told", []float32{0, 5, 9, 0, 5, 9}, 1, 2, 2},
		{"no fewer than told", []float32{0, 0.3, 0, 0.3}, 2, 20, 2},
		{"fewer than told where all is one voice", []float32{0, 0, 0, 0}, 2, 20, 1},
		{"fewer segments than told", []float32{0}, 3, 20, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			var parts []segment
			for _, m := range test.middles {
				parts = append(parts, segment{voice: voice(m, 300)})
			}
			if got := len(usual.speakersOf(singles(parts), test.least, test.most)); got != test.want {
				t.Errorf("got %d speakers, want %d", got, test.want)
			}
		})
	}
}

// More segments than are compared at once still end as the voices they are.
func TestSpeakersOfManySegments(t *testing.T) {
	parts := make([]segment, 2*group+50)
	for i := range parts {
		parts[i].voice = voice(float32(i%3)*5, 100)
	}
	if got := len(usual.speakersOf(singles(parts), 1, 20)); got != 3 {
		t.Errorf("got %d speakers, want 3", got)
	}
}

// One voice loses up to 1.2 times what a Gaussian costs in theory, up to 1500 frames; with their
// number to the power of 0.75 beyond: 4 to 2.8284, 100 to 31.6228.
func TestOneVoice(t *testing.T) {
	for _, test := range []struct{ n, costs float64 }{
		{100, 1.2}, {1500, 1.2}, {6000, 3.39411}, {150000, 37.94733},
	} {
		got := (usual.oneVoice(test.n) + penalty(test.n)) / (penalty(test.n) / lambda)
		if math.Abs(got-test.costs) > 1e-4 {
			t.Errorf("%v frames: got %v times the cost of a Gaussian, want %v", test.n, got, test.costs)
		}
	}
}

// Three voices in short stretches, each stretch with means of its own: joined by means, no
// cluster mixes them.
func TestByMeans(t *testing.T) {
	var parts []segment
	for i := range 3 * groupMost {
		parts = append(parts, segment{voice: voice(float32(i%3)*2+float32(i%7)/20, 70)})
	}
	fewer := byMeans(singles(parts))
	if len(fewer) != groupMost {
		t.Fatalf("got %d clusters, want %d", len(fewer), groupMost)
	}
	for _, c := range fewer {
		for _, m := range c.members {
			if m%3 != c.members[0]%3 {
				t.Errorf("segments %v are one cluster", c.members)
				break
			}
		}
	}
}
