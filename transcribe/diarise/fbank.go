package diarise

import (
	"math"
	"slices"

	"lydhor/pipeline"
)

// An fbank computes what speaker networks hear: the logarithms of 80 mel bands of 25 ms of
// sound, one every 10 ms, as Kaldi computes them without dither, under a Hamming window.
type fbank struct {
	fft   *fft
	taper [window]float64
	mel   [fbankBands][]weight
}

const fbankBands = 80

// A weight is how much a frequency counts in a band.
type weight struct {
	bin int
	by  float64
}

func newFbank() *fbank {
	b := &fbank{fft: newFFT(fftSize)}
	for i := range b.taper {
		b.taper[i] = 0.54 - 0.46*math.Cos(2*math.Pi*float64(i)/(window-1))
	}
	const from, to = 20.0, pipeline.SampleRate / 2 // Hz
	mel := func(hz float64) float64 { return 1127 * math.Log(1+hz/700) }
	step := (mel(to) - mel(from)) / (fbankBands + 1)
	for k := range b.mel {
		centre := mel(from) + float64(k+1)*step
		for bin := range fftSize / 2 {
			if by := 1 - math.Abs(mel(float64(bin)*pipeline.SampleRate/fftSize)-centre)/step; by > 0 {
				b.mel[k] = append(b.mel[k], weight{bin, by})
			}
		}
	}
	return b
}

// of gives the bands of x, frame after frame, each less its mean over x.
func (b *fbank) of(x pipeline.Samples) [][]float32 {
	rows := b.raw(x)
	centred(rows)
	return rows
}

// raw gives the bands of x, frame after frame.
func (b *fbank) raw(x pipeline.Samples) [][]float32 {
	const loud = 1 << 15             // the networks learned from 16-bit numbers
	const before = 0.97              // of the sample before is taken off each, for more treble
	const floor = 1.1920928955078e-7 // of a band's energy
	if len(x) < window {
		return nil
	}
	out := make([][]float32, (len(x)-window)/hop+1)
	block, power := make([]float64, window), make([]float64, fftSize/2+1)
	for f := range out {
		mean := 0.0
		for i := range block {
			block[i] = float64(x[f*hop+i]) * loud
			mean += block[i] / window
		}
		for i := window - 1; i >= 0; i-- {
			block[i] = block[i] - mean - before*(block[max(0, i-1)]-mean)
			block[i] *= b.taper[i]
		}
		b.fft.power(block, power)
		out[f] = make([]float32, fbankBands)
		for k, weights := range b.mel {
			sum := 0.0
			for _, w := range weights {
				sum += w.by * power[w.bin]
			}
			out[f][k] = float32(math.Log(max(sum, floor)))
		}
	}
	return out
}

// A rolling fbank gives the frames of windows that overlap, each computed once.
type rolling struct {
	*fbank
	first int         // the frame of the recording that rows begin with
	rows  [][]float32 // not centred
}

// window gives what fbank.of gives of the samples [from, from+stretchLen) of sound, which is
// silent beyond its end. Windows come in order and begin where a frame does.
func (r *rolling) window(sound pipeline.Sound, from int) ([][]float32, error) {
	const count = (stretchLen-window)/hop + 1
	first := from / hop
	if first >= r.first+len(r.rows) {
		r.first, r.rows = first, nil
	}
	r.first, r.rows = first, r.rows[first-r.first:]
	if missing := count - len(r.rows); missing > 0 {
		x := make(pipeline.Samples, (missing-1)*hop+window)
		if err := read(sound, x, (first+len(r.rows))*hop); err != nil {
			return nil, err
		}
		r.rows = append(r.rows, r.raw(x)...)
	}
	rows := make([][]float32, count)
	for i := range rows {
		rows[i] = slices.Clone(r.rows[i])
	}
	centred(rows)
	return rows, nil
}

// centred takes off each column its mean.
func centred(rows [][]float32) {
	if len(rows) == 0 {
		return
	}
	for k := range rows[0] {
		mean := 0.0
		for _, r := range rows {
			mean += float64(r[k]) / float64(len(rows))
		}
		for _, r := range rows {
			r[k] -= float32(mean)
		}
	}
}
