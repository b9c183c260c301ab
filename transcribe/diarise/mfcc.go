package diarise

import (
	"context"
	"errors"
	"io"
	"math"

	"lydhor/pipeline"
)

// Frames are 25 ms of sound, one every 10 ms, as is usual for speaker recognition.
const (
	hop     = pipeline.SampleRate / 100
	window  = pipeline.SampleRate / 40
	fftSize = 512
	bands   = 30 // mel bands between lowest and highest
	dims    = 19 // cepstral coefficients kept, without the zeroth, which is loudness

	lowest, highest = 100.0, 7600.0 // Hz
)

// A frame is the mel-frequency cepstrum of 25 ms of sound (Davis and Mermelstein 1980).
type frame [dims]float32

// features are the frames of a recording, how loud each is between lowest and voiceTop, in
// dB of full scale, and how periodic, from 0 to 1.
type features struct {
	frames        []frame
	level, voiced []float32
}

// A cepstrum computes frames; it keeps the tables and scratch space for that.
type cepstrum struct {
	fft             *fft
	taper           [window]float64
	mel             [bands][]float64 // weights of the frequencies from first on
	first           [bands]int
	cosines         [dims][bands]float64
	windowed, power []float64
	both            []float64
	fade            [window]float64
}

func newCepstrum() *cepstrum {
	c := &cepstrum{fft: newFFT(fftSize), windowed: make([]float64, window), power: make([]float64, fftSize/2+1), both: make([]float64, fftSize)}
	for i := range c.taper {
		c.taper[i] = 0.54 - 0.46*math.Cos(2*math.Pi*float64(i)/(window-1))
	}
	for lag := range c.fade {
		for i := range window - lag {
			c.fade[lag] += c.taper[i] * c.taper[i+lag]
		}
	}
	for lag := window - 1; lag >= 0; lag-- {
		c.fade[lag] /= c.fade[0]
	}
	toMel := func(hz float64) float64 { return 1127 * math.Log(1+hz/700) }
	at := func(bin int) float64 { return toMel(float64(bin) * pipeline.SampleRate / fftSize) }
	width := (toMel(highest) - toMel(lowest)) / (bands + 1)
	for b := range bands {
		centre := toMel(lowest) + float64(b+1)*width
		for bin := range c.power {
			weight := 1 - math.Abs(at(bin)-centre)/width
			if weight <= 0 {
				continue
			}
			if c.mel[b] == nil {
				c.first[b] = bin
			}
			c.mel[b] = append(c.mel[b], weight)
		}
	}
	for k := range dims {
		for b := range bands {
			c.cosines[k][b] = math.Sqrt(2.0/bands) * math.Cos(math.Pi*float64(k+1)*(float64(b)+0.5)/bands)
		}
	}
	return c
}

// of gives the frame of x, window samples and the one before them, and its level.
func (c *cepstrum) of(x pipeline.Samples) (f frame, level, voiced float32) {
	const emphasis = 0.97
	const silence = 1e-9 // what 16-bit rounding leaves in a band, about
	for i := range window {
		c.windowed[i] = c.taper[i] * (float64(x[i+1]) - emphasis*float64(x[i]))
	}
	c.fft.power(c.windowed, c.power)
	var logs [bands]float64
	loud := 0.0
	for bin := 4; bin < 4000*fftSize/pipeline.SampleRate; bin++ {
		hz := float64(bin) * 2 * math.Pi / fftSize
		loud += c.power[bin] / (1 + emphasis*emphasis - 2*emphasis*math.Cos(hz))
	}
	for b, weights := range c.mel {
		sum := 0.0
		for i, w := range weights {
			sum += w * c.power[c.first[b]+i]
		}
		logs[b] = math.Log(sum + silence*window)
	}
	for k := range f {
		sum := 0.0
		for b, l := range logs {
			sum += c.cosines[k][b] * l
		}
		f[k] = float32(sum)
	}
	return f, float32(10 * math.Log10(loud/(window*fftSize/4)+1e-10)), c.periodicity()
}

// periodicity is the highest peak of the autocorrelation between the shortest and the
// longest period of a voice, as a share of the power (Boersma 1993).
func (c *cepstrum) periodicity() float32 {
	const shortest, longest = pipeline.SampleRate / 400, pipeline.SampleRate / 75
	for bin := range c.both {
		c.both[bin] = c.power[min(bin, fftSize-bin)]
		if k := min(bin, fftSize-bin); k < 3 || k > 4000*fftSize/pipeline.SampleRate {
			c.both[bin] = 0
		}
	}
	c.fft.transform(c.both)
	total := real(c.fft.block[0])
	if total <= 0 {
		return 0
	}
	peak := 0.0
	for lag := shortest; lag <= longest; lag++ {
		peak = max(peak, real(c.fft.block[lag])/(total*c.fade[lag]))
	}
	return float32(min(1, peak))
}

// listen computes the features of sound, a stretch at a time.
func listen(ctx context.Context, sound pipeline.Sound, progress func(float64)) (*features, error) {
	n := max(0, (sound.Len()-window)/hop+1)
	f := &features{make([]frame, n), make([]float32, n), make([]float32, n)}
	c := newCepstrum()
	const stretch = 1000 // frames read at once
	buf := make(pipeline.Samples, 1+(stretch-1)*hop+window)
	for from := 0; from < n; from += stretch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		count := min(stretch, n-from)
		part, at := buf[:1+(count-1)*hop+window], from*hop-1
		if at < 0 {
			part[0], at, part = 0, 0, part[1:]
		}
		if _, err := sound.ReadAt(part, at); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		for i := range count {
			f.frames[from+i], f.level[from+i], f.voiced[from+i] = c.of(buf[i*hop:])
		}
		progress(float64(from+count) / float64(n))
	}
	return f, nil
}
