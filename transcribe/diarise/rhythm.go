package diarise

import (
	"math"
	"slices"
	"time"

	"lydhor/pipeline"
)

// Drums have no overtones that stand still. But their hits come again after a beat or a bar, and
// the deep, the hard and the hissing ones each in its place. A voice keeps no time, knocking has
// one sound only, and typing, however even, has its sounds in no order.
const (
	beatFrame = 320 // samples, 20 ms
	beatBlock = 64  // samples, 4 ms: their mean holds what is below some 100 Hz
	beatPart  = 8   // samples, 0.5 ms: likewise below 1 kHz
	beatSoft  = -30 // dB of the loudest in a band: what is softer does not count

	beatSpan   = 400 // frames that are judged together, 8 s
	beatStep   = 50
	beatFirst  = 15 // frames after which hits come again: 0.3 to 3.4 s
	beatLast   = 170
	beatSteady = 0.5 // correlation, and more is a rhythm: talk reaches 0.4, and more but for some seconds
	beatLeast  = 10 * time.Second

	hitRise   = 6 // dB by which a hit is louder than what was before it
	hitPairs  = 6 // that come again, at least
	hitUnlike = 4 // dB that they differ by in how bright they are, at least
	hitAlike  = 8 // dB that one drum's differ by, at most
)

// rhythms is where samples keep a rhythm as drums do for beatLeast and more: sorted, apart.
func rhythms(samples pipeline.Samples) []pipeline.Span {
	levels := bandLevels(samples)
	beats := strokes(levels)
	hits := hitsIn(beats, levels)
	var spans []pipeline.Span
	for at := 0; at+beatSpan <= len(beats); at += beatStep {
		for len(hits) > 0 && hits[0].at < at {
			hits = hits[1:]
		}
		n := 0
		for n < len(hits) && hits[n].at < at+beatSpan {
			n++
		}
		if first, last, ok := rhythm(beats[at:at+beatSpan], hits[:n]); ok {
			spans = append(spans, pipeline.Span{Start: beatTime(first), End: beatTime(last + 1)})
		}
	}
	return slices.DeleteFunc(merged(spans), func(s pipeline.Span) bool { return s.Dur() < beatLeast })
}

func beatTime(frame int) time.Duration { return pipeline.At(beatFrame * frame) }

// A hit is a frame that is louder at once, and how bright it is: by how many dB each higher band
// is louder than the one below it.
type hit struct {
	at     int
	bright [2]float64
}

// bandLevels is how loud each frame is in three bands, the deep one first: in dB of the loudest
// in the band, beatSoft at least.
func bandLevels(samples pipeline.Samples) (levels [3][]float64) {
	for at := 0; at+beatFrame <= len(samples); at += beatFrame {
		power := bandPower(samples[at : at+beatFrame])
		for b, p := range power {
			levels[b] = append(levels[b], 10*math.Log10(p+1e-9))
		}
	}
	for _, band := range levels {
		if len(band) == 0 {
			continue
		}
		loud := pipeline.Loudest(band)
		for i := range band {
			band[i] = max(band[i]-loud, beatSoft)
		}
	}
	return levels
}

// bandPower parts the energy of a frame in three: that of the means of beatBlock samples, of the
// means of beatPart around these, and of the samples around those.
func bandPower(frame pipeline.Samples) (power [3]float64) {
	for ; len(frame) >= beatBlock; frame = frame[beatBlock:] {
		var block, parts, all float32
		for at := 0; at < beatBlock; at += beatPart {
			part := float32(0)
			for _, v := range frame[at : at+beatPart] {
				part += v
				all += v * v
			}
			block += part
			parts += part * part / beatPart
		}
		deep := block * block / beatBlock
		power[0] += float64(deep)
		power[1] += float64(max(0, parts-deep))
		power[2] += float64(max(0, all-parts))
	}
	return power
}

// strokes is by how many dB each frame is louder than both before it, on the mean of the bands,
// spread over the frames beside it: nobody keeps time to 20 ms.
func strokes(levels [3][]float64) []float64 {
	sharp := make([]float64, len(levels[0])+2)
	for _, band := range levels {
		for i := 2; i < len(band); i++ {
			sharp[i] += max(0, band[i]-min(band[i-1], band[i-2])) / float64(len(levels))
		}
	}
	soft := make([]float64, len(levels[0]))
	for i := 1; i < len(soft); i++ {
		soft[i] = sharp[i]/2 + (sharp[i-1]+sharp[i+1])/4
	}
	return soft
}

// hitsIn is the peaks among strokes.
func hitsIn(strokes []float64, levels [3][]float64) []hit {
	var hits []hit
	for i := 2; i+2 < len(strokes); i++ {
		if r := strokes[i]; r < hitRise || r < strokes[i-1] || r <= strokes[i+1] || r < strokes[i-2] || r < strokes[i+2] {
			continue
		}
		var peak [3]float64
		for b, band := range levels {
			peak[b] = max(band[i], band[i+1])
		}
		hits = append(hits, hit{i, [2]float64{peak[1] - peak[0], peak[2] - peak[1]}})
	}
	return hits
}

// rhythm reports whether the strokes of some frames come again after a time, and hits, which are
// in them, with their sounds, and from which frame to which they do.
func rhythm(strokes []float64, hits []hit) (first, last int, ok bool) {
	moves, power := moved(strokes)
	n, steady := len(moves), beatSteady
	var pairs [][2]hit
	for lag := beatFirst; lag <= beatLast; lag++ {
		pairs = appendPairs(pairs[:0], hits, lag)
		alike := alikeness(pairs)
		if alike < steady { // as mostly, and found out soonest
			continue
		}
		again := 0.0
		for i, v := range moves[lag:] {
			again += v * moves[i]
		}
		if again /= math.Sqrt(power[n-lag]*(power[n]-power[lag])) + 1e-9; again >= steady {
			steady, ok = min(again, alike), true
			first, last = keepTime(hits, pairs)
		}
	}
	return first, last, ok
}

// moved is values less their mean, and the sum of the squares before each and behind the last.
func moved(values []float64) (moves, power []float64) {
	mean := sum(values) / float64(len(values))
	moves, power = make([]float64, len(values)), make([]float64, len(values)+1)
	for i, v := range values {
		moves[i] = v - mean
		power[i+1] = power[i] + moves[i]*moves[i]
	}
	return moves, power
}

// keepTime is the stretch of hits in which those that are one of pairs, and sound like the
// other, outnumber the rest by most: talk before and after the drums has hits, too.
func keepTime(hits []hit, pairs [][2]hit) (first, last int) {
	paired := map[int]bool{}
	for _, p := range pairs {
		if p[0].like(p[1]) {
			paired[p[0].at], paired[p[1].at] = true, true
		}
	}
	counts := make([]float64, len(hits))
	for i, h := range hits {
		if counts[i] = -1; paired[h.at] {
			counts[i] = 1
		}
	}
	from, to := weightiest(counts)
	return hits[from].at, hits[max(from, to-1)].at
}

// like reports whether h and g are hardly apart in how bright they are.
func (h hit) like(g hit) bool {
	return math.Abs(h.bright[0]-g.bright[0]) < hitAlike && math.Abs(h.bright[1]-g.bright[1]) < hitAlike
}

// appendPairs appends each hit with the one that comes lag frames after it, or one more or less.
func appendPairs(pairs [][2]hit, hits []hit, lag int) [][2]hit {
	j := 0
	for _, h := range hits {
		for j < len(hits) && hits[j].at < h.at+lag-1 {
			j++
		}
		if j < len(hits) && hits[j].at <= h.at+lag+1 {
			pairs = append(pairs, [2]hit{h, hits[j]})
		}
	}
	return pairs
}

// alikeness is the correlation of how bright the hits of pairs are; none where they are few or
// all sound the same.
func alikeness(pairs [][2]hit) float64 {
	if len(pairs) < hitPairs {
		return 0
	}
	n := float64(len(pairs))
	var together, before, after float64
	for b := range pairs[0][0].bright {
		var x, y, xx, yy, xy float64
		for _, p := range pairs {
			from, to := p[0].bright[b], p[1].bright[b]
			x, y, xx, yy, xy = x+from, y+to, xx+from*from, yy+to*to, xy+from*to
		}
		together, before, after = together+xy-x*y/n, before+xx-x*x/n, after+yy-y*y/n
	}
	spread := math.Sqrt(max(0, before) * max(0, after))
	if spread < n*hitUnlike*hitUnlike {
		return 0
	}
	return together / spread
}
