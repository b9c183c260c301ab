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

// A detector makes speech of how likely each step of a recording is speech. An utterance
// reaches as far as steps are likely speech, over pauses, and some of them are certainly.
type detector struct {
	step            time.Duration
	likely, certain float32
	least           time.Duration // that is certain: shorter sounds are clicks
	pause           time.Duration // longer silences end an utterance
	padding         time.Duration // of soft beginnings and ends
}

// speech is where somebody speaks, sorted, apart, within a recording that lasts length.
func (d detector) speech(odds []float32, length time.Duration) []pipeline.Span {
	var spans []pipeline.Span
	var found pipeline.Span
	var sure time.Duration
	end := func() {
		if sure >= d.least {
			spans = joined(spans, pipeline.Span{Start: max(0, found.Start-d.padding), End: min(length, found.End+d.padding)})
		}
		sure = 0
	}
	for i, p := range odds {
		at := time.Duration(i) * d.step
		if p < d.likely {
			continue
		}
		if found.End == 0 || at-found.End > d.pause {
			end()
			found.Start = at
		}
		found.End = at + d.step
		if p >= d.certain {
			sure += d.step
		}
	}
	end()
	return spans
}

// within is what of spoken, which speech gave, is likely speech, without its pauses.
func (d detector) within(spoken []pipeline.Span, odds []float32, length time.Duration) []pipeline.Span {
	d.least, d.pause = 0, 2*d.padding
	return slices.DeleteFunc(d.speech(odds, length), func(part pipeline.Span) bool {
		for len(spoken) > 0 && spoken[0].End <= part.Start {
			spoken = spoken[1:]
		}
		return len(spoken) == 0 || spoken[0].Start >= part.End
	})
}

// joined adds s, which starts no earlier than the last of spans, as part of that where they meet.
func joined(spans []pipeline.Span, s pipeline.Span) []pipeline.Span {
	if last := len(spans) - 1; last >= 0 && s.Start <= spans[last].End {
		spans[last].End = max(spans[last].End, s.End)
		return spans
	}
	return append(spans, s)
}

// byLoudness finds speech in rises.
var byLoudness = detector{
	step: frameDur, likely: 0.7, certain: 1,
	least: 200 * time.Millisecond, pause: 300 * time.Millisecond, padding: 30 * time.Millisecond,
}

// rises is how far each frame rises above the background, as a share of what speech rises at
// least. The more restless the background, the more that is: a steady hum hides little, but
// talk and steps further off come and go. Speech is never much softer than the loudest sounds
// of the minute around it.
func rises(level []float32) []float32 {
	const reach, step = 3000, 500
	const silence = -75               // dB: what lies below is silence whatever surrounds it
	const least, unrest = 4, 4        // dB, and times the spread of the background
	const softest, loudest = -50, -12 // dB from the loudest sounds around: where the limit may lie
	out := make([]float32, len(level))
	for at := 0; at < len(level); at += step {
		to := min(len(level), at+step)
		around := slices.Sorted(slices.Values(level[max(0, at-reach):min(len(level), at+step+reach)]))
		quantile := func(share float64) float32 { return around[int(share*float64(len(around)-1))] }
		floor, loud, spread := max(silence, quantile(0.1)), quantile(0.99), quantile(0.12)-quantile(0.02)
		rise := max(least, min(least+unrest*spread, loud+loudest-floor), loud+softest-floor)
		for i := at; i < to; i++ {
			out[i] = (level[i] - floor) / rise
		}
	}
	return out
}

// voiced doubles the rises around which sound swings steadily as a voice does, and halves the
// others: what is not a voice has to be twice as loud to count.
func voiced(rises, periodic []float32) {
	const reach = 40 // frames to each side
	swings := vowels(rises, periodic)
	near := -1 // the last voiced frame within reach
	next := 0
	for i := range rises {
		for ; next <= min(i+reach, len(rises)-1); next++ {
			if swings[next] {
				near = next
			}
		}
		if near >= 0 && near >= i-reach {
			rises[i] *= 2
			continue
		}
		rises[i] /= 2
	}
}

// vowels are the frames of stretches that are audible and periodic for as long as a short vowel
// lasts. Breath, paper and doors are periodic too, by chance, but for a frame or two.
func vowels(rises, periodic []float32) []bool {
	const voice, audible = 0.75, 0.5
	const shortVowel = 5 // frames, whose windows reach over 75 ms
	out := make([]bool, len(rises))
	from := 0 // of the stretch
	for i := range rises {
		if periodic[i] < voice || rises[i] < audible {
			from = i + 1
			continue
		}
		if i-from+1 == shortVowel {
			for k := from; k < i; k++ {
				out[k] = true
			}
		}
		out[i] = i-from+1 >= shortVowel
	}
	return out
}

// weigh halves the rises around which Silero VAD hears no speech, and doubles the others: it
// tells voices from other sounds, loudness tells their ends.
func weigh(rises, odds []float32) {
	const reach = 6 // chunks to each side, which is 0.2 s
	const likely = 0.1
	for i := range rises {
		at := min(int(time.Duration(i)*frameDur/chunkDur), len(odds)-1)
		if slices.Max(odds[max(0, at-reach):min(len(odds), at+reach+1)]) < likely {
			rises[i] /= 2
			continue
		}
		rises[i] *= 2
	}
}

// gains brings every part of a recording to the loudness that the speech detector knows: the
// loudest twentieth of the frames within half a minute to usual, without turning anything down
// or noise up by more than most.
func gains(level []float32) func(chunk int) float32 {
	const reach, step = 3000, 500 // frames
	const usual, most = -20, 24   // dB
	var all []float32
	for at := 0; at < len(level); at += step {
		rise := usual - pipeline.Loudest(level[max(0, at-reach):min(len(level), at+step+reach)])
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
