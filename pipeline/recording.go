// Package pipeline holds the nouns of the project and the path of a recording:
// sound is decoded, transcribed and diarised, the two are assembled into turns,
// and the turns are analysed. Process walks that path in one function.
//
// It imports the standard library and go-audio only; whoever does the work of a
// stage (whisper, clustering, the codebook) is handed in through an interface
// of stage.go.
package pipeline

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrBadAudio is wrapped by every error that says the recording itself cannot be used:
// trying again will not help, another file will.
var ErrBadAudio = errors.New("unusable audio")

// A Kind says what sort of talk was recorded.
type Kind string

const (
	Conversation Kind = "conversation" // a citizen and a professional
	FLIP         Kind = "flip"         // learning and innovation meeting, 4-12 people, 2-4 hours
	Meeting      Kind = "meeting"
	Interview    Kind = "interview"
)

// Kinds lists every Kind.
var Kinds = []Kind{Conversation, FLIP, Meeting, Interview}

// ParseKind reads a Kind; the error names the ones there are.
func ParseKind(s string) (Kind, error) {
	if k := Kind(s); slices.Contains(Kinds, k) {
		return k, nil
	}
	return "", fmt.Errorf("unknown kind %q: use one of %v", s, Kinds)
}

// Speakers is how many people speak, as far as is known: at least Min, at most Max.
// The zero value leaves it open.
type Speakers struct{ Min, Max int }

// Speakers is what the kind of talk promises when nobody counted.
func (k Kind) Speakers() Speakers {
	switch k {
	case Conversation, Interview:
		return Speakers{2, 2}
	case FLIP:
		return Speakers{4, 12}
	}
	return Speakers{2, 12}
}

// SampleRate is the rate of all decoded sound, in samples a second.
const SampleRate = 16000

// Samples is decoded sound: SampleRate, one channel, each sample in [-1, 1].
type Samples []float32

// Sound is a decoded recording that can be read from any point, so that three hours need
// not stand in memory: Samples are one, a PCM file is another.
type Sound interface {
	// Len is the number of samples.
	Len() int
	// ReadAt fills dst from sample at on, as io.ReaderAt does: n < len(dst) only with an
	// error, io.EOF at the end. It is safe for concurrent use.
	ReadAt(dst Samples, at int) (n int, err error)
}

// Dur is how long sound lasts.
func Dur(sound Sound) time.Duration { return At(sound.Len()) }

// At is the time of sample i.
func At(i int) time.Duration { return time.Duration(i) * time.Second / SampleRate }

// Index is the sample at time t.
func Index(t time.Duration) int { return int(t * SampleRate / time.Second) }
