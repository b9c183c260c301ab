package whisper

import (
	"math"
	"sync"
)

// What is taken for granted, with the weight of one window, until a model has been seen at work.
const (
	usualWindow = 28  // seconds of sound that a window hears: up to half a minute
	usualDecode = 1.5 // times as long as encoding it takes
	usualTokens = 4.8 // per second of sound

	remembered = 0.9 // of earlier windows, with each new one
)

// A stand is how far a call says it is, times in seconds.
type stand struct {
	done             float64 // share of the sound, in windows that are done
	windows          float64 // that are done
	tokens, written  float64 // in those; in the current one
	encoding         bool    // or decoding, the current one
	listened         float64 // time before the first
	encoded, decoded float64 // time for that until the current one is
	current          float64 // time for the current one, since it is encoded or decoded
}

func (s stand) took() float64 { return s.listened + s.encoded + s.decoded + s.current }

// sums are what windows came to: seconds of sound, of what the encoder took in with it, and of
// encoding and decoding. One more may be encoded than is done.
type sums struct{ windows, sound, tokens, taken, encoded, decoded float64 }

// rates are the sums of calls until now, of which the latest count most, and what all took.
type rates struct {
	sync.Mutex
	sums
	took float64
}

func (r *rates) now() sums {
	r.Lock()
	defer r.Unlock()
	return r.sums
}

func (r *rates) learn(s sums) {
	r.Lock()
	defer r.Unlock()
	r.sums = s.plus(r.sums, math.Pow(remembered, s.windows))
}

func (r *rates) spend(took float64) {
	r.Lock()
	defer r.Unlock()
	r.took += took
}

func (r *rates) all() float64 {
	r.Lock()
	defer r.Unlock()
	return r.took
}

func (s sums) plus(o sums, weight float64) sums {
	return sums{
		s.windows + weight*o.windows, s.sound + weight*o.sound, s.tokens + weight*o.tokens,
		s.taken + weight*o.taken, s.encoded + weight*o.encoded, s.decoded + weight*o.decoded,
	}
}

// A pace tells how far a call is: by the time that it took and what the rest of the sound will
// take, by what windows have taken until now. Encoding takes the same for each second taken in,
// decoding as long as there is talk, and how many beams are kept cannot be foreseen.
type pace struct {
	length float64 // of the sound, in seconds
	window float64 // seconds that the encoder takes in at once
	known  sums    // of earlier calls
}

// sums are those of s.
func (p pace) sums(s stand) sums {
	encodings := s.windows
	if !s.encoding {
		encodings++
	}
	return sums{s.windows, s.done * p.length, s.tokens, encodings * p.window, s.encoded, s.decoded}
}

// share is the part of its time that a call has had at s.
func (p pace) share(s stand) float64 {
	k := p.sums(s).plus(p.known, 1)
	if k.taken == 0 {
		return 0
	}
	take := k.encoded / k.taken // a second
	encode := take * p.window
	window := (k.sound + usualWindow) / (k.windows + 1)
	decode := (k.decoded + usualDecode*take*usualWindow) / (k.sound + usualWindow) // a second of sound
	tokens := (k.tokens + usualTokens*usualWindow) / (k.sound + usualWindow)

	left := max(0, 1-s.done) * p.length
	this := min(left, window)
	ahead := decode * max(0, this-s.written/tokens)
	if s.encoding && left > 0 {
		ahead = decode*this + max(0, encode-s.current)
	}
	rest := left - this
	ahead += decode*rest + encode*math.Round(rest/window+0.4) // a short last one is one more
	return s.took() / (s.took() + ahead)
}
