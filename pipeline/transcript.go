package pipeline

import "slices"

// A Word is one word that whisper heard, with its probability in [0, 1].
type Word struct {
	Span `json:"-"`
	Text string  `json:"word"`
	P    float64 `json:"p,omitempty"`
}

// A Segment is whisper's own chunk of text; its words are sorted by start.
type Segment struct {
	Span  `json:"-"`
	Text  string `json:"text"`
	Words []Word `json:"words,omitempty"`
}

// A SpeakerTurn says who spoke when: one RTTM SPEAKER line. Its label is local to the
// recording, and two people may hold the same second.
type SpeakerTurn struct {
	Span    `json:"-"`
	Speaker string `json:"speaker"`
}

// A Role says who a speaker is in the talk.
type Role string

const (
	Citizen      Role = "citizen"
	Professional Role = "professional"
	Relative     Role = "relative"
	Researcher   Role = "researcher"
	Practitioner Role = "practitioner"
	Leader       Role = "leader"
	Unknown      Role = "unknown"
)

// Roles lists every Role.
var Roles = []Role{Citizen, Professional, Relative, Researcher, Practitioner, Leader, Unknown}

// A Speaker is one label of the recording. Its role is proposed by the machine, with the
// reasons in Evidence, until a person confirms it.
type Speaker struct {
	Label      string     `json:"label"`
	Role       Role       `json:"role"`
	Proposed   bool       `json:"proposed,omitempty"`
	Confidence float64    `json:"confidence,omitempty"`
	Evidence   []Evidence `json:"evidence,omitempty"`
}

// A Code names an entry of the codebook, such as "citizen_meaning".
type Code string

const (
	CitizenMeaning          Code = "citizen_meaning"
	LabourMarketPerspective Code = "labour_market_perspective"
	Institutional           Code = "institutional"
)

// An Outcome says what happened after a citizen-meaning turn.
type Outcome string

const (
	Gripped     Outcome = "gripped"
	GrippedLate Outcome = "gripped_late"
	Overheard   Outcome = "overheard"
	Overridden  Outcome = "overridden"
	Open        Outcome = "open"
)

// Outcomes lists every Outcome.
var Outcomes = []Outcome{Gripped, GrippedLate, Overheard, Overridden, Open}

// TwoWay is the reading behind the headline figures: gripped or overridden; open has none.
func (o Outcome) TwoWay() (Outcome, bool) {
	switch o {
	case Gripped, GrippedLate:
		return Gripped, true
	case Overheard, Overridden:
		return Overridden, true
	}
	return "", false
}

// Evidence is one reason for a code or an outcome: what was heard (Text) in which turn
// (its number), the codebook's or the model's name for it (Group), and how much it counted
// (Weight, in log odds; negative speaks against).
type Evidence struct {
	Group  string  `json:"group"`
	Text   string  `json:"text,omitempty"`
	Turn   int     `json:"turn"`
	Weight float64 `json:"weight"`
}

// A Turn is what one speaker says until another takes over: numbered from 1, read, coded.
// Outcome stands on citizen-meaning turns only; OutcomeTurn is the turn that decides it,
// 0 for none. Evidence and Confidence are keyed by the code, or by "outcome".
type Turn struct {
	N           int    `json:"n"`
	Speaker     string `json:"speaker"`
	Role        Role   `json:"role"`
	Span        `json:"-"`
	Text        string                `json:"text"`
	Codes       []Code                `json:"codes"`
	Outcome     Outcome               `json:"outcome,omitempty"`
	OutcomeTurn int                   `json:"-"`
	Note        string                `json:"note,omitempty"`
	Words       []Word                `json:"words,omitempty"`
	Evidence    map[string][]Evidence `json:"evidence,omitempty"`
	Confidence  map[string]float64    `json:"confidence,omitempty"`
}

// OutcomeKey is the key of an outcome in Turn.Evidence and Turn.Confidence.
const OutcomeKey = "outcome"

// Has reports whether t carries code.
func (t *Turn) Has(code Code) bool { return slices.Contains(t.Codes, code) }

// Themes lists the codebook's themes heard in one turn of a FLIP or a meeting.
type Themes struct {
	Turn   int      `json:"turn"`
	Themes []string `json:"themes"`
}

// PII is one identifying expression in a turn: a name, place, employer, phone, cpr, …
type PII struct {
	Turn int    `json:"turn"`
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// A Transcript is one conversation as read and coded: a gold dialogue, a machine's
// transcript and an export are all one. Turns are numbered from 1 and sorted by start.
type Transcript struct {
	ID        string        `json:"id"`
	Kind      Kind          `json:"kind"`
	Language  string        `json:"language"`
	Title     string        `json:"title,omitempty"`
	Synthetic bool          `json:"synthetic,omitempty"`
	Notices   []string      `json:"notices,omitempty"` // what a reader must know before trusting it
	Runs      []Run         `json:"run,omitempty"`     // one for each stage that made it
	Speakers  []Speaker     `json:"speakers,omitempty"`
	Turns     []Turn        `json:"turns"`
	Voices    []SpeakerTurn `json:"speaker_turns,omitempty"` // as diarised, overlap and all
	Dropped   []Dropped     `json:"dropped,omitempty"`
	Music     []Music       `json:"music,omitempty"` // sorted by start, apart
	Themes    []Themes      `json:"themes,omitempty"`
	PII       []PII         `json:"pii,omitempty"`
}

// Dropped is text that whisper wrote but that nobody can have said, or that was heard in more
// words later, kept with the reason.
type Dropped struct {
	Span   `json:"-"`
	Text   string `json:"text"`
	Reason string `json:"reason"`
}

// Turn gives the turn numbered n, nil where there is none.
func (t *Transcript) Turn(n int) *Turn {
	if n < 1 || n > len(t.Turns) {
		return nil
	}
	return &t.Turns[n-1]
}

// Uncoded gives a copy of t as it was before anybody coded it: what was said, when and by
// whom, without codes, outcomes, themes, notes, or reasons for any of them.
func (t *Transcript) Uncoded() *Transcript {
	bare := *t
	bare.Turns = slices.Clone(t.Turns)
	for i := range bare.Turns {
		var none Turn
		bare.Turns[i].takeCodes(&none)
	}
	bare.Speakers = slices.Clone(t.Speakers)
	for i := range bare.Speakers {
		bare.Speakers[i].Evidence = nil
	}
	bare.Runs = slices.DeleteFunc(slices.Clone(t.Runs), func(r Run) bool { return r.Stage == Analyse })
	bare.Themes = nil
	return &bare
}
