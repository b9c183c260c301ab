package exchange

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"lydhor/pipeline"
)

// ReadEAF reads an ELAN document. Every tier without a parent, but WriteEAF's tier of music, is
// a speaker and its annotations are the turns; the speaker is called after the tier's
// participant, or after the tier where participants are missing or have several such tiers.
// The first time-alignable tier under it holds the words. Tiers under it of WriteEAF's types
// become what they were; every other one becomes lines of the turns' notes, "tier: value".
//
// Errors name the element that is wrong.
func ReadEAF(r io.Reader) (*pipeline.Transcript, error) {
	data, err := readAll(r)
	if err != nil {
		return nil, fmt.Errorf("read ELAN document: %w", err)
	}
	var doc eafDocument
	if err := xml.NewDecoder(bytes.NewReader(data)).Decode(&doc); err != nil {
		return nil, fmt.Errorf("read ELAN document: this is no whole .eaf file, save it in ELAN again: %w", err)
	}
	if u := doc.Header.TimeUnits; u != "" && u != "milliseconds" {
		return nil, fmt.Errorf("read ELAN document: HEADER counts time in %s: save it with milliseconds", u)
	}
	e := eafReading{draft: newDraft(), slots: doc.Times.slots(), turns: map[string]int{}}
	if err := e.document(&doc); err != nil {
		return nil, fmt.Errorf("read ELAN document: %w", err)
	}
	t, err := e.done()
	if err != nil {
		return nil, fmt.Errorf("read ELAN document: %w", err)
	}
	return t, nil
}

// slots gives the time of every slot. Those without one stand evenly between those that
// have one.
func (t eafTimes) slots() map[string]time.Duration {
	of := map[string]time.Duration{}
	from, waiting := int64(0), []string(nil)
	for _, slot := range t.Slots {
		waiting = append(waiting, slot.ID)
		if slot.Value == nil {
			continue
		}
		to := min(max(*slot.Value, 0), 1<<32)
		for i, id := range waiting {
			of[id] = time.Duration(from+(to-from)*int64(i+1)/int64(len(waiting))) * time.Millisecond
		}
		from, waiting = to, nil
	}
	for _, id := range waiting {
		of[id] = time.Duration(from) * time.Millisecond
	}
	return of
}

type eafReading struct {
	draft
	slots map[string]time.Duration
	turns map[string]int // index of the turn that an annotation is or belongs to
}

func (e *eafReading) document(doc *eafDocument) error {
	roles := map[string]pipeline.Role{}
	for _, p := range doc.Header.Properties {
		switch p.Name {
		case eafOurs + "id":
			e.ID = p.Value
		case eafOurs + "kind":
			e.Kind = pipeline.Kind(p.Value)
		case eafOurs + "language":
			e.Language = p.Value
		case eafOurs + "title":
			e.Title = p.Value
		case eafOurs + "synthetic":
			e.Synthetic = p.Value == "true"
		}
		if label, ok := strings.CutPrefix(p.Name, eafRole); ok {
			roles[label] = pipeline.Role(p.Value)
		}
	}
	if e.ID == "" && len(doc.Header.Media) > 0 {
		e.ID = stem(doc.Header.Media[0].URL)
	}
	speakers, err := e.music(doc.Tiers)
	if err != nil {
		return err
	}
	if err := e.roots(speakers); err != nil {
		return err
	}
	if err := e.children(speakers); err != nil {
		return err
	}
	e.roles(roles)
	return nil
}

// music reads the tier of music and gives the others. One that others stand under is a speaker.
func (e *eafReading) music(tiers []eafTier) (others []eafTier, err error) {
	for _, tier := range tiers {
		isParent := slices.ContainsFunc(tiers, func(t eafTier) bool { return t.Parent == tier.ID })
		if isParent || !tier.isMusic() {
			others = append(others, tier)
			continue
		}
		for _, a := range tier.Annotations {
			span, err := e.span(a.Aligned)
			if err != nil {
				return nil, fmt.Errorf("TIER %q: %w", tier.ID, err)
			}
			e.Music = append(e.Music, pipeline.Music{Span: span})
		}
	}
	return others, nil
}

// isMusic reports whether a tier says nothing but where music is.
func (t eafTier) isMusic() bool {
	return t.ID == besideMusic && t.Parent == "" &&
		!slices.ContainsFunc(t.Annotations, func(a eafAnnotation) bool { return a.Aligned == nil || a.Aligned.Value != besideMusic })
}

// stem is the name of a media file without folders and ending.
func stem(address string) string {
	name := path.Base(strings.ReplaceAll(address, `\`, "/"))
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	return strings.TrimSuffix(name, path.Ext(name))
}

// roots reads the tiers without a parent.
func (e *eafReading) roots(tiers []eafTier) error {
	count := map[string]int{}
	for _, tier := range tiers {
		if tier.Parent == "" {
			count[tier.Participant]++
		}
	}
	for _, tier := range tiers {
		if tier.Parent != "" {
			continue
		}
		speaker := tier.ID
		if tier.Participant != "" && count[tier.Participant] == 1 {
			speaker = tier.Participant
		}
		for i, a := range tier.Annotations {
			if a.Aligned == nil {
				return fmt.Errorf("TIER %q, ANNOTATION %d: has no times, though the tier has no parent", tier.ID, i+1)
			}
			span, err := e.span(a.Aligned)
			if err != nil {
				return fmt.Errorf("TIER %q: %w", tier.ID, err)
			}
			e.turns[a.Aligned.ID] = len(e.Turns)
			e.add(pipeline.Turn{Speaker: speaker, Span: span, Text: a.Aligned.Value})
		}
	}
	return nil
}

func (e *eafReading) span(a *eafAligned) (pipeline.Span, error) {
	start, ok1 := e.slots[a.From]
	end, ok2 := e.slots[a.To]
	if !ok1 || !ok2 {
		return pipeline.Span{}, fmt.Errorf("ANNOTATION %s: no TIME_SLOT %s or %s", a.ID, a.From, a.To)
	}
	if end < start {
		return pipeline.Span{}, fmt.Errorf("ANNOTATION %s: ends at %v, before it starts at %v", a.ID, end, start)
	}
	return pipeline.Span{Start: start, End: end}, nil
}

// children reads the tiers that have a parent, each after it.
func (e *eafReading) children(tiers []eafTier) error {
	children := map[string][]eafTier{}
	for _, tier := range tiers {
		children[tier.Parent] = append(children[tier.Parent], tier)
	}
	for _, root := range children[""] {
		var turns []pipeline.Turn
		for _, a := range root.Annotations {
			turns = append(turns, e.Turns[e.turns[a.Aligned.ID]])
		}
		line := inLine(turns)
		hasWords := false
		for list := children[root.ID]; len(list) > 0; list = list[1:] {
			tier := list[0]
			isWords := tier.Parent == root.ID && !hasWords && len(tier.Annotations) > 0 && tier.Annotations[0].Aligned != nil
			hasWords = hasWords || isWords
			if err := e.child(tier, line, isWords); err != nil {
				return fmt.Errorf("TIER %q: %w", tier.ID, err)
			}
			list = append(list, children[tier.ID]...)
			delete(children, tier.ID)
		}
		delete(children, root.ID)
	}
	delete(children, "")
	for parent, list := range children {
		return fmt.Errorf("TIER %q: its parent %q stands under no tier that has times", list[0].ID, parent)
	}
	return nil
}

// child puts what a tier holds on the turns that it belongs to: as words, as what it is by
// its type, or as a line of the note.
func (e *eafReading) child(tier eafTier, line timeline, isWords bool) error {
	other := map[int][]string{} // values without a place in the nouns
	var order []int
	for i, a := range tier.Annotations {
		id, value, at := "", "", -1
		switch {
		case a.Aligned != nil:
			span, err := e.span(a.Aligned)
			if err != nil {
				return err
			}
			id, value, at = a.Aligned.ID, a.Aligned.Value, line.at(span)
			if at >= 0 && isWords {
				e.turns[id] = at
				e.Turns[at].Words = append(e.Turns[at].Words, pipeline.Word{Span: span, Text: value})
				continue
			}
		case a.Ref != nil:
			id, value = a.Ref.ID, a.Ref.Value
			if parent, ok := e.turns[a.Ref.Of]; ok {
				at = parent
			}
		}
		if at < 0 {
			return fmt.Errorf("ANNOTATION %s (%d of the tier) belongs to none of the parent tier", id, i+1)
		}
		e.turns[id] = at
		switch {
		case value == "":
		case slices.Contains(kinds[1:], tier.Type):
			e.attach(&e.Turns[at], tier.Type, value)
		default:
			if other[at] == nil {
				order = append(order, at)
			}
			other[at] = append(other[at], value)
		}
	}
	for _, at := range order {
		e.attach(&e.Turns[at], tier.ID, strings.Join(other[at], " | "))
	}
	return nil
}
