package diarise

import (
	"math"
	"slices"
	"time"

	"lydhor/pipeline"
)

const (
	frameDur = 10 * time.Millisecond
	chunkDur = time.Second * chunk / pipeline.SampleRate
)

// An utterance holds a chunk that is speech with probability certain, and reaches as far as
// its neighbours are so with probability likely. Speakers' pauses and soft ends belong to it.
var (
	certain = float32(0.5)
	likely  = float32(0.05)
	bridge  = 300 * time.Millisecond // shorter silences are pauses
	padding = 0 * time.Millisecond   // of soft beginnings and ends
)

// speech is where somebody speaks, by the probability of each chunk; sorted, apart, within
// a recording that lasts length.
func speech(odds []float32, length time.Duration) []pipeline.Span {
	var spans []pipeline.Span
	start, sure := -1, false
	for i := range len(odds) + 1 {
		if i < len(odds) && odds[i] >= likely {
			if start < 0 {
				start = i
			}
			sure = sure || odds[i] >= certain
			continue
		}
		if sure {
			spans = joined(spans, pipeline.Span{
				Start: max(0, time.Duration(start)*chunkDur-padding),
				End:   min(length, time.Duration(i)*chunkDur+padding),
			})
		}
		start, sure = -1, false
	}
	return spans
}

// joined adds s to spans, as part of the last one where only a pause lies between.
func joined(spans []pipeline.Span, s pipeline.Span) []pipeline.Span {
	if last := len(spans) - 1; last >= 0 && s.Start-spans[last].End <= bridge {
		spans[last].End = s.End
		return spans
	}
	return append(spans, s)
}

// gains brings every part of a recording to the loudness that the speech detector knows: the
// loudest twentieth of the frames within half a minute to usual, without turning anything down
// or noise up by more than most.
func gains(level []float32) func(chunk int) float32 {
	const reach, step = 3000, 500 // frames
	const usual, most = -20, 24   // dB
	var all []float32
	for at := 0; at < len(level); at += step {
		around := slices.Sorted(slices.Values(level[max(0, at-reach):min(len(level), at+step+reach)]))
		rise := usual - around[len(around)*19/20]
		all = append(all, float32(math.Pow(10, float64(max(0, min(most, rise)))/20)))
	}
	return func(chunk int) float32 {
		if len(all) == 0 {
			return 1
		}
		frame := int(time.Duration(chunk) * chunkDur / frameDur)
		return all[min(frame/step, len(all)-1)]
	}
}
