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
	bands   = 30 // mel bands between melFrom and melTo
	dims    = 19 // cepstral coefficients kept, without the zeroth, which is loudness

	voiceFrom, voiceTo = 125, 4000     // Hz, where voices are louder than noise
	melFrom, melTo     = 100.0, 7600.0 // Hz
)

// A frame is the mel-frequency cepstrum of 25 ms of sound (Davis and Mermelstein 1980).
type frame [dims]float32

// features are the frames of a recording, how loud each is between voiceFrom and voiceTo, in
// dB, how periodic, how periodic besides, and whether it was cut off at full scale.
type features struct {
	frames   []frame
	level    []float32
	periodic []float32
	other    []float32
	clipped  []bool
}

// A cepstrum computes frames; it keeps the tables and scratch space for that.
type cepstrum struct {
	fft            *fft
	taper          [window]float64
	mel            [bands][]float64 // weights of the frequencies from first on
	first          [bands]int
	cosines        [dims][bands]float64
	tapered, power []float64
}

func newCepstrum() *cepstrum {
	c := &cepstrum{fft: newFFT(fftSize), tapered: make([]float64, window), power: make([]float64, fftSize/2+1)}
	for i := range c.taper {
		c.taper[i] = 0.54 - 0.46*math.Cos(2*math.Pi*float64(i)/(window-1))
	}
	toMel := func(hz float64) float64 { return 1127 * math.Log(1+hz/700) }
	at := func(bin int) float64 { return toMel(float64(bin) * pipeline.SampleRate / fftSize) }
	width := (toMel(melTo) - toMel(melFrom)) / (bands + 1)
	for b := range bands {
		centre := toMel(melFrom) + float64(b+1)*width
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

// of gives the frame of x, window samples, and its level.
func (c *cepstrum) of(x pipeline.Samples) (f frame, level float32) {
	const silence = 1e-8 * window // what 16-bit rounding leaves in a band, about
	for i := range window {
		c.tapered[i] = c.taper[i] * float64(x[i])
	}
	c.fft.power(c.tapered, c.power)
	loud := 0.0
	for _, p := range c.power[voiceFrom*fftSize/pipeline.SampleRate : voiceTo*fftSize/pipeline.SampleRate] {
		loud += p
	}
	var logs [bands]float64
	for b, weights := range c.mel {
		sum := 0.0
		for i, w := range weights {
			sum += w * c.power[c.first[b]+i]
		}
		logs[b] = math.Log(sum + silence)
	}
	for k := range f {
		sum := 0.0
		for b, l := range logs {
			sum += c.cosines[k][b] * l
		}
		f[k] = float32(sum)
	}
	return f, float32(10 * math.Log10(loud/(window*fftSize/4)+1e-10))
}

// listen computes the features of sound, a stretch at a time.
func listen(ctx context.Context, sound pipeline.Sound, progress func(float64)) (*features, error) {
	n := max(0, (sound.Len()-window)/hop+1)
	f := &features{make([]frame, n), make([]float32, n), make([]float32, n), make([]float32, n), make([]bool, n)}
	c := newCepstrum()
	const stretch = 1000                        // frames read at once
	const before = (periodicReach - window) / 2 // samples of sound around a frame
	buf := make(pipeline.Samples, (stretch-1)*hop+periodicReach)
	thin := make([]float32, len(buf)/thin)
	for from := 0; from < n; from += stretch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := readAround(sound, buf, from*hop-before); err != nil {
			return nil, err
		}
		thinned(buf, thin)
		for i := range min(stretch, n-from) {
			f.frames[from+i], f.level[from+i] = c.of(buf[before+i*hop:])
			f.clipped[from+i] = clipped(buf[before+i*hop:][:hop])
			f.periodic[from+i], f.other[from+i] = periodicity(thin[i*thinHop : i*thinHop+thinWindow+longest])
		}
		progress(float64(min(n, from+stretch)) / float64(n))
	}
	return f, nil
}

// clipped reports whether x reaches full scale more often than a lone peak does.
func clipped(x pipeline.Samples) bool {
	const full, peak = 0.99, 2 // samples
	n := 0
	for _, v := range x {
		if v >= full || v <= -full {
			n++
		}
	}
	return n > peak
}

// readAround fills buf from sample at on, with silence before the beginning of sound and after its end.
func readAround(sound pipeline.Sound, buf pipeline.Samples, at int) error {
	clear(buf)
	from := max(0, -at)
	part := buf[from:max(from, min(len(buf), sound.Len()-at))]
	if _, err := sound.ReadAt(part, at+from); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
