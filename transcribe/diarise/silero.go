package diarise

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"lydhor/pipeline"
)

// chunk is the samples that silero judges at once, looking back at context samples before.
const (
	chunk        = 512
	chunkContext = 64
)

// A silero is Silero VAD v6 at 16 kHz (github.com/snakers4/silero-vad). It hears how likely each chunk of sound holds speech: four convolutions over the
// magnitudes of a short Fourier transform, then a recurrent layer that remembers.
type silero struct {
	fft          *fft
	conv         [4]convolution
	input, state linear // gates of the recurrent layer, in, forget, cell, out
	bias         []float32
	output       linear

	hidden, cell []float32
}

// A linear layer is rows of weights, one row an output.
type linear struct {
	weights []float32
	columns int
}

// A convolution spans three steps of its input, padded with zeros, and ends in a ReLU.
type convolution struct {
	taps   [3]linear
	bias   []float32
	stride int
}

// newSilero reads the weights of a safetensors file.
func newSilero(file []byte) (*silero, error) {
	t, err := readTensors(file)
	if err != nil {
		return nil, fmt.Errorf("read Silero VAD: %w", err)
	}
	const wide = 128
	s := &silero{fft: newFFT(256), hidden: make([]float32, wide), cell: make([]float32, wide)}
	shapes := [4]struct{ in, out, stride int }{{129, 128, 1}, {128, 64, 2}, {64, 64, 2}, {64, 128, 1}}
	for i, shape := range shapes {
		name := fmt.Sprintf("conv%d", i+1)
		s.conv[i] = convolution{
			taps:   split(t.get(name+".weight", shape.out, shape.in, 3), shape.in),
			bias:   t.get(name+".bias", shape.out),
			stride: shape.stride,
		}
	}
	s.input = linear{t.get("lstm_cell.weight_ih", 4*wide, wide), wide}
	s.state = linear{t.get("lstm_cell.weight_hh", 4*wide, wide), wide}
	s.bias = t.get("lstm_cell.bias_ih", 4*wide)
	for i, b := range t.get("lstm_cell.bias_hh", 4*wide) {
		s.bias[i] += b
	}
	s.output = linear{append(t.get("final_conv.weight", 1, wide, 1), t.get("final_conv.bias", 1)...), wide + 1}
	return s, t.err
}

// fresh is s with nothing heard yet; the weights are shared.
func (s *silero) fresh() *silero {
	f := *s
	f.fft = newFFT(256)
	f.hidden, f.cell = make([]float32, len(s.hidden)), make([]float32, len(s.cell))
	return &f
}

// split makes of weights, whose third dimension is the step, one layer a step.
func split(weights []float32, columns int) (taps [3]linear) {
	for k := range taps {
		taps[k] = linear{make([]float32, len(weights)/3), columns}
		for i := range taps[k].weights {
			taps[k].weights[i] = weights[3*i+k]
		}
	}
	return taps
}

// hear gives the probability that x, chunkContext samples and a chunk, ends in speech.
func (s *silero) hear(x pipeline.Samples) float64 {
	steps := s.magnitudes(x)
	for _, c := range s.conv {
		steps = c.apply(steps)
	}
	gates := append([]float32(nil), s.bias...)
	s.input.add(gates, steps[0])
	s.state.add(gates, s.hidden)
	n := len(s.hidden)
	out := make([]float32, n+1)
	for i := range s.hidden {
		in, forget, cell, open := gates[i], gates[n+i], gates[2*n+i], gates[3*n+i]
		s.cell[i] = sigmoid(forget)*s.cell[i] + sigmoid(in)*tanh(cell)
		s.hidden[i] = sigmoid(open) * tanh(s.cell[i])
		out[i] = max(0, s.hidden[i])
	}
	out[n] = 1 // meets the bias
	logit := []float32{0}
	s.output.add(logit, out)
	return float64(sigmoid(logit[0]))
}

// magnitudes is the spectrum of each 256 samples, 128 apart; the end of x is mirrored.
func (s *silero) magnitudes(x pipeline.Samples) [][]float32 {
	const size, step = 256, 128
	padded := append(pipeline.Samples(nil), x...)
	for i := range chunkContext {
		padded = append(padded, x[len(x)-2-i])
	}
	block, power := make([]float64, size), make([]float64, size/2+1)
	var steps [][]float32
	for at := 0; at+size <= len(padded); at += step {
		for i := range block {
			block[i] = float64(padded[at+i]) * (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/size))
		}
		s.fft.power(block, power)
		m := make([]float32, len(power))
		for i, p := range power {
			m[i] = float32(math.Sqrt(p))
		}
		steps = append(steps, m)
	}
	return steps
}

func (c convolution) apply(steps [][]float32) [][]float32 {
	var out [][]float32
	for at := 0; at < len(steps); at += c.stride {
		sum := append([]float32(nil), c.bias...)
		for k, tap := range c.taps {
			if i := at + k - 1; i >= 0 && i < len(steps) {
				tap.add(sum, steps[i])
			}
		}
		for i, v := range sum {
			sum[i] = max(0, v)
		}
		out = append(out, sum)
	}
	return out
}

// add adds l applied to x to sum.
func (l linear) add(sum, x []float32) {
	for r := range sum {
		sum[r] += dot(l.weights[r*l.columns:r*l.columns+len(x)], x)
	}
}

// dot is the sum of the products of row and x, four at a time.
func dot(row, x []float32) float32 {
	var a, b, c, d float32
	i := 0
	for ; i+4 <= len(row) && i+4 <= len(x); i += 4 {
		a += row[i] * x[i]
		b += row[i+1] * x[i+1]
		c += row[i+2] * x[i+2]
		d += row[i+3] * x[i+3]
	}
	for ; i < len(row); i++ {
		a += row[i] * x[i]
	}
	return a + b + c + d
}

func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }
func tanh(x float32) float32    { return float32(math.Tanh(float64(x))) }

// speechOdds gives for each chunk of sound the probability of speech. gain brings a quiet
// recording to the loudness that the network knows.
func (s *silero) odds(ctx context.Context, sound pipeline.Sound, gain func(chunk int) float32, progress func(float64)) ([]float32, error) {
	n := (sound.Len() + chunk - 1) / chunk
	odds := make([]float32, n)
	const stretch = 500 // chunks read at once
	buf := make(pipeline.Samples, chunkContext+stretch*chunk)
	for from := 0; from < n; from += stretch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		clear(buf[chunkContext:])
		if _, err := sound.ReadAt(buf[chunkContext:], from*chunk); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		for i := range min(stretch, n-from) {
			x := append(pipeline.Samples(nil), buf[i*chunk:chunkContext+(i+1)*chunk]...)
			g := gain(from + i)
			for j := range x {
				x[j] = max(-1, min(1, x[j]*g))
			}
			odds[from+i] = float32(s.hear(x))
		}
		copy(buf, buf[stretch*chunk:])
		progress(float64(from+stretch) / float64(n))
	}
	return odds, nil
}

// tensors are the weights of a safetensors file by name; err is the first that was missing.
type tensors struct {
	header map[string]tensor
	data   []byte
	err    error
}

type tensor struct {
	Type    string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// readTensors reads a safetensors file: the length of a JSON header, the header, the data.
func readTensors(file []byte) (*tensors, error) {
	if len(file) < 8 {
		return nil, errors.New("no safetensors file: it is shorter than its header")
	}
	size := binary.LittleEndian.Uint64(file)
	if size > uint64(len(file)-8) {
		return nil, errors.New("no safetensors file, or cut off: the header does not fit in")
	}
	t := &tensors{data: file[8+size:]}
	if err := json.Unmarshal(file[8:8+size], &t.header); err != nil {
		return nil, fmt.Errorf("header of the safetensors file: %w", err)
	}
	return t, nil
}

// get gives the 32-bit floats of a tensor that has to have this shape.
func (t *tensors) get(name string, shape ...int) []float32 {
	n := 1
	for _, s := range shape {
		n *= s
	}
	out := make([]float32, n)
	h, ok := t.header[name]
	from, to := h.Offsets[0], h.Offsets[1]
	switch {
	case t.err != nil:
	case !ok:
		t.err = fmt.Errorf("tensor %s is missing", name)
	case h.Type != "F32" || fmt.Sprint(h.Shape) != fmt.Sprint(shape):
		t.err = fmt.Errorf("tensor %s is %s %v, not F32 %v", name, h.Type, h.Shape, shape)
	case from < 0 || to-from != 4*n || to > len(t.data):
		t.err = fmt.Errorf("tensor %s is cut off", name)
	default:
		for i := range out {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.data[from+4*i:]))
		}
	}
	return out
}
