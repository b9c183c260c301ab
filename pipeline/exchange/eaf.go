package exchange

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"

	"lydhor/pipeline"
)

// The parts of an ELAN annotation document that we read and write, in the order the schema
// wants them (EAF 3.0, Max Planck Institute for Psycholinguistics).
type (
	eafDocument struct {
		XMLName      xml.Name        `xml:"ANNOTATION_DOCUMENT"`
		Author       string          `xml:"AUTHOR,attr"`
		Date         string          `xml:"DATE,attr"`
		Format       string          `xml:"FORMAT,attr"`
		Version      string          `xml:"VERSION,attr"`
		Header       eafHeader       `xml:"HEADER"`
		Times        eafTimes        `xml:"TIME_ORDER"`
		Tiers        []eafTier       `xml:"TIER"`
		Types        []eafType       `xml:"LINGUISTIC_TYPE"`
		Languages    []eafLanguage   `xml:"LANGUAGE"`
		Constraints  []eafConstraint `xml:"CONSTRAINT"`
		Vocabularies []eafVocabulary `xml:"CONTROLLED_VOCABULARY"`
	}
	eafHeader struct {
		TimeUnits  string        `xml:"TIME_UNITS,attr"`
		Media      []eafMedia    `xml:"MEDIA_DESCRIPTOR"`
		Properties []eafProperty `xml:"PROPERTY"`
	}
	eafMedia struct {
		URL      string `xml:"MEDIA_URL,attr"`
		Type     string `xml:"MIME_TYPE,attr"`
		Relative string `xml:"RELATIVE_MEDIA_URL,attr,omitempty"`
	}
	eafProperty struct {
		Name  string `xml:"NAME,attr"`
		Value string `xml:",chardata"`
	}
	eafTimes struct {
		Slots []eafSlot `xml:"TIME_SLOT"`
	}
	eafSlot struct {
		ID    string `xml:"TIME_SLOT_ID,attr"`
		Value *int64 `xml:"TIME_VALUE,attr"` // milliseconds; nil between slots that have one
	}
	eafTier struct {
		ID          string          `xml:"TIER_ID,attr"`
		Participant string          `xml:"PARTICIPANT,attr,omitempty"`
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
		ID       string `xml:"ANNOTATION_ID,attr"`
		Of       string `xml:"ANNOTATION_REF,attr"`
		Previous string `xml:"PREVIOUS_ANNOTATION,attr,omitempty"`
		Entry    string `xml:"CVE_REF,attr,omitempty"`
		Value    string `xml:"ANNOTATION_VALUE"`
	}
	eafType struct {
		ID          string `xml:"LINGUISTIC_TYPE_ID,attr"`
		Alignable   bool   `xml:"TIME_ALIGNABLE,attr"`
		Constraints string `xml:"CONSTRAINTS,attr,omitempty"`
		Graphic     bool   `xml:"GRAPHIC_REFERENCES,attr"`
		Vocabulary  string `xml:"CONTROLLED_VOCABULARY_REF,attr,omitempty"`
	}
	eafLanguage struct {
		ID    string `xml:"LANG_ID,attr"`
		Label string `xml:"LANG_LABEL,attr"`
	}
	eafConstraint struct {
		Stereotype  string `xml:"STEREOTYPE,attr"`
		Description string `xml:"DESCRIPTION,attr"`
	}
	eafVocabulary struct {
		ID          string         `xml:"CV_ID,attr"`
		Description eafWord        `xml:"DESCRIPTION"`
		Entries     []eafVocabItem `xml:"CV_ENTRY_ML"`
	}
	eafVocabItem struct {
		ID    string  `xml:"CVE_ID,attr"`
		Value eafWord `xml:"CVE_VALUE"`
	}
	eafWord struct {
		Language string `xml:"LANG_REF,attr"`
		Text     string `xml:",chardata"`
	}
)

// eafOther is the language of names that belong to none.
const eafOther = "und"

// Stereotypes of ELAN: how the annotations of a tier belong to those of its parent.
var eafConstraints = [...]eafConstraint{
	{"Symbolic_Subdivision", "Symbolic subdivision of a parent annotation. Annotations refering to the same parent are ordered"},
	{"Symbolic_Association", "1-1 association with a parent annotation"},
	{"Included_In", "Time alignable annotations within the parent annotation's time interval, gaps are allowed"},
}

// Tiers of turns are of this type, those under them of the type their kind is called.
const eafTurns = "turns"

// WriteEAF writes t as an ELAN document: for every speaker a tier of turns, and under it
// tiers of words, codes, themes, outcome, deciding turn and note, as far as there are any; music
// stands on a tier of its own.
// Codes, themes and outcomes are controlled vocabularies. The media descriptor names the
// sound after the transcript's ID; ELAN asks where it is. The document's date is the epoch,
// so that one transcript always gives the same file.
//
// It cannot carry probabilities, evidence, confidence, runs, notices, dropped text and PII,
// different roles of one speaker, nor two marks of one speaker at one time (tiersOf).
func WriteEAF(w io.Writer, t *pipeline.Transcript) error {
	tiers := tiersOf(t)
	doc := eafDocument{
		Author: "Lydhør", Date: "1970-01-01T00:00:00Z", Format: "3.0", Version: "3.0",
		Header:      eafHeaderOf(t, tiers),
		Languages:   []eafLanguage{{eafOther, "undetermined"}},
		Constraints: eafConstraints[:],
		Types: []eafType{
			{ID: eafTurns, Alignable: true},
			{ID: underWords, Alignable: true, Constraints: "Included_In"},
			{ID: underCodes, Constraints: "Symbolic_Subdivision", Vocabulary: underCodes},
			{ID: underThemes, Constraints: "Symbolic_Subdivision", Vocabulary: underThemes},
			{ID: underOutcome, Constraints: "Symbolic_Association", Vocabulary: underOutcome},
			{ID: underDecided, Constraints: "Symbolic_Association"},
			{ID: underNote, Constraints: "Symbolic_Association"},
			{ID: besideMusic, Alignable: true},
		},
	}
	entries := doc.vocabularies(tiers)
	var annotations int
	for _, s := range tiers {
		annotations = doc.speaker(s, entries, annotations)
	}
	annotations = doc.music(t.Music, annotations)
	doc.Header.property("lastUsedAnnotationId", strconv.Itoa(annotations))
	slices.SortStableFunc(doc.Times.Slots, func(a, b eafSlot) int { return cmp.Compare(*a.Value, *b.Value) })
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", " ")
	return enc.Encode(doc)
}

// Header properties of ours begin so.
const (
	eafOurs = "lydhor."
	eafRole = eafOurs + "role." // and the speaker's label
)

func eafHeaderOf(t *pipeline.Transcript, tiers []*speakerTiers) eafHeader {
	h := eafHeader{TimeUnits: "milliseconds"}
	if t.ID != "" {
		file := "./" + url.PathEscape(t.ID) + ".wav"
		h.Media = []eafMedia{{URL: file, Type: "audio/x-wav", Relative: file}}
	}
	h.property(eafOurs+"id", t.ID)
	h.property(eafOurs+"kind", string(t.Kind))
	h.property(eafOurs+"language", t.Language)
	h.property(eafOurs+"title", t.Title)
	if t.Synthetic {
		h.property(eafOurs+"synthetic", "true")
	}
	for _, s := range tiers {
		h.property(eafRole+s.Speaker, string(s.Role))
	}
	return h
}

func (h *eafHeader) property(name, value string) {
	if value != "" {
		h.Properties = append(h.Properties, eafProperty{name, value})
	}
}

// vocabularies adds the names of codes, themes and outcomes, and gives the entries' ids by
// kind and name.
func (d *eafDocument) vocabularies(tiers []*speakerTiers) map[[2]string]string {
	ids := map[[2]string]string{}
	for _, v := range []struct {
		kind  string
		known []string
	}{
		{underCodes, []string{string(pipeline.CitizenMeaning), string(pipeline.LabourMarketPerspective), string(pipeline.Institutional)}},
		{underThemes, nil},
		{underOutcome, outcomeNames()},
	} {
		vocabulary := eafVocabulary{ID: v.kind, Description: eafWord{Language: eafOther}}
		names := v.known
		for _, s := range tiers {
			for _, m := range s.Under[v.kind] {
				names = append(names, m.Text)
			}
		}
		for _, name := range names {
			key := [2]string{v.kind, name}
			if ids[key] == "" {
				ids[key] = fmt.Sprintf("%s%d", v.kind, len(vocabulary.Entries)+1)
				vocabulary.Entries = append(vocabulary.Entries, eafVocabItem{ids[key], eafWord{eafOther, name}})
			}
		}
		d.Vocabularies = append(d.Vocabularies, vocabulary)
	}
	return ids
}

func outcomeNames() []string {
	var names []string
	for _, o := range pipeline.Outcomes {
		names = append(names, string(o))
	}
	return names
}

// speaker adds the tiers of one speaker. last counts the annotations of the document,
// before and after.
func (d *eafDocument) speaker(s *speakerTiers, entries map[[2]string]string, last int) int {
	id := func() string { last++; return fmt.Sprintf("a%d", last) }
	turns := map[int]string{} // annotation by the turn's number
	tier := eafTier{ID: s.Name, Participant: s.Speaker, Type: eafTurns}
	for _, m := range s.Turns {
		turns[m.Of] = id()
		tier.Annotations = append(tier.Annotations, d.aligned(turns[m.Of], m))
	}
	d.Tiers = append(d.Tiers, tier)
	for _, kind := range kinds {
		tier := eafTier{ID: s.Name + " " + kind, Participant: s.Speaker, Parent: s.Name, Type: kind}
		previous, of := "", 0
		for _, m := range s.Under[kind] {
			if kind == underWords {
				tier.Annotations = append(tier.Annotations, d.aligned(id(), m))
				continue
			}
			if m.Of != of {
				previous, of = "", m.Of
			}
			ref := &eafRef{ID: id(), Of: turns[m.Of], Previous: previous, Entry: entries[[2]string{kind, m.Text}], Value: m.Text}
			tier.Annotations = append(tier.Annotations, eafAnnotation{Ref: ref})
			previous = ref.ID
		}
		if len(tier.Annotations) > 0 {
			d.Tiers = append(d.Tiers, tier)
		}
	}
	return last
}

// music adds a tier of where music is heard, if it is. last counts annotations as for speaker.
func (d *eafDocument) music(list []pipeline.Music, last int) int {
	tier := eafTier{ID: besideMusic, Type: besideMusic}
	for _, m := range musicMarks(list) {
		last++
		tier.Annotations = append(tier.Annotations, d.aligned(fmt.Sprintf("a%d", last), m))
	}
	if len(list) > 0 {
		d.Tiers = append(d.Tiers, tier)
	}
	return last
}

func (d *eafDocument) aligned(id string, m mark) eafAnnotation {
	slot := func(ms int64) string {
		id := fmt.Sprintf("ts%d", len(d.Times.Slots)+1)
		d.Times.Slots = append(d.Times.Slots, eafSlot{id, &ms})
		return id
	}
	return eafAnnotation{Aligned: &eafAligned{id, slot(m.Start.Milliseconds()), slot(m.End.Milliseconds()), m.Text}}
}
