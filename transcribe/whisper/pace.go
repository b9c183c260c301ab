package whisper

import "time"

// A pace guesses how far whisper is within a window of half a minute, by the time that the
// earlier ones took: it tells of whole ones only.
type pace struct {
	window float64   // the share of the sound that one window is
	began  time.Time // the first one
	done   float64   // share of the sound in the windows that have ended
	at     time.Time // the last of those ended
}

func newPace(samples int, began time.Time) *pace {
	return &pace{window: 30 * SampleRate / float64(samples), began: began, at: began}
}

// share is how far the sound is at now, of which done is said to have ended.
func (p *pace) share(done float64, now time.Time) float64 {
	if done > p.done {
		p.done, p.at = done, now
	}
	if p.done == 0 {
		return 0
	}
	guess := p.done * float64(now.Sub(p.at)) / float64(p.at.Sub(p.began))
	return min(p.done+min(guess, p.window), 1)
}
