package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// ReadTranscript reads one conversation in the gold format: JSON, times in seconds, turns
// numbered from 1; music may stand in any order. Errors say which line or which turn is wrong.
func ReadTranscript(r io.Reader) (*Transcript, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var t Transcript
	if err := json.Unmarshal(data, &t); err != nil {
		return nil, fmt.Errorf("read transcript: %w", lineError(data, err))
	}
	for i, turn := range t.Turns {
		if turn.N != i+1 {
			return nil, fmt.Errorf("read transcript: turn %d of the list has n %d: number turns 1, 2, 3, …", i+1, turn.N)
		}
		if turn.End < turn.Start || turn.Start < 0 {
			return nil, fmt.Errorf("read transcript: turn %d runs from %v to %v", turn.N, turn.Start, turn.End)
		}
		if turn.Role != "" && !slices.Contains(Roles, turn.Role) {
			return nil, fmt.Errorf("read transcript: turn %d has the role %q: write one of %v", turn.N, turn.Role, Roles)
		}
		if turn.Outcome != "" && !slices.Contains(Outcomes, turn.Outcome) {
			return nil, fmt.Errorf("read transcript: turn %d has the outcome %q: write one of %v", turn.N, turn.Outcome, Outcomes)
		}
	}
	t.Music = JoinMusic(t.Music, 0)
	return &t, nil
}

// WriteTranscript writes t in the gold format, indented.
func WriteTranscript(w io.Writer, t *Transcript) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(t)
}

// wanted says in JSON's words what a kind of Go is written as.
var wanted = map[reflect.Kind]string{
	reflect.String: "a text", reflect.Int: "a whole number", reflect.Float64: "a number", reflect.Bool: "true or false",
	reflect.Slice: "a list", reflect.Map: "an object", reflect.Struct: "an object",
}

// lineError adds the line to what encoding/json complains of.
func lineError(data []byte, err error) error {
	offset := int64(-1)
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = e.Offset
	} else if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = e.Offset
		err = fmt.Errorf("%q is written as a %s, and %s is wanted", e.Field[strings.LastIndex(e.Field, ".")+1:], e.Value, wanted[e.Type.Kind()])
	}
	if offset < 0 || offset > int64(len(data)) {
		return err
	}
	line := 1
	for _, b := range data[:offset] {
		if b == '\n' {
			line++
		}
	}
	return fmt.Errorf("line %d: %w", line, err)
}

// In files a Span is {"start": s, "end": s} in seconds, beside the other fields. The types
// below without methods carry those other fields.
type (
	times struct {
		Start float64 `json:"start"`
		End   float64 `json:"end"`
	}
	wordFields        Word
	segmentFields     Segment
	speakerTurnFields SpeakerTurn
	droppedFields     Dropped
	turnFields        Turn
)

func (s Span) times() times { return times{seconds(s.Start), seconds(s.End)} }
func (t times) span() Span  { return FromSeconds(t.Start, t.End) }

// MarshalJSON writes the span in seconds.
func (w Word) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		times
		wordFields
	}{w.times(), wordFields(w)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (w *Word) UnmarshalJSON(b []byte) error {
	j := struct {
		times
		*wordFields
	}{wordFields: (*wordFields)(w)}
	err := json.Unmarshal(b, &j)
	w.Span = j.span()
	return err
}

// MarshalJSON writes the span in seconds.
func (s Segment) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		times
		segmentFields
	}{s.times(), segmentFields(s)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Segment) UnmarshalJSON(b []byte) error {
	j := struct {
		times
		*segmentFields
	}{segmentFields: (*segmentFields)(s)}
	err := json.Unmarshal(b, &j)
	s.Span = j.span()
	return err
}

// MarshalJSON writes the span in seconds.
func (s SpeakerTurn) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		times
		speakerTurnFields
	}{s.times(), speakerTurnFields(s)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *SpeakerTurn) UnmarshalJSON(b []byte) error {
	j := struct {
		times
		*speakerTurnFields
	}{speakerTurnFields: (*speakerTurnFields)(s)}
	err := json.Unmarshal(b, &j)
	s.Span = j.span()
	return err
}

// MarshalJSON writes the span in seconds.
func (d Dropped) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		times
		droppedFields
	}{d.times(), droppedFields(d)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Dropped) UnmarshalJSON(b []byte) error {
	j := struct {
		times
		*droppedFields
	}{droppedFields: (*droppedFields)(d)}
	err := json.Unmarshal(b, &j)
	d.Span = j.span()
	return err
}

// MarshalJSON writes the span in seconds.
func (m Music) MarshalJSON() ([]byte, error) { return json.Marshal(m.times()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Music) UnmarshalJSON(b []byte) error {
	var j times
	err := json.Unmarshal(b, &j)
	m.Span = j.span()
	return err
}

// MarshalJSON writes the span in seconds, and outcome_turn where there is an outcome: null
// for none.
func (t Turn) MarshalJSON() ([]byte, error) {
	var deciding *json.RawMessage
	if t.Outcome != "" {
		n := json.RawMessage("null")
		if t.OutcomeTurn > 0 {
			n = fmt.Append(nil, t.OutcomeTurn)
		}
		deciding = &n
	}
	if t.Codes == nil {
		t.Codes = []Code{}
	}
	return json.Marshal(struct {
		times
		turnFields
		OutcomeTurn *json.RawMessage `json:"outcome_turn,omitempty"`
	}{t.times(), turnFields(t), deciding})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Turn) UnmarshalJSON(b []byte) error {
	j := struct {
		times
		*turnFields
		OutcomeTurn *int `json:"outcome_turn"`
	}{turnFields: (*turnFields)(t)}
	err := json.Unmarshal(b, &j)
	t.Span = j.span()
	t.OutcomeTurn = 0
	if j.OutcomeTurn != nil {
		t.OutcomeTurn = *j.OutcomeTurn
	}
	return err
}
