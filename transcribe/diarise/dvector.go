package diarise

import (
	"fmt"
	"math"
	"os"

	"lydhor/pipeline"
)

// A dvector is a small network that gives a voice as a vector of unit length: three
// bidirectional recurrent layers over 40 cepstral coefficients, and the mean of what they give
// (github.com/wq2012/SpeakerRecognitionFromScratch). Two vectors of one voice point the same way.
type dvector struct {
	layers  [3][2]recurrent // forwards, backwards
	mel     [][]weight
	cosines cosines
}

// A recurrent layer's gates are in, forget, cell, out.
type recurrent struct {
	input, state linear
	bias         []float32
}

const (
	dvectorWide   = 64  // of each direction
	dvectorHop    = 512 // samples, which is 32 ms
	dvectorSize   = 2048
	dvectorBands  = 128
	dvectorCoeffs = 40
	dvectorWindow = 100 // frames heard at once; windows overlap by half
)

// newDvector reads the weights of a safetensors file.
func newDvector(file []byte) (*dvector, error) {
	t, err := readTensors(file)
	if err != nil {
		return nil, fmt.Errorf("read the d-vector model: %w", err)
	}
	d := &dvector{mel: slaneyBands(), cosines: newCosines(dvectorCoeffs, dvectorBands)}
	in := dvectorCoeffs
	for l := range d.layers {
		for way, ending := range []string{"", "_reverse"} {
			name := func(of string) string { return fmt.Sprintf("lstm.%s_l%d%s", of, l, ending) }
			r := &d.layers[l][way]
			r.input = linear{t.get(name("weight_ih"), 4*dvectorWide, in), in}
			r.state = linear{t.get(name("weight_hh"), 4*dvectorWide, dvectorWide), dvectorWide}
			r.bias = t.get(name("bias_ih"), 4*dvectorWide)
			for i, b := range t.get(name("bias_hh"), 4*dvectorWide) {
				r.bias[i] += b
			}
		}
		in = 2 * dvectorWide
	}
	return d, t.err
}

func openDvector(name string) (*dvector, string, error) {
	file, err := os.ReadFile(name)
	if err != nil {
		return nil, "", err
	}
	d, err := newDvector(file)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w: fetch it again", name, err)
	}
	return d, hashOf(file), nil
}

// embed gives the vector of the voice in x, which is nobody else's; nil where x is silent.
func (d *dvector) embed(x pipeline.Samples) []float32 {
	steps := d.cepstra(x)
	sum := make([]float32, 2*dvectorWide)
	for from := 0; ; from += dvectorWindow / 2 {
		to := min(len(steps), from+dvectorWindow)
		for i, v := range d.hear(steps[from:to]) {
			sum[i] += v
		}
		if to == len(steps) {
			break
		}
	}
	return unit(sum)
}

// hear is the mean of what the layers give for steps.
func (d *dvector) hear(steps [][]float32) []float32 {
	for _, layer := range d.layers {
		out := make([][]float32, len(steps))
		for i := range out {
			out[i] = make([]float32, 2*dvectorWide)
		}
		layer[0].run(steps, out, 0, false)
		layer[1].run(steps, out, dvectorWide, true)
		steps = out
	}
	mean := make([]float32, 2*dvectorWide)
	for _, s := range steps {
		for i, v := range s {
			mean[i] += v / float32(len(steps))
		}
	}
	return mean
}

// run writes what r gives for each of steps into out from column at on.
func (r *recurrent) run(steps, out [][]float32, at int, backwards bool) {
	hidden, cell := make([]float32, dvectorWide), make([]float32, dvectorWide)
	gates := make([]float32, 4*dvectorWide)
	for k := range steps {
		i := k
		if backwards {
			i = len(steps) - 1 - k
		}
		copy(gates, r.bias)
		r.input.add(gates, steps[i])
		r.state.add(gates, hidden)
		for j := range hidden {
			in, forget, cand, open := gates[j], gates[dvectorWide+j], gates[2*dvectorWide+j], gates[3*dvectorWide+j]
			cell[j] = sigmoid(forget)*cell[j] + sigmoid(in)*tanh(cand)
			hidden[j] = sigmoid(open) * tanh(cell[j])
		}
		copy(out[i][at:], hidden)
	}
}

// cepstra are the coefficients of x every dvectorHop samples, as librosa computes them by
// default: from the power, in decibels, of mel bands, no more than 80 below the loudest.
func (d *dvector) cepstra(x pipeline.Samples) [][]float32 {
	const floor, depth = 1e-10, 80
	transform := newFFT(dvectorSize)
	block, power := make([]float64, dvectorSize), make([]float64, dvectorSize/2+1)
	taper := hann(dvectorSize)
	bands := make([][]float64, len(x)/dvectorHop+1)
	loudest := math.Inf(-1)
	for s := range bands {
		for i := range block {
			block[i] = 0
			if at := s*dvectorHop + i - dvectorSize/2; at >= 0 && at < len(x) {
				block[i] = float64(x[at]) * taper[i]
			}
		}
		transform.power(block, power)
		bands[s] = make([]float64, dvectorBands)
		for b, weights := range d.mel {
			sum := 0.0
			for _, w := range weights {
				sum += w.by * power[w.bin]
			}
			bands[s][b] = 10 * math.Log10(max(sum, floor))
			loudest = max(loudest, bands[s][b])
		}
	}
	out := make([][]float32, len(bands))
	for s, levels := range bands {
		for b := range levels {
			levels[b] = max(levels[b], loudest-depth)
		}
		out[s] = d.cosines.of(levels)
	}
	return out
}

// hann is the periodic window of that many samples.
func hann(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(n))
	}
	return w
}

// cosines are the rows of the orthonormal cosine transform.
type cosines [][]float64

func newCosines(count, n int) cosines {
	c := make(cosines, count)
	for k := range c {
		c[k] = make([]float64, n)
		scale := math.Sqrt(2 / float64(n))
		if k == 0 {
			scale = math.Sqrt(1 / float64(n))
		}
		for i := range n {
			c[k][i] = scale * math.Cos(math.Pi*float64(k)*(float64(i)+0.5)/float64(n))
		}
	}
	return c
}

// of gives the coefficients of x.
func (c cosines) of(x []float64) []float32 {
	out := make([]float32, len(c))
	for k, row := range c {
		sum := 0.0
		for i, v := range x {
			sum += row[i] * v
		}
		out[k] = float32(sum)
	}
	return out
}

// slaneyBands are triangles between 0 and 8 kHz of equal area, even below 1 kHz and
// logarithmic above (Slaney 1998).
func slaneyBands() [][]weight {
	const even, corner = 200.0 / 3, 1000.0
	step := math.Log(6.4) / 27
	mel := func(hz float64) float64 {
		if hz < corner {
			return hz / even
		}
		return corner/even + math.Log(hz/corner)/step
	}
	hz := func(mel float64) float64 {
		if mel < corner/even {
			return mel * even
		}
		return corner * math.Exp(step*(mel-corner/even))
	}
	top := mel(pipeline.SampleRate / 2)
	edge := func(i int) float64 { return hz(top * float64(i) / (dvectorBands + 1)) }
	bands := make([][]weight, dvectorBands)
	for b := range bands {
		low, centre, high := edge(b), edge(b+1), edge(b+2)
		for bin := range dvectorSize/2 + 1 {
			f := float64(bin) * pipeline.SampleRate / dvectorSize
			if by := min((f-low)/(centre-low), (high-f)/(high-centre)); by > 0 {
				bands[b] = append(bands[b], weight{bin, by * 2 / (high - low)})
			}
		}
	}
	return bands
}
