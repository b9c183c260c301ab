package diarise

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"testing"

	"lydhor/pipeline"
)

// One recurrent layer of one cell, by hand: only the first of 64 has weights.
func TestRecurrent(t *testing.T) {
	const n = dvectorWide
	r := recurrent{input: linear{make([]float32, 4*n), 1}, state: linear{make([]float32, 4*n*n), n}, bias: make([]float32, 4*n)}
	r.input.weights[2*n] = 1 // the candidate is tanh of the input
	r.bias[0] = 100          // in, forget and out are open
	r.bias[n] = 100
	r.bias[3*n] = 100
	for _, test := range []struct {
		name      string
		backwards bool
		want      []float64
	}{
		// The cell adds up tanh 1 = 0.7616 and tanh 0.5 = 0.4621; what is given is its tanh.
		{"forwards", false, []float64{math.Tanh(0.7616), math.Tanh(1.2237)}},
		{"backwards", true, []float64{math.Tanh(1.2237), math.Tanh(0.4621)}},
	} {
		out := [][]float32{make([]float32, n), make([]float32, n)}
		r.run([][]float32{{1}, {0.5}}, out, 0, test.backwards)
		for i, want := range test.want {
			if got := float64(out[i][0]); math.Abs(got-want) > 1e-4 {
				t.Errorf("%s, step %d: got %v, want %v", test.name, i, got, want)
			}
		}
	}
}

func TestSlaneyBands(t *testing.T) {
	bands := slaneyBands()
	// Mel is linear below 1 kHz, 15 there, and 15 + 27 ln 8 / ln 6.4 = 45.246 at 8 kHz: a step of
	// 45.246/129 = 0.35074, or 23.38 Hz. Band 10 has its centre at 11 steps, 257.2 Hz. Frequencies
	// are 7.8125 Hz apart; the nearest is 33, 257.81 Hz, at 1 - 0.60/23.38 of a height of
	// 2/(2·23.38).
	top := weight{}
	for _, w := range bands[10] {
		if w.by > top.by {
			top = w
		}
	}
	if want := (1 - 0.6/23.383) / 23.383; top.bin != 33 || math.Abs(top.by-want) > 1e-4 {
		t.Errorf("got %v, want frequency 33 by %v", top, want)
	}
}

func TestCosines(t *testing.T) {
	c := newCosines(3, 4)
	// Of 1, 1, 1, 1: 4·√(1/4) = 2, then nothing. Of a half cosine: all in coefficient 1,
	// √(2/4) Σ cos² = √0.5 · 2.
	half := make([]float64, 4)
	for i := range half {
		half[i] = math.Cos(math.Pi * (float64(i) + 0.5) / 4)
	}
	for _, test := range []struct {
		x    []float64
		want []float64
	}{{[]float64{1, 1, 1, 1}, []float64{2, 0, 0}}, {half, []float64{0, math.Sqrt2, 0}}} {
		for k, got := range c.of(test.x) {
			if math.Abs(float64(got)-test.want[k]) > 1e-6 {
				t.Errorf("of %v: got %v at %d, want %v", test.x, got, k, test.want[k])
			}
		}
	}
}

func TestDvectorRefuses(t *testing.T) {
	header, _ := json.Marshal(map[string]any{"lstm.weight_ih_l0": map[string]any{"dtype": "F32", "shape": []int{256, 41}, "data_offsets": []int{0, 4}}})
	wrong := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
	for name, file := range map[string][]byte{"empty": nil, "text": []byte("no weights at all"), "wrong shape": wrong, "cut off": wrong[:20]} {
		if _, err := newDvector(file); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

// The real network hears one voice of the demo conversation as one, and the other as another.
func TestDvectorTellsVoicesApart(t *testing.T) {
	const models = "../../../shared/models"
	if _, err := os.Stat(models + "/" + dvectorFile); err != nil {
		t.Skip("no d-vector network beside the repository: ", err)
	}
	d, _, err := openDvector(models + "/" + dvectorFile)
	if err != nil {
		t.Fatal(err)
	}
	samples, ref := conversation(t)
	var voices [2][2][]float32 // of each speaker, from the first and the last turns
	for s, half := range halves(samples, ref) {
		for h, x := range half {
			voices[s][h] = d.embed(x)
		}
	}
	cosine := func(a, b []float32) float64 { return likeness(a, floats(b)) }
	for s := range voices {
		same, other := cosine(voices[s][0], voices[s][1]), cosine(voices[s][0], voices[1-s][1])
		if same <= other {
			t.Errorf("speaker %d is %v like herself and %v like the other", s, same, other)
		}
	}
	if got := d.embed(make(pipeline.Samples, 0)); len(got) != 2*dvectorWide {
		t.Errorf("of no sound: got %d numbers, want the vector of a frame of silence", len(got))
	}
}

// halves gives what each of two speakers says in the first and in the second half of a talk.
func halves(samples pipeline.Samples, ref []pipeline.SpeakerTurn) (said [2][2]pipeline.Samples) {
	for i, turn := range ref {
		s, h := 0, 2*i/len(ref)
		if turn.Speaker != ref[0].Speaker {
			s = 1
		}
		said[s][h] = append(said[s][h], samples[pipeline.Index(turn.Start):pipeline.Index(turn.End)]...)
	}
	return said
}

func floats(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}
