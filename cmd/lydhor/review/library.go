package review

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"lydhor/analysis/agreement"
	"lydhor/pipeline"
	"lydhor/pipeline/store"
)

// A Library holds the recordings. It answers store.ErrNotFound for one that is not there or that
// the caller may not see.
type Library interface {
	Recordings(context.Context) ([]Recording, error) // newest first
	Busy(context.Context) ([]Recording, error)       // those whose work waits or goes on
	Recording(ctx context.Context, id string) (*Recording, error)
	Transcript(ctx context.Context, id string) (*pipeline.Transcript, error)
}

// A Recording is what a list says of one.
type Recording struct {
	ID       string
	Title    string
	Kind     pipeline.Kind
	State    State
	Stage    pipeline.Stage // worked on, or failed in
	Progress float64        // of that stage, from 0 to 1
	Left     time.Duration  // of transcription, about; zero while nobody can tell
	Problem  string         // why it failed: what, why, what to do
	Length   time.Duration  // zero until it is known
	Received time.Time
	Meta     map[string]string // as Upload.Meta
}

// A State says where a recording stands.
type State string

const (
	Waiting State = "waiting"
	Working State = "working"
	Done    State = "done"
	Failed  State = "failed"
)

// A Finder searches what was said.
type Finder interface {
	// Find gives the turns that words stand in, in any of their forms, best first, a hundred
	// at most.
	Find(ctx context.Context, words string) ([]store.Hit, error)
}

// Audio gives what is heard of a recording.
type Audio interface {
	// Open gives it as browsers can play it, with its media type.
	Open(ctx context.Context, id string) (sound io.ReadSeekCloser, mediaType string, err error)
	// Loudness is how loud it is; empty where nobody measured.
	Loudness(ctx context.Context, id string) (pipeline.Loudness, error)
	// Masked is Open with noise over the spans; ErrMasking while that is being made.
	Masked(ctx context.Context, id string, spans []pipeline.Span) (sound io.ReadSeekCloser, mediaType string, err error)
}

// ErrMasking says that masked sound is being made, and to ask again later.
var ErrMasking = errors.New("the sound is being masked")

// Clips cuts sound for people who must not know the voices.
type Clips interface {
	// Clip gives a stretch of a recording with other voices and the hidden spans masked.
	Clip(ctx context.Context, id string, stretch pipeline.Span, hidden []pipeline.Span) (clip []byte, mediaType string, err error)
}

// Sheets keeps which sequences were taken to which FLIP.
type Sheets interface {
	// PutSheet notes a sheet, in the place of an earlier one of the same recording for the
	// same FLIP.
	PutSheet(context.Context, store.Sheet) error
	// Sheets lists those of a recording and those talked through in it.
	Sheets(ctx context.Context, recording string) ([]store.Sheet, error)
}

// Decisions keeps what analysts decide: it only adds.
type Decisions interface {
	// Decide adds d; a key that is there already changes nothing.
	Decide(ctx context.Context, recording string, d pipeline.Decision) error
	// Decisions gives one coder's, or everybody's for coder "", in the order they were made.
	Decisions(ctx context.Context, recording, coder string) ([]pipeline.Decision, error)
}

// Coding says who codes which recordings, and how alike. Its reader is that of the context.
type Coding interface {
	// Blind reports whether the reader must not see yet what others and the machine say.
	Blind(ctx context.Context, recording string) (bool, error)
	Assignments(context.Context) ([]store.Assignment, error)
	Assign(context.Context, store.Assignment) error
	Withdraw(ctx context.Context, recording, coder string) error
	HandIn(ctx context.Context, recording, coder string) error
	Members(context.Context) ([]string, error) // who may code
	// Doubts gives how unsure the machine is of what the reader has not decided.
	Doubts(context.Context) ([]store.Doubt, error)
	// Coded gives every recording that somebody coded and that the reader is not blind to.
	Coded(context.Context) ([]agreement.Talk, error)
}

// Corrections keeps what people correct in a transcript: it only adds. Unlike decisions they
// are everybody's.
type Corrections interface {
	// Correct adds c; a key that is there already changes nothing.
	Correct(ctx context.Context, recording string, c pipeline.Correction) error
	// Corrections gives a recording's, in the order they were made.
	Corrections(ctx context.Context, recording string) ([]pipeline.Correction, error)
}

// Voices recognises, in projects that ask for it, who was named in other recordings.
type Voices interface {
	Recognised(ctx context.Context, recording string) (*Recognised, error)
}

// Recognised is whether a project recognises voices, and whom it proposes for the speakers of
// a recording, by their labels after all corrections.
type Recognised struct {
	On       bool
	Speakers map[string]pipeline.Recognition
}

// A Vocabulary keeps the names and words to expect in the project's recordings.
type Vocabulary interface {
	Vocabulary(context.Context) (words string, err error)
	// SetVocabulary replaces them; store.ErrLongVocabulary where they are too many.
	SetVocabulary(ctx context.Context, words string) error
}

// A Queue starts the work on a failed recording again.
type Queue interface {
	Retry(ctx context.Context, id string) error
}

// An Inbox takes new recordings in and starts the work on them.
type Inbox interface {
	// Receive reads sound to its end. Sound that is there already is a Duplicate.
	Receive(ctx context.Context, u Upload, sound io.Reader) (id string, err error)
}

// An Upload is what is said of a new recording.
type Upload struct {
	Name     string // of the file
	Kind     pipeline.Kind
	Speakers int    // zero if nobody counted
	Separate bool   // each channel is one person's microphone
	Date     string // of the talk, as 2006-01-02
	Case     string // the citizen's course (forløb) that it belongs to
	Place    string // the municipality
	Consent  string // one of Consents; empty where it is not settled
	Tags     string
	Agreement
}

// An Agreement is what the people in a recording agreed to, and who they are.
type Agreement struct {
	Text         string // version of the text
	Given        string // day, as 2006-01-02
	Until        string // last day that it is good for; empty for no end
	Scope        string // what was agreed to
	Participants string // their codes, with spaces between them; never names
}

// Consents lists what the use of a recording can rest on.
var Consents = []string{"consent", "research", "other"}

// Meta is what is said of a recording beside its kind, by the name of the field.
func (u Upload) Meta() map[string]string {
	meta := map[string]string{}
	for name, value := range map[string]string{"date": u.Date, "case": u.Case, "place": u.Place, "consent": u.Consent, "tags": u.Tags} {
		if value != "" {
			meta[name] = value
		}
	}
	return meta
}

// A Duplicate is the error of receiving sound that the recording ID already holds.
type Duplicate struct{ ID string }

func (d Duplicate) Error() string { return fmt.Sprintf("the same sound is recording %s", d.ID) }
