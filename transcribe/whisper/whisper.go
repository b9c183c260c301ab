// Package whisper is the one door to whisper.cpp. It stands on the official Go bindings and
// adds beside them what they lack: how a model is opened, several states over one shared
// model, cancelling, and times by DTW. It knows samples and tokens, no recording.
//
// Without cgo every call answers errors.ErrUnsupported.
package whisper

import "time"

// SampleRate is what Model.Run expects, one channel.
const SampleRate = 16000

// A Device is where a model computes.
type Device struct {
	Name string // as ggml calls it, such as "CUDA0"
	GPU  bool
}

// A Head is an attention head of the decoder that follows the sound.
type Head struct{ Layer, Head int }

// ModelOptions say how a model is opened. The zero value computes on the CPU.
type ModelOptions struct {
	GPU   bool // compute on a GPU; the caller has seen it in Devices
	Index int  // which of the GPUs
	// Heads turns token times by dynamic time warping on (Token.Spoken).
	Heads []Head
}

// Options say how samples are heard. Zero values are whisper's defaults.
type Options struct {
	Threads  int
	Language string // two letters; empty detects it
	Prompt   string // text that is taken to stand before what is heard
	BeamSize int    // 1 is greedy
	// Prune above 0 makes beams of the likeliest tokens, and gives those up that are as many nats
	// behind the best; 0 has whisper draw them by chance.
	Prune       float64
	TextContext int // tokens of earlier text the decoder sees; negative for as many as fit
	// NoTimestamps is for models that never learned them: one segment a window.
	NoTimestamps bool
	// Window is how much sound is looked at in one go, up to the half a minute that 0 stands for.
	// Silence makes up for what is missing, and takes as long as sound: a window little longer than
	// the sound costs less.
	Window time.Duration
	// Steps, where it is not 0, ends each window after so many tokens and at the first try: for
	// measuring with a model that makes no sense and would try again.
	Steps int
}

// A Segment is one of whisper's chunks of text. Times count from the first sample.
type Segment struct {
	Start, End time.Duration
	Tokens     []Token
}

// A Token is a piece of a word as bytes: æ, ø and å may be cut in two. A model that was
// opened with heads says when it was Spoken, by DTW; any other gives its estimate of Start
// and End. What is not given is negative.
type Token struct {
	Text       []byte
	P          float64
	Start, End time.Duration
	Spoken     time.Duration
}

// A Result is what was heard, and in which language.
type Result struct {
	Language string
	Segments []Segment
}
