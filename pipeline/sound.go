package pipeline

import (
	"errors"
	"io"
	"slices"
)

// Len is the number of samples.
func (s Samples) Len() int { return len(s) }

// ReadAt is Sound's.
func (s Samples) ReadAt(dst Samples, at int) (int, error) {
	if at >= len(s) {
		return 0, io.EOF
	}
	n := copy(dst, s[at:])
	if n < len(dst) {
		return n, io.EOF
	}
	return n, nil
}

// Read gives the samples of span, as far as sound goes.
func Read(sound Sound, span Span) (Samples, error) { return ReadInto(nil, sound, span) }

// ReadInto is Read into the room of dst, where that is enough.
func ReadInto(dst Samples, sound Sound, span Span) (Samples, error) {
	from, to := max(0, Index(span.Start)), min(sound.Len(), Index(span.End))
	dst = slices.Grow(dst[:0], max(0, to-from))[:max(0, to-from)]
	if len(dst) == 0 {
		return nil, nil
	}
	if _, err := sound.ReadAt(dst, from); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return dst, nil
}

// Section is the part of sound in span, on a clock of its own that starts at zero.
func Section(sound Sound, span Span) Sound {
	from, to := max(0, Index(span.Start)), min(sound.Len(), Index(span.End))
	return section{sound, from, max(from, to)}
}

type section struct {
	sound    Sound
	from, to int
}

func (s section) Len() int { return s.to - s.from }

func (s section) ReadAt(dst Samples, at int) (int, error) {
	left := s.Len() - at
	if left <= 0 {
		return 0, io.EOF
	}
	if left >= len(dst) {
		return s.sound.ReadAt(dst, s.from+at)
	}
	n, err := s.sound.ReadAt(dst[:left], s.from+at)
	if err == nil {
		err = io.EOF
	}
	return n, err
}
