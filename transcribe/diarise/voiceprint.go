package diarise

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"time"

	"lydhor/pipeline"
	"lydhor/transcribe/onnx"
)

// A Printer makes prints of the voices in a recording, by which they are recognised in
// another.
type Printer struct {
	Shortest time.Duration // that a voice has to be heard alone for a print

	kind   string
	least  float64 // likeness from which two prints may be one person's
	vector func(pipeline.Samples) ([]float32, error)
}

// By are what a Printer can print voices by, the best first.
var By = []string{"embedding", "d-vector", "spectrum"}

// The likenesses from which voices may be one person's, by what makes the prints. That of an
// embedding network is voicesApart as a cosine. The other two lie midway between the pairs of
// one reader and the nearest pairs of two in the simulated talks (docs/benchmarks.md).
const (
	leastEmbedding = 1 - voicesApart*voicesApart/2
	leastDvector   = 0.88
	leastSpectrum  = 0.77
)

// OpenPrinter gives a printer by one of By: a speaker embedding and ONNX Runtime, the d-vector
// network, or the spectra that the embedded path hears. "auto" is the best that is installed.
func OpenPrinter(by string, f Files) (*Printer, error) {
	switch by {
	case "embedding":
		return embeddingPrinter(f)
	case "d-vector":
		return dvectorPrinter(f)
	case "spectrum":
		return &Printer{usually, pipeline.SpectrumPrint, leastSpectrum, spectrum}, nil
	case "auto":
		for _, by := range By {
			if p, err := OpenPrinter(by, f); !missing(err) {
				return p, err
			}
		}
	}
	return nil, fmt.Errorf("voices cannot be printed by %q: use auto or one of %v", by, By)
}

func embeddingPrinter(f Files) (*Printer, error) {
	file, err := f.only(embeddingFolder, "a speaker embedding")
	if err != nil {
		return nil, err
	}
	n, hash, err := open(f.runtime(), file, checkEmbedding)
	if err != nil {
		return nil, err
	}
	return &Printer{usually, "embedding " + hash, leastEmbedding, func(x pipeline.Samples) ([]float32, error) { return embedAll(n, x) }}, nil
}

// embedAll is the mean of what n gives for each ten seconds of x.
func embedAll(n *onnx.Network, x pipeline.Samples) ([]float32, error) {
	bank := newFbank()
	var sum []float32
	for part := range slices.Chunk(x, stretchLen) {
		vector, err := embedRows(n, bank.of(part))
		if err != nil {
			return nil, err
		}
		for i, v := range vector {
			if sum == nil {
				sum = make([]float32, len(vector))
			}
			sum[i] += v
		}
	}
	return unit(sum), nil
}

func dvectorPrinter(f Files) (*Printer, error) {
	d, hash, err := openDvector(filepath.Join(f.Models, dvectorFile))
	if err != nil {
		return nil, err
	}
	return &Printer{usually, "d-vector " + hash, leastDvector, func(x pipeline.Samples) ([]float32, error) { return d.embed(x), nil }}, nil
}

// spectrum is the covariance of the louder frames of x, and its inverse.
func spectrum(x pipeline.Samples) ([]float32, error) {
	f, err := listen(context.Background(), x, func(float64) {})
	if err != nil {
		return nil, err
	}
	g := f.gaussian(0, len(f.frames), loudPart(f.level))
	covariance := g.covariance()
	var vector []float32
	for _, m := range [][dims][dims]float64{covariance, inverse(covariance)} {
		for _, row := range m {
			for _, v := range row {
				vector = append(vector, float32(v))
			}
		}
	}
	return vector, nil
}

// covariance is of g's frames, kept from becoming singular as logDet does.
func (g *gaussian) covariance() (m [dims][dims]float64) {
	at := 0
	for i := range dims {
		for j := range i + 1 {
			m[i][j] = g.square[at]/g.n - g.sum[i]/g.n*g.sum[j]/g.n
			m[j][i] = m[i][j]
			at++
		}
		m[i][i] += ridge
	}
	return m
}

// inverse is of a positive definite matrix (Gauss and Jordan).
func inverse(a [dims][dims]float64) (b [dims][dims]float64) {
	for i := range dims {
		b[i][i] = 1
	}
	for i := range dims {
		pivot := a[i][i]
		for j := range dims {
			a[i][j] /= pivot
			b[i][j] /= pivot
		}
		for k := range dims {
			if by := a[k][i]; k != i {
				for j := range dims {
					a[k][j] -= by * a[i][j]
					b[k][j] -= by * b[i][j]
				}
			}
		}
	}
	return b
}

// A voice is printed from as much as is heard of it alone, within these.
const (
	usually     = 10 * time.Second // at least
	mostPrinted = 2 * time.Minute
)

// Prints makes one of each speaker of turns who is heard alone long enough.
func (p *Printer) Prints(ctx context.Context, sound pipeline.Sound, turns []pipeline.SpeakerTurn) ([]pipeline.Voiceprint, error) {
	alone := map[string][]pipeline.Span{}
	var speakers []string
	for _, t := range soloes(turns) {
		if alone[t.Speaker] == nil {
			speakers = append(speakers, t.Speaker)
		}
		alone[t.Speaker] = append(alone[t.Speaker], t.Span)
	}
	var prints []pipeline.Voiceprint
	for _, speaker := range speakers {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x, err := heard(sound, alone[speaker])
		if err != nil {
			return nil, err
		}
		if pipeline.Dur(x) < p.Shortest {
			continue
		}
		vector, err := p.vector(x)
		if err != nil {
			return nil, fmt.Errorf("print a voice: %w", err)
		}
		if usable(vector) {
			prints = append(prints, pipeline.Voiceprint{Speaker: speaker, Kind: p.kind, Vector: vector, Least: p.least})
		}
	}
	return prints, nil
}

// usable reports whether v is numbers.
func usable(v []float32) bool {
	return len(v) > 0 && !slices.ContainsFunc(v, func(x float32) bool { return math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) })
}

// heard is the sound of spans, one after the other, mostPrinted at most.
func heard(sound pipeline.Sound, spans []pipeline.Span) (pipeline.Samples, error) {
	var x pipeline.Samples
	for _, s := range spans {
		part, err := pipeline.Read(sound, s)
		if err != nil {
			return nil, err
		}
		x = append(x, part...)
		if pipeline.Dur(x) >= mostPrinted {
			return x[:pipeline.Index(mostPrinted)], nil
		}
	}
	return x, nil
}

// soloes are the parts of turns in which nobody else speaks, in order.
func soloes(turns []pipeline.SpeakerTurn) []pipeline.SpeakerTurn {
	type border struct {
		at      time.Duration
		speaker string
		by      int // of turns that the speaker has from here on
	}
	var borders []border
	for _, t := range turns {
		borders = append(borders, border{t.Start, t.Speaker, 1}, border{t.End, t.Speaker, -1})
	}
	slices.SortStableFunc(borders, func(a, b border) int { return cmp.Compare(a.at, b.at) })
	var solo []pipeline.SpeakerTurn
	speaking := map[string]int{}
	for i, b := range borders {
		if speaking[b.speaker] += b.by; speaking[b.speaker] == 0 {
			delete(speaking, b.speaker)
		}
		if len(speaking) != 1 || borders[i+1].at == b.at {
			continue
		}
		for speaker := range speaking {
			solo = append(solo, pipeline.SpeakerTurn{Span: pipeline.Span{Start: b.at, End: borders[i+1].at}, Speaker: speaker})
		}
	}
	return solo
}
