package pipeline

import (
	"cmp"
	"math"
	"slices"
)

// A Voiceprint is how one speaker of a recording sounds. It is biometric data: it is made
// only in projects that ask for it and goes with its recording.
type Voiceprint struct {
	Recording string
	Speaker   string // as diarisation labelled it
	Kind      string // what made Vector: only prints of one kind compare
	Vector    []float32
	Least     float64 // the likeness from which prints of this kind may be one person's
}

// SpectrumPrint is the kind whose Vector is the covariance of a voice's cepstra, row by row,
// and then its inverse. The vectors of every other kind point the same way for one voice.
const SpectrumPrint = "spectrum"

// Likeness is how alike two voices are, 1 at most; 0 where they do not compare.
func (v Voiceprint) Likeness(w Voiceprint) float64 {
	if v.Kind != w.Kind || len(v.Vector) != len(w.Vector) || len(v.Vector) == 0 {
		return 0
	}
	if v.Kind != SpectrumPrint {
		square := dot(v.Vector, v.Vector) * dot(w.Vector, w.Vector)
		if square == 0 {
			return 0
		}
		return dot(v.Vector, w.Vector) / math.Sqrt(square)
	}
	// Of two covariances A and B, the harmonic over the arithmetic mean of the eigenvalues of
	// A B⁻¹ (Bimbot and Mathan 1993): n² / (tr A B⁻¹ · tr B A⁻¹), n² being their length.
	n := len(v.Vector) / 2
	return float64(n) / (dot(v.Vector[:n], w.Vector[n:]) * dot(w.Vector[:n], v.Vector[n:]))
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}

// A Naming is what people said of a speaker. Role is empty until somebody confirmed one.
type Naming struct {
	Label string
	Role  Role
}

// Named follows the speaker that diarisation labelled label through the corrections. by
// reports whether a person named the speaker or confirmed a role.
func Named(label string, made []Correction) (n Naming, by bool) {
	n.Label = label
	for _, c := range standing(made) {
		if c.Label != n.Label {
			continue
		}
		switch c.Do {
		case ChangeLabel:
			n.Label, by = c.To, true
		case ChangeRole:
			n.Role, by = Role(c.To), true
		}
	}
	return n, by
}

// A KnownVoice is a voice that people named in another recording.
type KnownVoice struct {
	Voiceprint
	Naming
}

// A Recognition proposes that a speaker is a known voice, with its likeness in [0, 1]. Label is
// empty where people confirmed the known voice's role alone.
type Recognition struct {
	Naming
	Recording string // where the voice is known from
	Likeness  float64
}

// Recognise proposes known voices for the speakers of one recording, by their labels: the
// most alike first, one speaker a name.
func Recognise(own []Voiceprint, known []KnownVoice) map[string]Recognition {
	type pair struct {
		speaker, name string
		Recognition
	}
	var pairs []pair
	for _, v := range own {
		for _, k := range known {
			like := v.Likeness(k.Voiceprint)
			if like < max(v.Least, k.Least) {
				continue
			}
			name := k.Recording + "/" + k.Label
			if k.Label == k.Speaker {
				k.Label = ""
			}
			pairs = append(pairs, pair{v.Speaker, name, Recognition{k.Naming, k.Recording, min(1, like)}})
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.Likeness, a.Likeness) })
	found, taken := map[string]Recognition{}, map[string]bool{}
	for _, p := range pairs {
		if _, has := found[p.speaker]; !has && !taken[p.name] {
			found[p.speaker], taken[p.name] = p.Recognition, true
		}
	}
	return found
}
