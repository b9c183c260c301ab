package diarise

import (
	"slices"
	"testing"

	"lydhor/pipeline"
)

func TestClasses(t *testing.T) {
	// The likeliest of: nobody, 0, 1, 2, 0 and 1, 0 and 2, 1 and 2.
	scores := []float32{
		0.9, 0, 0, 0, 0, 0, 0.1,
		-9, -1, -2, -3, -4, -5, -6,
		0, 0, 0, 0.4, 0, 0.3, 0.3,
		0, 0, 0, 0, 1, 0, 0,
		0, 0, 0, 0, 0, 1, 0,
		0, 0, 0, 0, 0, 0, 1,
		0, 0, 0, 0, 0, 0, 0, // all alike: nobody
	}
	if got, want := classes(scores), []voiceSet{0, 1, 4, 3, 5, 6, 0}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestStarts(t *testing.T) {
	const second = pipeline.SampleRate
	for _, test := range []struct {
		samples int
		want    []int
	}{
		{0, []int{0}},
		{2 * second, []int{0}},
		{10 * second, []int{0}},
		{10*second + 1, []int{0, second}},
		{12 * second, []int{0, second, 2 * second}},
	} {
		if got := starts(test.samples); !slices.Equal(got, test.want) {
			t.Errorf("%d samples: got %v, want %v", test.samples, got, test.want)
		}
	}
}

// Three windows of four frames; the second begins 270·1.6 samples on, which is nearest to
// frame 2, the third at frame 3.
func threeStretches() []stretch {
	return []stretch{
		{from: 0, frames: []voiceSet{0b001, 0b001, 0b011, 0b010}, speaker: [locals]int{0, 1, nobody}},
		{from: 432, frames: []voiceSet{0b011, 0b001, 0b000, 0b000}, speaker: [locals]int{1, 0, nobody}},
		{from: 810, frames: []voiceSet{0b100, 0b000, 0b000, 0b101}, speaker: [locals]int{2, nobody, 1}},
	}
}

func TestCounts(t *testing.T) {
	// frame        0  1  2  3  4  5  6
	// first        1  1  2  1
	// second             2  1  0  0
	// third                 1  0  0  2
	// mean         1  1  2  1  0  0  2
	for _, test := range []struct {
		most int
		want []int
	}{
		{3, []int{1, 1, 2, 1, 0, 0, 2, 0}},
		{1, []int{1, 1, 1, 1, 0, 0, 1, 0}},
	} {
		if got := counts(threeStretches(), 8, test.most); !slices.Equal(got, test.want) {
			t.Errorf("at most %d: got %v, want %v", test.most, got, test.want)
		}
	}
	half := []stretch{{frames: []voiceSet{0b011}}, {frames: []voiceSet{0b001}}, {frames: []voiceSet{0b001}}, {frames: []voiceSet{0b011}}}
	if got := counts(half, 1, 3); got[0] != 2 { // the mean of 2, 1, 1 and 2 is 1.5
		t.Errorf("got %v, want halves rounded to even", got)
	}
}

func TestReconstruct(t *testing.T) {
	// Votes by frame for speakers 0, 1, 2, by way of each window's own numbering:
	// 0: 1 0 0   1: 1 0 0   2: (first 0 and 1, second 1 and 0) 2 2 0
	// 3: (first 1, second 1, third 1) 0 3 0   4, 5: none   6: (third's 0 is 2, its 2 is 1) 0 1 1
	got := reconstruct(threeStretches(), []int{1, 1, 2, 1, 1, 0, 1}, 3)
	want := [][]bool{
		{true, true, true, false, false, false, false},
		{false, false, true, true, false, false, true}, // of two with as many votes the first
		{false, false, false, false, false, false, false},
	}
	for k := range want {
		if !slices.Equal(got[k], want[k]) {
			t.Errorf("speaker %d: got %v, want %v", k, got[k], want[k])
		}
	}
}

func TestTurnsOf(t *testing.T) {
	// The middle of frame f is sample 270·f + 495.
	at := func(f int) int { return f*270 + 495 }
	got := turnsOf([][]bool{{false, true, true, false}, {true, true, false, true}}, pipeline.At(at(3)+10))
	want := []pipeline.SpeakerTurn{
		{Span: pipeline.Span{Start: pipeline.At(at(0)), End: pipeline.At(at(2))}, Speaker: "S1"},
		{Span: pipeline.Span{Start: pipeline.At(at(1)), End: pipeline.At(at(3))}, Speaker: "S2"},
		{Span: pipeline.Span{Start: pipeline.At(at(3)), End: pipeline.At(at(3) + 10)}, Speaker: "S1"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOwnFrames(t *testing.T) {
	rows := make([][]float32, 200)
	for i := range rows {
		rows[i] = []float32{float32(i)}
	}
	// Two rows a frame. 0 speaks in frames 0-59, with 1 from 20 on; 2 in frames 90-99.
	sets := make([]voiceSet, 100)
	for f := range sets {
		switch {
		case f < 20:
			sets[f] = 0b001
		case f < 60:
			sets[f] = 0b011
		case f >= 90:
			sets[f] = 0b100
		}
	}
	for _, test := range []struct {
		name           string
		local, n, from int
	}{
		{"too little alone: all of it", 0, 120, 0},
		{"never alone", 1, 80, 40},
		{"alone", 2, 20, 180},
	} {
		got := ownFrames(sets, test.local, rows)
		if len(got) != test.n || got[0][0] != float32(test.from) {
			t.Errorf("%s: got %d rows from %v on, want %d from %d on", test.name, len(got), got[0], test.n, test.from)
		}
	}
	for f := range 30 {
		sets[f] = 0b001 // 60 rows alone
	}
	if got := ownFrames(sets, 0, rows); len(got) != 60 {
		t.Errorf("enough alone: got %d rows, want the 60 without overlap", len(got))
	}
}

func TestAssign(t *testing.T) {
	found := []centre{{mean: []float64{1, 0}}, {mean: []float64{0, 0.5}}}
	all := []stretch{{speaker: [locals]int{nobody, nobody, nobody}}, {speaker: [locals]int{nobody, nobody, nobody}}}
	points := []point{
		{vector: []float32{0.8, 0.6}}, {vector: []float32{1, 0}}, {vector: []float32{-1, 0}}, // window 0: cosines 0.8 0.6, 1 0, -1 0
		{vector: []float32{0.6, 0.8}}, // window 1
	}
	assign(all, points, []voiceAt{{0, 0}, {0, 1}, {0, 2}, {1, 2}}, found)
	// Of window 0, local 0 alone would be speaker 0; with local 1 there, 0.6 + 1 is the most.
	if got, want := all[0].speaker, [locals]int{1, 0, nobody}; got != want {
		t.Errorf("window 0: got %v, want %v", got, want)
	}
	if got, want := all[1].speaker, [locals]int{nobody, nobody, 1}; got != want {
		t.Errorf("window 1: got %v, want %v", got, want)
	}
}
