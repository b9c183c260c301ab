package diarise

import (
	"math"
	"math/rand"
	"testing"
	"time"

	"lydhor/pipeline"
)

// A strike is one made sound: a tone that falls as it fades, and noise, bright where each
// sample is set against the one before it.
type strike struct {
	tone, falls   float64 // Hz, and Hz per second
	fades, hisses float64 // per second
	loud, noise   float64
	bright        bool
}

var (
	kick  = strike{tone: 90, falls: 300, fades: 12, loud: 0.5, noise: 0.02, hisses: 200}
	snare = strike{tone: 190, falls: 100, fades: 20, loud: 0.15, noise: 0.15, hisses: 18}
	hat   = strike{noise: 0.06, hisses: 50, bright: true}
	knock = strike{tone: 320, falls: 400, fades: 60, loud: 0.4, noise: 0.1, hisses: 90}
)

// onto adds the strike to samples.
func (s strike) onto(samples pipeline.Samples, at time.Duration, gain float64, r *rand.Rand) {
	before, phase := 0.0, 0.0
	for i := range samples[min(len(samples), max(0, pipeline.Index(at))):] {
		t := float64(i) / pipeline.SampleRate
		if t > 0.5 {
			break
		}
		noise := r.NormFloat64()
		hiss := noise
		if s.bright {
			hiss -= before
		}
		before = noise
		phase += 2 * math.Pi * max(40, s.tone-s.falls*t) / pipeline.SampleRate
		samples[pipeline.Index(at)+i] += float32(gain * (s.loud*math.Exp(-s.fades*t)*math.Sin(phase) + s.noise*math.Exp(-s.hisses*t)*hiss))
	}
}

// struck is so much of faint noise and strikes in it, each a moment early or late, and louder or softer.
func struck(length, every time.Duration, seed int64, strikes func(n int, r *rand.Rand) []strike) pipeline.Samples {
	r := rand.New(rand.NewSource(seed))
	samples := make(pipeline.Samples, pipeline.Index(length))
	for i := range samples {
		samples[i] = float32(0.0005 * r.NormFloat64())
	}
	for n := 0; time.Duration(n)*every < length; n++ {
		for _, s := range strikes(n, r) {
			late := time.Duration(r.NormFloat64() * float64(5*time.Millisecond))
			s.onto(samples, time.Duration(n)*every+max(late, -every/4, -time.Duration(n)*every), math.Pow(10, r.NormFloat64()/10), r)
		}
	}
	return samples
}

// A loop has a line of signs for each drum: where it is struck.
type loop map[string]strike

func (l loop) strikes(n int, _ *rand.Rand) (list []strike) {
	for _, line := range []string{deep, backbeat, eighths, one, twoThree, offbeat} { // in one order, for the same sound each time
		if s, ok := l[line]; ok && line[n%len(line)] == 'x' {
			list = append(list, s)
		}
	}
	return list
}

const (
	deep     = "x.....x.x......."
	backbeat = "....x.......x..."
	eighths  = "x.x.x.x.x.x.x.x."
	offbeat  = "..x."
	one      = "x..........."
	twoThree = "....x...x..."
)

func TestDrumsAreMusic(t *testing.T) {
	for name, drums := range map[string]loop{
		"rock":           {deep: kick, backbeat: snare, eighths: hat},
		"without cymbal": {deep: kick, backbeat: snare},
		"waltz":          {one: kick, twoThree: snare},
		"dance":          {eighths: kick, offbeat: hat},
	} {
		for _, every := range []time.Duration{110 * time.Millisecond, 150 * time.Millisecond, 190 * time.Millisecond} { // 136, 100 and 79 beats a minute
			silence := make(pipeline.Samples, pipeline.Index(5*time.Second))
			samples := append(append(silence, struck(30*time.Second, every, 1, drums.strikes)...), silence...)
			got := Music(samples)
			if shared := within(got, pipeline.FromSeconds(5, 35)); shared < 20*time.Second {
				t.Errorf("%s, a stroke each %v: got music at %v, want most of 5 to 35 s", name, every, got)
			}
			if len(got) > 0 && (got[0].Start < 4*time.Second || got[len(got)-1].End > 36*time.Second) {
				t.Errorf("%s, a stroke each %v: got music at %v, want none outside 5 to 35 s", name, every, got)
			}
		}
	}
}

// A later stretch that is judged may tell that the drums began earlier than an earlier one did.
func TestDrumsBeginWhereTheyBegin(t *testing.T) {
	drums := loop{deep: kick, backbeat: snare, eighths: hat}
	for seed := range int64(10) {
		silence := make(pipeline.Samples, pipeline.Index(5*time.Second))
		got := Music(append(append(silence, struck(14*time.Second, 150*time.Millisecond, seed, drums.strikes)...), silence...))
		if len(got) != 1 || (got[0].Start-5*time.Second).Abs() > time.Second {
			t.Errorf("seed %d: got music at %v, want it from 5 s on", seed, got)
		}
	}
}

func within(spans []pipeline.Span, s pipeline.Span) (sum time.Duration) {
	for _, span := range spans {
		sum += span.Overlap(s)
	}
	return sum
}

func TestNoiseIsNoMusic(t *testing.T) {
	const eighth = 125 * time.Millisecond
	key := func(r *rand.Rand) strike { // one of many, some deep, some bright
		return strike{tone: 200 + 800*r.Float64(), fades: 80, loud: 0.02 + 0.1*r.Float64(), noise: 0.02 + 0.1*r.Float64(), hisses: 60, bright: r.Intn(2) == 0}
	}
	ha := strike{tone: 240, falls: 250, fades: 14, loud: 0.3, noise: 0.03, hisses: 15}
	bout := 0 // of laughter: how many more are to come, below 0 until the next
	for name, strikes := range map[string]func(n int, r *rand.Rand) []strike{
		"knocking":          func(n int, r *rand.Rand) []strike { return []strike{knock}[:(n+1)%2] },
		"knocking in fours": func(n int, r *rand.Rand) []strike { return []strike{knock}[:min(1, max(0, 4-n%9))] },
		"typing": func(n int, r *rand.Rand) []strike {
			return []strike{key(r)}[:min(1, r.Intn(4))]
		},
		"typing as evenly as a clock": func(n int, r *rand.Rand) []strike { return []strike{key(r)}[:(n+1)%2] },
		"laughter": func(n int, r *rand.Rand) []strike {
			if bout--; bout < -3-r.Intn(9) {
				bout = 3 + r.Intn(8)
			}
			s := ha
			s.loud *= 0.3 + 0.1*float64(bout)
			s.tone += 8 * float64(bout)
			return []strike{s}[:min(1, max(0, bout))]
		},
	} {
		if got := Music(struck(40*time.Second, eighth, 2, strikes)); len(got) > 0 {
			t.Errorf("%s: got music at %v", name, got)
		}
	}
}
