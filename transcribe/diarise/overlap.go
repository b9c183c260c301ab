package diarise

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"lydhor/pipeline"
)

// Several who speak at once are heard by a small network over what two seconds of sound look
// like: how loud, how periodic and how periodic besides, how fast it changes, how far it is from what is usual, as
// mean and spread over three reaches, and how much its cepstrum spreads; where that lies would tell the few voices it was
// fitted to. make train-overlap fits it to mixtures made for the purpose.
const (
	levels       = 7                // numbers that a frame tells of overlap by their mean, too
	marks        = levels + cepstra // numbers that it tells
	cepstra      = 12
	overlapEvery = 4 // frames from one judgement to the next
)

var overlapReaches = [...]int{10, 40, 100} // frames to each side

// overlapInputs is how many numbers the network sees.
const overlapInputs = (levels + marks) * len(overlapReaches)

//go:embed overlap.json
var overlapFile []byte

// An overlapNet gives the odds that several speak. Its one hidden layer ends in ReLUs.
type overlapNet struct {
	Mean   []float64   `json:"mean"`   // of the inputs in training
	Spread []float64   `json:"spread"` // their standard deviation
	Hidden [][]float64 `json:"hidden"` // a row each unit; last is its bias
	Output []float64   `json:"output"` // last is the bias
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
	right := len(n.Mean) == overlapInputs && len(n.Spread) == overlapInputs && len(n.Output) == len(n.Hidden)+1
	for _, row := range n.Hidden {
		right = right && len(row) == overlapInputs+1
	}
	if !right {
		return nil, fmt.Errorf("the network that hears overlap does not have %d inputs: make train-overlap", overlapInputs)
	}
	return &n, nil
}

// farthest is how far an input may lie from its mean, in spreads.
const farthest = 4

// odds are that several speak, by what is seen of a frame, x.
func (n *overlapNet) odds(x *[overlapInputs]float64) float64 {
	n.scaled(x)
	return n.probability(n.units(x, make([]float64, len(n.Hidden))))
}

// scaled is x in spreads from the means, in place.
func (n *overlapNet) scaled(x *[overlapInputs]float64) {
	for i, v := range x {
		x[i] = max(-farthest, min(farthest, (v-n.Mean[i])/n.Spread[i]))
	}
}

// units are the values of the hidden layer, in out.
func (n *overlapNet) units(x *[overlapInputs]float64, out []float64) []float64 {
	for h, row := range n.Hidden {
		sum := row[overlapInputs]
		for i, v := range x {
			sum += row[i] * v
		}
		out[h] = max(0, sum)
	}
	return out
}

// probability is that several speak, by the hidden layer.
func (n *overlapNet) probability(units []float64) float64 {
	sum := n.Output[len(units)]
	for h, v := range units {
		sum += n.Output[h] * v
	}
	return 1 / (1 + math.Exp(-sum))
}

// byNetwork finds stretches in which several speak.
var byNetwork = detector{
	step: overlapEvery * frameDur, likely: 0.7, certain: 0.7,
	least: 200 * time.Millisecond, pause: 200 * time.Millisecond,
}

// several is how likely it is that more than one speaks within spoken, every overlapEvery frames.
func (f *features) several(n *overlapNet, spoken []pipeline.Span) []float32 {
	odds := make([]float32, (len(f.frames)+overlapEvery-1)/overlapEvery)
	mean := f.usualVoice()
	for _, s := range spoken {
		from, to := int(s.Start/frameDur), min(int(s.End/frameDur), len(f.frames))
		for at := from; at < to; at += overlapStretch {
			f.overlapOdds(n, &mean, at, min(to, at+overlapStretch), odds)
		}
	}
	return pipeline.Smoothed(odds, 2)
}

// overlapStretch is how many frames are judged at once.
const overlapStretch = 1000

// overlapOdds sets the odds of each overlapEvery frames of [from, to).
func (f *features) overlapOdds(n *overlapNet, usual *frame, from, to int, odds []float32) {
	reach := slices.Max(overlapReaches[:])
	first := max(0, from-reach)
	sums := sumsOf(f.marks(usual, first, min(len(f.frames), to+reach)))
	for i := (from + overlapEvery - 1) / overlapEvery * overlapEvery; i < to; i += overlapEvery {
		if f.spoilt(i) {
			continue
		}
		x := sums.inputs(i - first)
		odds[i/overlapEvery] = float32(n.odds(&x))
	}
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
func (f *features) marks(usual *frame, from, to int) [][marks]float64 {
	out := make([][marks]float64, to-from)
	loud := float32(0)
	for k := range out {
		i := from + k
		if k == 0 || i%loudEvery == 0 {
			loud = f.loudAround(i)
		}
		before := max(0, i-2)
		m := &out[k]
		m[0] = float64(f.level[i] - loud)
		m[1], m[2] = float64(f.periodic[i]), float64(f.other[i])
		m[3] = math.Abs(float64(f.level[i] - f.level[before]))
		m[4] = apart(&f.frames[i], &f.frames[before])
		m[5] = m[1] * m[2]
		m[6] = apart(&f.frames[i], usual)
		for d := range cepstra {
			m[levels+d] = float64(f.frames[i][d])
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
func apart(a, b *frame) float64 {
	sum := 0.0
	for d, v := range a {
		sum += float64(v-b[d]) * float64(v-b[d])
	}
	return math.Sqrt(sum)
}

// markSums are the sums of marks and of their squares before each frame, so that means and
// spreads over any reach cost the same.
type markSums struct{ sum, square [][marks]float64 }

func sumsOf(m [][marks]float64) markSums {
	s := markSums{make([][marks]float64, len(m)+1), make([][marks]float64, len(m)+1)}
	for i := range m {
		for d, v := range m[i] {
			s.sum[i+1][d] = s.sum[i][d] + v
			s.square[i+1][d] = s.square[i][d] + v*v
		}
	}
	return s
}

// inputs are what the network sees of frame i: means and spreads, reach by reach.
func (s markSums) inputs(i int) (x [overlapInputs]float64) {
	at := 0
	for _, reach := range overlapReaches {
		from, to := max(0, i-reach), min(len(s.sum)-1, i+reach+1)
		n := float64(to - from)
		for d := range marks {
			mean := (s.sum[to][d] - s.sum[from][d]) / n
			if d < levels {
				x[at] = mean
				at++
			}
			x[at] = math.Sqrt(max(0, (s.square[to][d]-s.square[from][d])/n-mean*mean))
			at++
		}
	}
	return x
}
