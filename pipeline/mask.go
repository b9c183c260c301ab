package pipeline

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"lydhor/pipeline/confine"
)

// maskMargin is how much is masked on either side of a span: word times are off by a tenth of
// a second at times, and a first sound tells a name.
const maskMargin = 200 * time.Millisecond

// Masked is sound with a tone of 1 kHz in the place of the spans.
func Masked(sound Sound, spans []Span) Sound {
	m := masked{Sound: sound}
	for _, s := range spans {
		from, to := max(0, Index(s.Start-maskMargin)), min(sound.Len(), Index(s.End+maskMargin))
		if from < to {
			m.stretches = append(m.stretches, [2]int{from, to})
		}
	}
	return m
}

type masked struct {
	Sound
	stretches [][2]int // of samples, half-open, in any order
}

// ReadAt is Sound's.
func (m masked) ReadAt(dst Samples, at int) (int, error) {
	n, err := m.Sound.ReadAt(dst, at)
	for _, s := range m.stretches {
		for i := max(s[0], at); i < min(s[1], at+n); i++ {
			dst[i-at] = float32(0.1 * math.Sin(2*math.Pi*1000*float64(i)/SampleRate))
		}
	}
	return n, err
}

// RenditionOf is Rendition of decoded sound.
func RenditionOf(ctx context.Context, sound Sound, out string) error {
	return confine.Lend("", out, func(_, out string) error {
		return ffmpeg(ctx, &rawSound{sound: sound}, nil, slices.Concat(
			[]string{"-f", "s16le", "-ar", fmt.Sprint(SampleRate), "-ac", "1", "-i", "pipe:0"}, renditionArgs(out))...)
	})
}
