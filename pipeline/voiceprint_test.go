package pipeline

import (
	"maps"
	"math"
	"testing"
)

func TestLikeness(t *testing.T) {
	for _, test := range []struct {
		name string
		a, b Voiceprint
		want float64
	}{
		{"the same way", Voiceprint{Kind: "k", Vector: []float32{3, 4}}, Voiceprint{Kind: "k", Vector: []float32{6, 8}}, 1},
		// (3·4 + 4·3) / (5·5)
		{"nearly", Voiceprint{Kind: "k", Vector: []float32{3, 4}}, Voiceprint{Kind: "k", Vector: []float32{4, 3}}, 0.96},
		{"another kind", Voiceprint{Kind: "k", Vector: []float32{1}}, Voiceprint{Kind: "l", Vector: []float32{1}}, 0},
		{"another length", Voiceprint{Kind: "k", Vector: []float32{1, 0}}, Voiceprint{Kind: "k", Vector: []float32{1}}, 0},
		{"nothing", Voiceprint{Kind: "k", Vector: []float32{0}}, Voiceprint{Kind: "k", Vector: []float32{1}}, 0},
		// A = diag(1, 4), B = diag(2, 8) = 2A: tr A B⁻¹ = 1, tr B A⁻¹ = 4, n² = 4.
		{"a louder spectrum", spectrum([]float32{1, 0, 0, 4, 1, 0, 0, 0.25}), spectrum([]float32{2, 0, 0, 8, 0.5, 0, 0, 0.125}), 1},
		// B = diag(4, 1): tr A B⁻¹ = 1/4 + 4 = 4.25 = tr B A⁻¹; 4 / 18.0625.
		{"another spectrum", spectrum([]float32{1, 0, 0, 4, 1, 0, 0, 0.25}), spectrum([]float32{4, 0, 0, 1, 0.25, 0, 0, 1}), 4 / 18.0625},
	} {
		for _, got := range []float64{test.a.Likeness(test.b), test.b.Likeness(test.a)} {
			if math.Abs(got-test.want) > 1e-6 {
				t.Errorf("%s: got %v, want %v", test.name, got, test.want)
			}
		}
	}
}

func spectrum(vector []float32) Voiceprint { return Voiceprint{Kind: SpectrumPrint, Vector: vector} }

func TestNamed(t *testing.T) {
	label := func(key, from, to string) Correction {
		return Correction{Key: key, Do: ChangeLabel, Label: from, To: to}
	}
	role := func(key, of string, to Role) Correction {
		return Correction{Key: key, Do: ChangeRole, Label: of, To: string(to)}
	}
	for _, test := range []struct {
		name string
		made []Correction
		want Naming
		by   bool
	}{
		{"by nobody", nil, Naming{Label: "S1"}, false},
		{"others were", []Correction{label("a", "S2", "Bo"), role("b", "Bo", Citizen)}, Naming{Label: "S1"}, false},
		{"name, then role", []Correction{label("a", "S1", "Bo"), role("b", "Bo", Citizen)}, Naming{"Bo", Citizen}, true},
		{"role, then name twice", []Correction{role("a", "S1", Leader), label("b", "S1", "Bo"), label("c", "Bo", "Ib")}, Naming{"Ib", Leader}, true},
		{"undone", []Correction{label("a", "S1", "Bo"), {Key: "b", Undoes: "a"}}, Naming{Label: "S1"}, false},
		{"a turn was given away", []Correction{{Key: "a", Do: ChangeSpeaker, Label: "S1", To: "Bo"}}, Naming{Label: "S1"}, false},
	} {
		if got, by := Named("S1", test.made); got != test.want || by != test.by {
			t.Errorf("%s: got %+v, %t, want %+v, %t", test.name, got, by, test.want, test.by)
		}
	}
}

func TestRecognise(t *testing.T) {
	print := func(speaker string, x, y float32) Voiceprint {
		return Voiceprint{Recording: "r", Speaker: speaker, Kind: "k", Vector: []float32{x, y}, Least: 0.7}
	}
	bo := KnownVoice{print("S1", 1, 0), Naming{"Bo", Citizen}}
	ida := KnownVoice{print("S2", 0, 1), Naming{"Ida", ""}}
	for _, test := range []struct {
		name  string
		own   []Voiceprint
		known []KnownVoice
		want  map[string]Recognition
	}{
		{"nobody is known", []Voiceprint{print("S1", 1, 0)}, nil, map[string]Recognition{}},
		{"not alike enough", []Voiceprint{print("S1", 1, 1.1)}, []KnownVoice{bo}, map[string]Recognition{}}, // 1/√2.21 = 0.67
		{"two", []Voiceprint{print("S1", 3, 4), print("S2", 1, 0)}, []KnownVoice{bo, ida},
			map[string]Recognition{"S1": {Naming{"Ida", ""}, "r", 0.8}, "S2": {Naming{"Bo", Citizen}, "r", 1}}},
		{"roles without names", []Voiceprint{print("S1", 0, 1), print("S2", 1, 0)},
			[]KnownVoice{{print("S1", 1, 0), Naming{"S1", Citizen}}, {print("S2", 0, 1), Naming{"S2", Leader}}},
			map[string]Recognition{"S1": {Naming{"", Leader}, "r", 1}, "S2": {Naming{"", Citizen}, "r", 1}}},
		{"a name for one", []Voiceprint{print("S1", 4, 3), print("S2", 1, 0)}, []KnownVoice{bo}, map[string]Recognition{"S2": {Naming{"Bo", Citizen}, "r", 1}}},
	} {
		if got := Recognise(test.own, test.known); !maps.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
