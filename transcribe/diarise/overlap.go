package diarise

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"slices"
	"sync"
	"time"

	"lydhor/pipeline"
)

// Several who speak at once are heard by a small network of dilated convolutions (Bai, Kolter and Koltun 2018) over what
// the 2.6 seconds around look like: how loud, how periodic and how periodic besides, how fast it changes, how far it is
// from what is usual, and its cepstrum beside the usual one. make train-overlap fits it to mixtures made for the purpose.
const (
	levels       = 7                // numbers that a frame tells of overlap besides its cepstrum
	marks        = levels + cepstra // numbers that it tells
	cepstra      = 12
	overlapEvery = 4 // frames of a step, which is judged once
)

// overlapDilations are the steps from tap to tap of the convolutions before the output.
var overlapDilations = [...]int{1, 1, 2, 4, 8, 16}

// overlapTaps is how many steps a convolution before the output sees.
const overlapTaps = 3

//go:embed overlap.json
var overlapFile []byte

// An overlapNet gives the odds that several speak. Its convolutions but the last end in ReLUs, and those between layers
// of one width are added to what they see (He and others 2016).
type overlapNet struct {
	Prior  float64   `json:"prior"`  // share of the steps in training, of those in which somebody speaks, in which several do
	Mean   []float32 `json:"mean"`   // of the marks in training
	Spread []float32 `json:"spread"` // their standard deviation
	Layers []dilated `json:"layers"`
}

// A dilated convolution makes numbers of a step from those of steps around it.
type dilated struct {
	Dilation int         `json:"dilation"` // steps from tap to tap; the middle one is the step itself
	Weights  [][]float32 `json:"weights"`  // a row each tap and output, tap by tap
	Bias     []float32   `json:"bias"`     // of each output
}

// hearsOverlap is the network that make train-overlap left.
var hearsOverlap = sync.OnceValue(func() *overlapNet {
	n, err := readOverlapNet(overlapFile)
	if err != nil {
		panic(err) // TestOverlapFile reads the same bytes
	}
	return n
})

func readOverlapNet(file []byte) (*overlapNet, error) {
	var n overlapNet
	if err := json.Unmarshal(file, &n); err != nil {
		return nil, fmt.Errorf("read the network that hears overlap: %w", err)
	}
	right := n.Prior > 0 && n.Prior < 1 && len(n.Mean) == marks && len(n.Spread) == marks && len(n.Layers) == len(overlapDilations)+1
	width := marks
	for _, c := range n.Layers {
		right = right && len(c.Bias) > 0 && len(c.Weights)%len(c.Bias) == 0
		for _, row := range c.Weights {
			right = right && len(row) == width
		}
		width = len(c.Bias)
	}
	if !right || width != 1 {
		return nil, fmt.Errorf("the network that hears overlap does not have %d inputs, %d layers and one output: make train-overlap", marks, len(overlapDilations)+1)
	}
	return &n, nil
}

// odds are that several speak, by what is seen of steps that follow each other, x, which is scaled.
func (n *overlapNet) odds(x [][]float32) []float32 {
	n.scale(x)
	_, made := n.through(x)
	last := made[len(made)-1]
	out := make([]float32, len(last))
	for t, y := range last {
		out[t] = sigmoid(y[0])
	}
	return out
}

// scale puts x in spreads from the means, no farther than farthest, in place.
func (n *overlapNet) scale(x [][]float32) {
	const farthest = 4
	for _, step := range x {
		for i, v := range step {
			step[i] = max(-farthest, min(farthest, (v-n.Mean[i])/n.Spread[i]))
		}
	}
}

// through is what each layer sees of x and what it makes of that, before its ReLUs.
func (n *overlapNet) through(x [][]float32) (seen, made [][][]float32) {
	for l := range n.Layers {
		y := n.Layers[l].of(x)
		seen, made = append(seen, x), append(made, y)
		next := make([][]float32, len(y))
		for t := range y {
			next[t] = make([]float32, len(y[t]))
			for i, v := range y[t] {
				next[t][i] = max(0, v)
				if n.adds(l) {
					next[t][i] += x[t][i]
				}
			}
		}
		x = next
	}
	return seen, made
}

// adds reports whether what layer l makes is added to what it sees.
func (n *overlapNet) adds(l int) bool { return l > 0 && l < len(n.Layers)-1 }

// of is what c makes of each step of x; beyond its ends is nothing.
func (c *dilated) of(x [][]float32) [][]float32 {
	out := make([][]float32, len(x))
	for t := range x {
		out[t] = slices.Clone(c.Bias)
		for first, at := range c.taps(t, len(x)) {
			for o, row := range c.Weights[first : first+len(c.Bias)] {
				out[t][o] += dot(row, x[at])
			}
		}
	}
	return out
}

// taps are the steps, of so many, that c sees of step t, each after the first of its rows of weights.
func (c *dilated) taps(t, steps int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		at := t - len(c.Weights)/len(c.Bias)/2*c.Dilation
		for first := 0; first < len(c.Weights); first += len(c.Bias) {
			if at >= 0 && at < steps && !yield(first, at) {
				return
			}
			at += c.Dilation
		}
	}
}

// adapt moves odds of overlap, zero where nobody was judged, to how often several speak in this recording, which it
// finds by expectation maximisation (Saerens, Latinne and Decaestecker 2002).
func (n *overlapNet) adapt(odds []float32) {
	const rounds, known = 30, 25 // as if a second of training had been heard, too
	share := n.Prior
	moved := func(p float32) float64 {
		several, one := float64(p)*share/n.Prior, float64(1-p)*(1-share)/(1-n.Prior)
		return several / (several + one)
	}
	for range rounds {
		sum, judged := known*n.Prior, float64(known)
		for _, p := range odds {
			if p > 0 {
				sum += moved(p)
				judged++
			}
		}
		share = sum / judged
	}
	for i, p := range odds {
		odds[i] = float32(moved(p))
	}
}

// byNetwork finds stretches in which several speak.
var byNetwork = detector{
	step: overlapEvery * frameDur, likely: 0.5, certain: 0.5,
	least: 200 * time.Millisecond, pause: 200 * time.Millisecond,
}

// several is how likely it is that more than one speaks within spoken, every overlapEvery frames.
func (f *features) several(n *overlapNet, spoken []pipeline.Span) []float32 {
	odds := make([]float32, (len(f.frames)+overlapEvery-1)/overlapEvery)
	usual := f.usualVoice()
	for _, s := range spoken {
		from, to := int(s.Start/frameDur), min(int(s.End/frameDur), len(f.frames))
		for at := from; at < to; at += overlapStretch {
			f.overlapOdds(n, &usual, at, min(to, at+overlapStretch), odds)
		}
	}
	odds = pipeline.Smoothed(odds, 2)
	n.adapt(odds)
	return odds
}

// overlapStretch is how many frames are judged at once.
const overlapStretch = 3000

// overlapOdds sets the odds of each step that begins in the frames [from, to).
func (f *features) overlapOdds(n *overlapNet, usual *frame, from, to int, odds []float32) {
	reach := 0 // steps
	for _, d := range overlapDilations {
		reach += overlapTaps / 2 * d
	}
	begin := (from + overlapEvery - 1) / overlapEvery
	first := max(0, begin-reach)
	heard := n.odds(f.steps(usual, first*overlapEvery, min(len(f.frames), to+(reach+1)*overlapEvery)))
	for i := begin; i*overlapEvery < to; i++ {
		if !f.spoilt(i * overlapEvery) {
			odds[i] = heard[i-first]
		}
	}
}

// steps are what the network sees of the frames [from, to): the means of each step's marks.
func (f *features) steps(usual *frame, from, to int) [][]float32 {
	var out [][]float32
	for some := range slices.Chunk(f.marks(usual, from, to), overlapEvery) {
		step := make([]float32, marks)
		for _, m := range some {
			for i, v := range m {
				step[i] += v / float32(len(some))
			}
		}
		out = append(out, step)
	}
	return out
}

// spoilt reports whether much around frame i is clipped: that blurs one voice as a second would.
func (f *features) spoilt(i int) bool {
	const reach, much = 100, 10 // frames
	n := 0
	for _, c := range f.clipped[max(0, i-reach):min(len(f.clipped), i+reach+1)] {
		if c {
			n++
		}
	}
	return n > much
}

// usualVoice is the mean frame of what is loud in the recording.
func (f *features) usualVoice() (mean frame) {
	const soft = 25 // dB below what is loud
	if len(f.level) == 0 {
		return mean
	}
	limit := pipeline.Loudest(f.level) - soft
	var sum [dims]float64
	n := 0.0
	for i, level := range f.level {
		if level > limit {
			n++
			for d, v := range f.frames[i] {
				sum[d] += float64(v)
			}
		}
	}
	for d := range mean {
		mean[d] = float32(sum[d] / max(n, 1))
	}
	return mean
}

// marks are what the frames [from, to) tell of overlap.
func (f *features) marks(usual *frame, from, to int) [][marks]float32 {
	out := make([][marks]float32, to-from)
	loud := float32(0)
	for k := range out {
		i := from + k
		if k == 0 || i%loudEvery == 0 {
			loud = f.loudAround(i)
		}
		before := max(0, i-2)
		m := &out[k]
		m[0] = f.level[i] - loud
		m[1], m[2] = f.periodic[i], f.other[i]
		m[3] = max(f.level[i]-f.level[before], f.level[before]-f.level[i])
		m[4] = apart(&f.frames[i], &f.frames[before])
		m[5] = m[1] * m[2]
		m[6] = apart(&f.frames[i], usual)
		for d := range cepstra {
			m[levels+d] = f.frames[i][d] - usual[d]
		}
	}
	return out
}

// loudEvery is how many frames share one measure of what is loud.
const loudEvery = 50

// loudAround is what is loud in the seconds around frame i.
func (f *features) loudAround(i int) float32 {
	const reach = 300
	at := i / loudEvery * loudEvery
	return pipeline.Loudest(f.level[max(0, at-reach):min(len(f.level), at+loudEvery+reach)])
}

// apart is the distance of two frames.
func apart(a, b *frame) float32 {
	sum := float32(0)
	for d, v := range a {
		sum += (v - b[d]) * (v - b[d])
	}
	return float32(math.Sqrt(float64(sum)))
}
