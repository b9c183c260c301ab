package diarise

import (
	"math"
	"slices"
	"testing"
	"time"

	"lydhor/pipeline"
	"lydhor/transcribe/onnx/onnxtest"
)

func TestSoloes(t *testing.T) {
	turn := func(speaker string, from, to float64) pipeline.SpeakerTurn {
		return pipeline.SpeakerTurn{Span: pipeline.FromSeconds(from, to), Speaker: speaker}
	}
	for _, test := range []struct {
		name        string
		turns, want []pipeline.SpeakerTurn
	}{
		{"nobody", nil, nil},
		{"one after the other", []pipeline.SpeakerTurn{turn("a", 0, 2), turn("b", 2, 3)}, []pipeline.SpeakerTurn{turn("a", 0, 2), turn("b", 2, 3)}},
		{"overlap", []pipeline.SpeakerTurn{turn("a", 0, 3), turn("b", 2, 5)}, []pipeline.SpeakerTurn{turn("a", 0, 2), turn("b", 3, 5)}},
		{"within", []pipeline.SpeakerTurn{turn("a", 0, 5), turn("b", 2, 3)}, []pipeline.SpeakerTurn{turn("a", 0, 2), turn("a", 3, 5)}},
		{"with oneself", []pipeline.SpeakerTurn{turn("a", 0, 3), turn("a", 2, 4)}, []pipeline.SpeakerTurn{turn("a", 0, 2), turn("a", 2, 3), turn("a", 3, 4)}},
	} {
		if got := soloes(test.turns); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestInverse(t *testing.T) {
	var a [dims][dims]float64
	for i := range dims {
		for j := range dims {
			a[i][j] = 1 / (1 + math.Abs(float64(i-j)))
		}
		a[i][i] += 2
	}
	b := inverse(a)
	for i := range dims {
		for j := range dims {
			sum, want := 0.0, 0.0
			for k := range dims {
				sum += a[i][k] * b[k][j]
			}
			if i == j {
				want = 1
			}
			if math.Abs(sum-want) > 1e-9 {
				t.Fatalf("at %d, %d: got %v, want %v", i, j, sum, want)
			}
		}
	}
}

// The spectra of a voice in two halves of a talk are more alike than those of two voices, and
// who is hardly heard has no print.
func TestSpectrumPrints(t *testing.T) {
	p, err := OpenPrinter("auto", Files{Models: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	samples, ref := conversation(t)
	var sound pipeline.Samples
	var turns []pipeline.SpeakerTurn
	for s, half := range halves(samples, ref) {
		for h, x := range half {
			for pipeline.Dur(x) < usually {
				x = append(x, x...)
			}
			start := pipeline.Dur(sound)
			sound = append(sound, x...)
			turns = append(turns, pipeline.SpeakerTurn{Span: pipeline.Span{Start: start, End: pipeline.Dur(sound)}, Speaker: string(rune('a'+s)) + string(rune('1'+h))})
		}
	}
	turns = append(turns, pipeline.SpeakerTurn{Span: pipeline.Span{Start: pipeline.Dur(sound), End: pipeline.Dur(sound) + 9*time.Second}, Speaker: "short"})
	sound = append(sound, noise(9, 0.1)...)
	prints, err := p.Prints(t.Context(), sound, turns)
	if err != nil {
		t.Fatal(err)
	}
	if len(prints) != 4 || prints[0].Speaker != "a1" || prints[3].Speaker != "b2" || prints[0].Kind != pipeline.SpectrumPrint {
		t.Fatalf("got prints %d, want a1, a2, b1 and b2", len(prints))
	}
	for _, pair := range [][3]int{{0, 1, 2}, {2, 3, 0}} {
		same, other := prints[pair[0]].Likeness(prints[pair[1]]), prints[pair[0]].Likeness(prints[pair[2]])
		if same <= other || same > 1 {
			t.Errorf("%s: %v like the same voice, %v like the other", prints[pair[0]].Speaker, same, other)
		}
	}
}

// With a speaker embedding and ONNX Runtime installed, prints are its vectors.
func TestEmbeddingPrints(t *testing.T) {
	f := Files{Models: t.TempDir(), Runtime: onnxtest.Library(t)}
	embedder().Write(t, f.Models, embeddingFolder+"/voices.onnx")
	p, err := OpenPrinter("auto", f)
	if err != nil {
		t.Fatal(err)
	}
	// Tones that come and go: what a window has in all its frames is taken off.
	bursts := func(hz float64) (x pipeline.Samples) {
		for range 12 {
			x = append(append(x, tone(hz, 0.6, 0.3)...), noise(0.4, 0.003)...)
		}
		return x
	}
	sound := slices.Concat(bursts(500), bursts(1500))
	sound = append(sound, bursts(500)...)
	var turns []pipeline.SpeakerTurn
	for i, speaker := range []string{"a", "b", "a again"} {
		turns = append(turns, pipeline.SpeakerTurn{Span: pipeline.FromSeconds(float64(i)*12, float64(i+1)*12), Speaker: speaker})
	}
	prints, err := p.Prints(t.Context(), sound, turns)
	if err != nil || len(prints) != 3 || len(prints[0].Vector) != fbankBands || len(prints[0].Kind) != len("embedding ")+64 {
		t.Fatalf("got %v, %v, want three prints of %d numbers", prints, err, fbankBands)
	}
	if same, other := prints[0].Likeness(prints[2]), prints[0].Likeness(prints[1]); same < p.least || other >= same {
		t.Errorf("a tone is %v like itself and %v like another, want at least %v and less", same, other, p.least)
	}
}
