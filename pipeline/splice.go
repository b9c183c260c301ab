package pipeline

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"time"
)

// On a microphone of one's own most is silence, which is not heard again and again for each
// of them: what is softer than a channel's speech by more than soft is left out where it
// lasts, but for a pause on either side of what is kept.
const (
	soft       = 30 // dB
	splicedGap = 300 * time.Millisecond
)

// spliced is the stretches of sound in kept, sorted and apart, one after the other.
type spliced struct {
	sound Sound
	kept  []Span
	at    []int // the sample that each begins at, and behind them their number
}

// splice leaves the silence out of sound.
func splice(sound Sound) (spliced, error) {
	power, err := framePower(sound)
	if err != nil {
		return spliced{}, err
	}
	spans := loud(power)
	for i, span := range spans {
		spans[i] = Span{max(0, span.Start-splicedGap), min(Dur(sound), span.End+splicedGap)}
	}
	s := spliced{sound: sound, kept: joinSpans(spans), at: []int{0}}
	for i, span := range s.kept {
		s.at = append(s.at, s.at[i]+Index(span.End)-Index(span.Start))
	}
	return s, nil
}

// loud is where power is not soft against the loudest twentieth of what is not silence.
func loud(power []float32) []Span {
	const silence = -90 // of a frame without any sound
	heard := slices.DeleteFunc(slices.Clone(power), func(p float32) bool { return p < silence })
	if len(heard) == 0 {
		return nil
	}
	least := Loudest(heard) - soft
	var spans []Span
	for i, p := range power {
		if p >= max(least, silence) {
			start := time.Duration(i) * cutFrame
			spans = append(spans, Span{start, start + cutFrame})
		}
	}
	return spans
}

// Len is Sound's.
func (s spliced) Len() int { return s.at[len(s.kept)] }

// ReadAt is Sound's.
func (s spliced) ReadAt(dst Samples, at int) (n int, err error) {
	for i := s.holding(at); i < len(s.kept) && n < len(dst); i++ {
		part := dst[n:min(len(dst), n+s.at[i+1]-(at+n))]
		got, err := s.sound.ReadAt(part, Index(s.kept[i].Start)+at+n-s.at[i])
		n += got
		if err != nil && !(errors.Is(err, io.EOF) && got == len(part)) {
			return n, err
		}
	}
	if n < len(dst) {
		return n, io.EOF
	}
	return n, nil
}

// holding is the number of the stretch that holds sample at, or how many there are.
func (s spliced) holding(at int) int {
	i, begins := slices.BinarySearchFunc(s.at, at, func(a, at int) int { return cmp.Compare(a, at) })
	if begins {
		return i
	}
	return i - 1
}

// original moves what lies at span of s to the clock of the whole sound, within the stretch
// that holds its middle.
func (s spliced) original(span Span) Span {
	i := min(s.holding(Index(span.Start+span.Dur()/2)), len(s.kept)-1)
	kept, begins := s.kept[i], At(s.at[i])
	return kept.shift(Span{span.Start - begins, span.End - begins})
}

// onClock moves what was heard in s to the clock of the whole sound.
func (s spliced) onClock(speech *Speech) {
	for i := range speech.Segments {
		segment := &speech.Segments[i]
		segment.Span = s.original(segment.Span)
		for j := range segment.Words {
			w := &segment.Words[j]
			w.Span = s.original(w.Span)
			if j == 0 {
				segment.Start = w.Start
			}
			segment.End = max(segment.Start, w.End)
		}
	}
	for i := range speech.Dropped {
		speech.Dropped[i].Span = s.original(speech.Dropped[i].Span)
	}
	const moment = time.Millisecond
	for i, m := range speech.Music { // which goes on through what was left out
		begins, ends := s.original(Span{m.Start, m.Start + moment}), s.original(Span{m.End - moment, m.End})
		speech.Music[i].Span = Span{begins.Start, ends.End}
	}
}
