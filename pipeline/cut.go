package pipeline

import (
	"errors"
	"io"
	"math"
	"time"
)

// Frames are how finely Cut looks for quiet places, and quiet is how long one should last.
const (
	cutFrame = 20 * time.Millisecond
	quiet    = 400 * time.Millisecond
)

// Cut divides sound into pieces of at least half of most and at most most, as far as its
// length allows, each border in the middle of the quietest stretch there is for it. The
// pieces cover the sound without gap or overlap. Time is linear in the length.
func Cut(sound Sound, most time.Duration) ([]Span, error) {
	power, err := framePower(sound)
	if err != nil {
		return nil, err
	}
	var pieces []Span
	start := time.Duration(0)
	end := Dur(sound)
	for end-start > most {
		border := quietest(power, start+most/2, min(start+most, end-min(most/4, quiet)))
		pieces = append(pieces, Span{start, border})
		start = border
	}
	if end > start {
		pieces = append(pieces, Span{start, end})
	}
	return pieces, nil
}

// framePower is the power of each frame of sound in decibels.
func framePower(sound Sound) ([]float32, error) {
	frame := Index(cutFrame)
	block := make(Samples, 500*frame)
	power := make([]float32, 0, sound.Len()/frame+1)
	for at := 0; at < sound.Len(); at += len(block) {
		n, err := sound.ReadAt(block, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		for i := 0; i < n; i += frame {
			sum := 1e-10
			for _, v := range block[i:min(i+frame, n)] {
				sum += float64(v) * float64(v)
			}
			power = append(power, float32(10*math.Log10(sum)))
		}
	}
	return power, nil
}

// quietest is the middle of the stretch of length quiet with the least power between from
// and to: the first of equals.
func quietest(power []float32, from, to time.Duration) time.Duration {
	width := int(quiet / cutFrame)
	first, last := int(from/cutFrame), min(int(to/cutFrame), len(power))
	best, least := (first+last)/2, float32(math.Inf(1))
	sum := float32(0)
	for i := first; i < last; i++ {
		sum += power[i]
		if i-first >= width {
			sum -= power[i-width]
		}
		if i-first >= width-1 && sum < least-1e-3 {
			best, least = i-width/2, sum
		}
	}
	return time.Duration(best) * cutFrame
}
