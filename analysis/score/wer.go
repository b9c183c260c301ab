// Package score measures how far a machine's words and speakers are from a reference: WER,
// CER, cpWER and WDER of words, DER and JER of speakers. Results keep their parts, add up
// over recordings, and divide last, so that nobody averages averages.
package score

import (
	"math"

	"lydhor/analysis/bootstrap"
)

// WER is the word error rate in its parts: words of the reference that were replaced, that
// were left out, words that were invented, and all words of the reference.
type WER struct{ Sub, Ins, Del, Ref int }

// Add gives the sum of w and v: of one text and the next.
func (w WER) Add(v WER) WER {
	return WER{w.Sub + v.Sub, w.Ins + v.Ins, w.Del + v.Del, w.Ref + v.Ref}
}

// Errors is the number of wrong words.
func (w WER) Errors() int { return w.Sub + w.Ins + w.Del }

// Rate is the number of wrong words for each word of the reference; above 1 with many
// inventions, NaN for an empty reference.
func (w WER) Rate() float64 { return rate(w.Errors(), w.Ref) }

func rate(errors, of int) float64 {
	if of == 0 {
		return math.NaN()
	}
	return float64(errors) / float64(of)
}

// Words counts the errors of an alignment.
func Words(pairs []Pair) WER {
	var w WER
	for _, p := range pairs {
		w = w.Add(p.count())
	}
	return w
}

func (p Pair) count() WER {
	switch {
	case p.Forgiven:
		return WER{Ref: 1}
	case p.Ref == "":
		return WER{Ins: 1}
	case p.Hyp == "":
		return WER{Del: 1, Ref: 1}
	case p.Ref != p.Hyp:
		return WER{Sub: 1, Ref: 1}
	}
	return WER{Ref: 1}
}

// stretch is how many words of the reference make a unit of Stretches: long enough for
// errors in one to say little about the next.
const stretch = 50

// Stretches cuts one long alignment into stretches of 50 words of the reference, as units
// for Band.
func Stretches(pairs []Pair) []WER {
	var parts []WER
	for _, p := range pairs {
		c := p.count()
		if n := len(parts); n == 0 || parts[n-1].Ref+c.Ref > stretch {
			parts = append(parts, WER{})
		}
		part := &parts[len(parts)-1]
		*part = part.Add(c)
	}
	return parts
}

// Band is the 95 % bootstrap interval of the rate over utterances or stretches (Bisani and
// Ney, "Bootstrap estimates for confidence intervals in ASR performance evaluation", 2004).
func Band(parts []WER) (low, high float64) {
	return bootstrap.Interval(len(parts), func(drawn []int) float64 {
		var sum WER
		for _, i := range drawn {
			sum = sum.Add(parts[i])
		}
		return sum.Rate()
	})
}
