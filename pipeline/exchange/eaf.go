package exchange

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"lydhor/pipeline"
	"slices"
	"time"
)

// The parts of an ELAN annotation document that we write, in the order the schema wants
// them (EAF 3.0, Max Planck Institute for Psycholinguistics).
type (
	eafDocument struct {
		XMLName     xml.Name        `xml:"ANNOTATION_DOCUMENT"`
		Author      string          `xml:"AUTHOR,attr"`
		Date        string          `xml:"DATE,attr"`
		Format      string          `xml:"FORMAT,attr"`
		Version     string          `xml:"VERSION,attr"`
		Header      eafHeader       `xml:"HEADER"`
		Slots       []eafSlot       `xml:"TIME_ORDER>TIME_SLOT"`
		Tiers       []eafTier       `xml:"TIER"`
		Types       []eafType       `xml:"LINGUISTIC_TYPE"`
		Constraints []eafConstraint `xml:"CONSTRAINT"`
	}
	eafHeader struct {
		MediaFile string `xml:"MEDIA_FILE,attr"`
		TimeUnits string `xml:"TIME_UNITS,attr"`
	}
	eafSlot struct {
		ID    string `xml:"TIME_SLOT_ID,attr"`
		Value int64  `xml:"TIME_VALUE,attr"`
	}
	eafTier struct {
		ID          string          `xml:"TIER_ID,attr"`
		Participant pipeline.Role   `xml:"PARTICIPANT,attr,omitempty"`
		Parent      string          `xml:"PARENT_REF,attr,omitempty"`
		Type        string          `xml:"LINGUISTIC_TYPE_REF,attr"`
		Annotations []eafAnnotation `xml:"ANNOTATION"`
	}
	eafAnnotation struct {
		Aligned *eafAligned `xml:"ALIGNABLE_ANNOTATION"`
		Ref     *eafRef     `xml:"REF_ANNOTATION"`
	}
	eafAligned struct {
		ID    string `xml:"ANNOTATION_ID,attr"`
		From  string `xml:"TIME_SLOT_REF1,attr"`
		To    string `xml:"TIME_SLOT_REF2,attr"`
		Value string `xml:"ANNOTATION_VALUE"`
	}
	eafRef struct {
		ID    string `xml:"ANNOTATION_ID,attr"`
		Of    string `xml:"ANNOTATION_REF,attr"`
		Value string `xml:"ANNOTATION_VALUE"`
	}
	eafType struct {
		ID          string `xml:"LINGUISTIC_TYPE_ID,attr"`
		Alignable   bool   `xml:"TIME_ALIGNABLE,attr"`
		Constraints string `xml:"CONSTRAINTS,attr,omitempty"`
		Graphic     bool   `xml:"GRAPHIC_REFERENCES,attr"`
	}
	eafConstraint struct {
		Stereotype  string `xml:"STEREOTYPE,attr"`
		Description string `xml:"DESCRIPTION,attr"`
	}
)

// WriteEAF writes t as an ELAN document: for every speaker a tier of turns, below it a tier
// of codes that belong to the turns, and a tier of words where their times are known. The
// sound is linked in ELAN. The document's date is the epoch, so that one transcript always
// gives the same file.
func WriteEAF(w io.Writer, t *pipeline.Transcript) error {
	doc := eafDocument{
		Author: "Lydhør", Date: "1970-01-01T00:00:00Z", Format: "3.0", Version: "3.0",
		Header: eafHeader{TimeUnits: "milliseconds"},
		Types: []eafType{
			{ID: "turn", Alignable: true},
			{ID: "word", Alignable: true},
			{ID: "code", Constraints: "Symbolic_Association"},
		},
		Constraints: []eafConstraint{{"Symbolic_Association", "1-1 association with a parent annotation"}},
	}
	speakers := tiersOf(t)
	named(speakers)
	for _, s := range speakers {
		doc.aligned("turn", s.Turns)
		if len(s.Codes.Marks) > 0 {
			doc.refer("code", s.Codes, s.Turns.Name)
		}
		if len(s.Words.Marks) > 0 {
			doc.aligned("word", s.Words)
		}
	}
	slices.SortStableFunc(doc.Slots, func(a, b eafSlot) int { return cmp.Compare(a.Value, b.Value) })
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", " ")
	return enc.Encode(doc)
}

// aligned adds a tier whose annotations have times. Those of turns are called after the
// turn's number, so that codes can refer to them.
func (d *eafDocument) aligned(kind string, t tier) {
	tier := eafTier{ID: t.Name, Participant: t.Role, Type: kind}
	for i, m := range t.Marks {
		id := fmt.Sprintf("a%d", m.Of)
		if kind != "turn" {
			id = fmt.Sprintf("%s%d-%d", kind[:1], m.Of, i+1)
		}
		tier.Annotations = append(tier.Annotations, eafAnnotation{Aligned: &eafAligned{id, d.slot(m.Start), d.slot(m.End), m.Text}})
	}
	d.Tiers = append(d.Tiers, tier)
}

// refer adds a tier whose annotations stand on those of parent.
func (d *eafDocument) refer(kind string, t tier, parent string) {
	tier := eafTier{ID: t.Name, Participant: t.Role, Parent: parent, Type: kind}
	for _, m := range t.Marks {
		tier.Annotations = append(tier.Annotations, eafAnnotation{Ref: &eafRef{fmt.Sprintf("c%d", m.Of), fmt.Sprintf("a%d", m.Of), m.Text}})
	}
	d.Tiers = append(d.Tiers, tier)
}

func (d *eafDocument) slot(at time.Duration) string {
	id := fmt.Sprintf("ts%d", len(d.Slots)+1)
	d.Slots = append(d.Slots, eafSlot{id, at.Milliseconds()})
	return id
}
