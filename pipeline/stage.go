package pipeline

import "context"

// A Stage is one step of the path.
type Stage string

const (
	Ingest     Stage = "ingest"
	Transcribe Stage = "transcribe"
	Diarise    Stage = "diarise"
	Assemble   Stage = "assemble"
	Analyse    Stage = "analyse"
)

// Stages lists every Stage in order; transcribe and diarise run beside each other.
var Stages = []Stage{Ingest, Transcribe, Diarise, Assemble, Analyse}

// A Run says how a stage's result was made, so that it can be made again.
type Run struct {
	Stage     Stage             `json:"stage"`
	Code      string            `json:"code,omitempty"` // version of lydhor
	Model     string            `json:"model,omitempty"`
	ModelHash string            `json:"model_sha256,omitempty"`
	Params    map[string]string `json:"params,omitempty"`
}

// Progress is told how far a stage is, from 0 to 1. It may be called from any goroutine.
type Progress func(Stage, float64)

// Speech is what was said, without who said it.
type Speech struct {
	Run      Run       `json:"run"`
	Language string    `json:"language"`
	Notices  []string  `json:"notices,omitempty"`
	Segments []Segment `json:"segments"` // sorted by start
	Dropped  []Dropped `json:"dropped,omitempty"`
	Music    []Music   `json:"music,omitempty"` // sorted by start, apart
}

// A Transcriber hears what is said. Times are on the clock of the sound it is given.
type Transcriber interface {
	Transcribe(context.Context, Sound, Progress) (*Speech, error)
}

// An Expecter is a Transcriber that can be told names and words to expect, separated by
// spaces or commas; what it gives hears with them, and it itself without.
type Expecter interface {
	Transcriber
	Expecting(words string) Transcriber
}

// Voices is who spoke when.
type Voices struct {
	Run     Run           `json:"run"`
	Notices []string      `json:"notices,omitempty"`
	Turns   []SpeakerTurn `json:"turns"` // sorted by start, may overlap
}

// A Diariser hears who speaks when, within the given number of speakers.
type Diariser interface {
	Diarise(context.Context, Sound, Speakers, Progress) (*Voices, error)
}

// An Analyser proposes speakers' roles, codes, outcomes and themes in place. It leaves
// confirmed roles alone and replaces whatever codes stood there.
type Analyser interface {
	Analyse(*Transcript) Run
}
